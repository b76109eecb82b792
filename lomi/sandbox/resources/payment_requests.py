from __future__ import annotations

from typing import Final

from ..behaviours import Condition, Create, Filter, Get, List, status_filter
from ..fields import CURRENCIES
from ..http import ApiError, DatabaseError
from ..resource import NOT_FOUND, Call, DatabaseErrors, Field, Operation, Resource, Shape, Step, View
from ..store import Record, Values
from .transactions import STATUSES

KEYS: Final = (
    "request_id organization_id customer_id amount currency_code description payment_reference payment_link status"
    " expiry_date environment created_by created_at updated_at"
)
# What is read back has a key more, which is always empty: metadata is documented, and dropped.
READ: Final = Shape(f"{KEYS} metadata")


class CustomerFilter(Filter):
    """The parameter `customerId`, the only one that the server checks by itself."""

    def read(self, call: Call) -> Condition | None:
        sent = call.query.get(self.name, [""])[0]
        if not sent:
            return None
        try:
            id = call.dialect.read_id("cus", sent)
        except DatabaseError:
            raise ApiError(400, f"Invalid customer ID format: {sent}") from None
        return self.condition, [id]


def _checked(call: Call, values: Values, _: Record | None) -> Values:
    amount, customer = values["amount"], values["customer_id"]
    if not isinstance(amount, (int, float)) or amount <= 0:
        raise call.dialect.refusal("amount", "must be above 0")
    if customer is not None and call.engine.store.find("customers", str(customer)) is None:
        raise call.dialect.refusal("customer_id", "must be a customer")
    return {**values, "created_by": call.caller.merchant_id}


def _finish(view: View, record: Record, values: Values) -> Values:
    return {**values, "payment_link": f"{view.engine.address}/_sandbox/pay/request/{record.id}"}


PAYMENT_REQUESTS: Final = Resource(
    "payment_requests",
    key="request_id",
    noun="Payment request",
    fields=(
        Field("amount", "number", required=True),
        Field("currency_code", required=True, choices=CURRENCIES),
        Field("expiry_date", "time", required=True),
        Field("description"),
        Field("customer_id", "uuid", prefix="cus"),
        Field("payment_reference"),
    ),
    shape=Shape(KEYS),
    steps=(
        Step(None, "pending"),
        Step("pending", "completed"),
        Step("pending", "failed"),
        Step("failed", "completed"),
        Step("pending", "expired", at="expiry_date"),
        Step("failed", "expired", at="expiry_date"),
    ),
    indexed=("customer_id",),
    prepare=_checked,
    finish=_finish,
    operations=(
        Operation("POST", "/payment-requests", Create(), idempotent=True, limit=(120, 60)),
        Operation(
            "GET",
            "/payment-requests",
            List(
                *("counted", "data", "window", 20),
                filters=(
                    status_filter(*STATUSES),
                    CustomerFilter("customerId", "json_extract(body, '$.customer_id') = ?"),
                ),
                scoped=False,
                shape=READ,
            ),
            errors=DatabaseErrors(500, "Failed to fetch payment requests: {text}"),
        ),
        Operation("GET", "/payment-requests/{id}", Get(shape=READ), errors=NOT_FOUND),
    ),
)
