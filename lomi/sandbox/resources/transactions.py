from __future__ import annotations

from typing import Final

from ..behaviours import List
from ..resource import Operation, Resource, Shape, Step
from .customers import CUSTOMERS
from .merchants import credit

STATUSES: Final = ("pending", "completed", "failed", "refunded", "expired")
# What a customer's transactions look like.
LISTED: Final = Shape(
    "transaction_id status gross_amount currency_code description metadata payment_method_code provider_code"
    " created_at",
    docs="transaction_id description gross_amount currency_code status created_at",
    smallest=("gross_amount",),
)


TRANSACTIONS: Final = Resource(
    "transactions",
    key="transaction_id",
    prefix="tx",
    noun="Transaction",
    shape=Shape(
        "transaction_id organization_id customer_id product_id subscription_id transaction_type status description"
        " gross_amount fee_amount net_amount currency_code provider_code payment_method_code metadata fee_name"
        " fee_category fee_subcategory created_at updated_at"
    ),
    indexed=("customer_id",),
    steps=(
        Step(None, "completed", event="PAYMENT_SUCCEEDED", effect=credit),
        Step(None, "pending"),
        Step(None, "failed", event="PAYMENT_FAILED"),
        Step(None, "refunded"),
        Step(None, "expired"),
        Step("pending", "completed", event="PAYMENT_SUCCEEDED", effect=credit),
        Step("pending", "failed", event="PAYMENT_FAILED"),
        Step("pending", "expired"),
        Step("failed", "completed", event="PAYMENT_SUCCEEDED", effect=credit),
        Step("completed", "refunded"),
    ),
    operations=(
        Operation(
            "GET",
            "/customers/{id}/transactions",
            List("array", parent=CUSTOMERS, shape=LISTED),
            account="customer.read",
        ),
    ),
)
