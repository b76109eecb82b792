from __future__ import annotations

from typing import Final

from ..behaviours import Create, Get, List, field_filter, flag_filter
from ..fields import CURRENCIES
from ..resource import NOT_FOUND, Call, Field, Operation, Resource, Shape, View
from ..store import Record, Values
from .products import find_price

KEYS: Final = (
    "link_id organization_id link_type title url amount currency_code description product_id price_id quantity"
    " allow_coupon_code allow_quantity require_billing_address is_active expires_at success_url cancel_url metadata"
    " environment created_by created_at updated_at"
)


def _checked(call: Call, values: Values, _: Record | None) -> Values:
    """Return a new link; an error if the database's own rules refuse it."""
    amount = values["amount"]
    if values["link_type"] == "instant":
        if not isinstance(amount, (int, float)) or amount <= 0 or values["product_id"] is not None:
            raise call.dialect.refusal("amount", "must be above 0, and product_id absent, for an instant link")
    else:
        if amount is not None or values["product_id"] is None:
            raise call.dialect.refusal("product_id", "must be a product, and amount absent, for a product link")
        values["price_id"] = find_price(call, values).id
    return {**values, "quantity": 1, "is_active": True, "created_by": call.caller.merchant_id}


def _finish(view: View, record: Record, values: Values) -> Values:
    return {**values, "url": f"{view.engine.address}/_sandbox/pay/link/{record.id}"}


PAYMENT_LINKS: Final = Resource(
    "payment_links",
    key="link_id",
    noun="Payment link",
    # Metadata is documented, and dropped.
    fields=(
        Field("link_type", required=True, choices=("instant", "product")),
        Field("title", required=True),
        Field("currency_code", required=True, choices=CURRENCIES),
        Field("amount", "number"),
        Field("product_id", "uuid"),
        Field("price_id", "uuid"),
        Field("description"),
        Field("allow_coupon_code", "boolean", absent=False),
        Field("allow_quantity", "boolean", absent=False),
        Field("require_billing_address", "boolean", absent=True, keeps_falsy=True),
        Field("expires_at", "time"),
        Field("success_url"),
        Field("cancel_url"),
    ),
    shape=Shape(f"{KEYS} line_items"),
    prepare=_checked,
    finish=_finish,
    operations=(
        Operation("POST", "/payment-links", Create()),
        Operation(
            "GET",
            "/payment-links",
            List(
                *("counted", "data", "window", 20),
                filters=(
                    field_filter("linkType", "link_type", ("product", "instant")),
                    flag_filter("isActive", "is_active"),
                ),
                scoped=False,
                shape=Shape(KEYS),
            ),
        ),
        Operation("GET", "/payment-links/{id}", Get(), errors=NOT_FOUND),
    ),
)
