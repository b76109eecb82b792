from __future__ import annotations

from typing import Final

from ..behaviours import Filter, Get, List, date_filters, field_filter, status_filter
from ..clock import to_datetime
from ..engine import Engine
from ..fields import CURRENCIES
from ..ledger import Book
from ..resource import Operation, Resource, Shape, Step, View
from ..store import Record, Values
from .customers import CUSTOMERS
from .discount_coupons import redeem_coupons
from .merchants import credit
from .subscriptions import renew, subscribe

STATUSES: Final = ("pending", "completed", "failed", "refunded", "expired")
PROVIDERS: Final = ("WAVE", "JUMBO", "MTN", "STRIPE", "SPI", "CYBERSOURCE", "FREE")
METHODS: Final = ("CARDS", "MOBILE_MONEY", "BANK_TRANSFER", "BNPL", "FREE")
KEYS: Final = (
    "transaction_id organization_id customer_id product_id subscription_id transaction_type status description"
    " gross_amount fee_amount net_amount currency_code provider_code payment_method_code metadata fee_structure_id"
    " fee_name fee_category fee_subcategory created_at updated_at"
)
# What a list shows has other keys than the object by itself.
ROW: Final = (
    "transaction_id organization_id transaction_type status gross_amount fee_amount net_amount currency_code"
    " gross_amount_xof fee_amount_xof net_amount_xof quantity provider_code payment_method_code metadata created_at"
    " customer_id customer_name customer_email customer_phone customer_address customer_city customer_country"
    " customer_postal_code product_id product_name product_description product_price subscription_id"
    " subscription_status subscription_next_billing_date subscription_price_billing_interval"
    " subscription_product_name subscription_product_description coupon_code coupon_usage_details fee_structure_id"
    " fee_name fee_category fee_subcategory provider_checkout_id provider_transaction_id qr_code_id qr_code_name"
    " qr_code_product_id qr_code_type spi_payment_category spi_rejection_reason"
)
# What a customer's transactions look like.
LISTED: Final = Shape(
    "transaction_id status gross_amount currency_code description metadata payment_method_code provider_code"
    " created_at",
    docs="transaction_id description gross_amount currency_code status created_at",
    minor=("gross_amount",),
)


def _completed(engine: Engine, record: Record) -> None:
    credit(engine, record)
    redeem_coupons(engine, record, record["discounts"] or [])
    _bill(engine, record)
    _take_along(engine, record, "completed", ("open",))


def _bill(engine: Engine, record: Record) -> None:
    """Begin the subscription that a checkout pays for, or go on with it."""
    if record["checkout_session_id"] is None or record["transaction_type"] != "instalment":
        return
    subscription = engine.store.find("subscriptions", record["subscription_id"])
    price = engine.store.find("prices", record["price_id"])
    if subscription is not None and subscription.status in {"active", "past_due"}:
        renew(engine, subscription, record)
    elif subscription is None and price is not None:
        subscribe(
            engine,
            customer_id=record["customer_id"],
            price=price,
            environment=record.environment,
            transaction=record,
            saved_card=record["payment_method_code"] == "CARDS",
            metadata=record["metadata"],
        )


def _failed(engine: Engine, record: Record) -> None:
    _take_along(engine, record, "failed", ())


def _take_along(engine: Engine, record: Record, target: str, sessions: tuple[str, ...]) -> None:
    """Move what was paid for to the same state: the checkout session, and the request or invoice behind it."""
    for type, key, sources, reached in (
        ("checkout_sessions", "checkout_session_id", sessions, target),
        ("payment_requests", "payment_request_id", ("pending", "failed"), target),
        ("invoices", "invoice_id", ("sent",) if target == "completed" else (), "paid"),
    ):
        paid = engine.store.find(type, record[key])
        if paid is not None and paid.status in sources and paid.status != reached:
            engine.step(paid, reached)


def _expired(engine: Engine, record: Record) -> None:
    info: Values = {"expired_at": to_datetime(engine.now).isoformat()}
    record.body["metadata"] = {**(record["metadata"] or {}), "expiration_info": info}


def _finish(view: View, record: Record, values: Values) -> Values:
    if "quantity" not in values:
        return values
    store = view.engine.store
    found = {name: store.find(f"{name}s", record[f"{name}_id"]) for name in ("customer", "product", "subscription")}
    looked_up: Values = {
        f"{name}_{key}": None if (owner := found[name]) is None else owner[key]
        for name, keys in (
            ("customer", "name email address city country postal_code"),
            ("product", "name description"),
        )
        for key in keys.split()
    }
    looked_up["customer_phone"] = None if found["customer"] is None else found["customer"]["phone_number"]
    looked_up["subscription_status"] = None if found["subscription"] is None else found["subscription"].status
    if Book.of(record).currency_code == "XOF":
        looked_up.update((f"{name}_amount_xof", record[f"{name}_amount"]) for name in ("gross", "fee", "net"))
    return {**values, **looked_up, "quantity": record["quantity"] or 1}


class Transactions(Resource):
    """The transactions, whose events lack what the server removes before it sends them."""

    def event_data(self, engine: Engine, record: Record) -> Values:
        data = super().event_data(engine, record)
        metadata = data["metadata"]
        if isinstance(metadata, dict):
            # The merchant's own keys as well, if they begin so.
            data["metadata"] = {name: value for name, value in metadata.items() if not name.startswith("stripe_")}
        return {name: value for name, value in data.items() if name != "fee_structure_id"}


TRANSACTIONS: Final = Transactions(
    "transactions",
    key="transaction_id",
    noun="Transaction",
    shape=Shape(KEYS),
    indexed=("customer_id", "checkout_session_id"),
    steps=(
        Step(None, "completed", event="PAYMENT_SUCCEEDED", effect=_completed),
        Step(None, "pending"),
        Step(None, "failed", event="PAYMENT_FAILED", effect=_failed),
        Step(None, "refunded"),
        Step(None, "expired"),
        Step("pending", "completed", event="PAYMENT_SUCCEEDED", effect=_completed),
        Step("pending", "failed", event="PAYMENT_FAILED", effect=_failed),
        # Without an event, as on the server.
        Step("pending", "expired", at="waits_until", effect=_expired),
        # A card can be tried again, in the same payment.
        Step("failed", "completed", event="PAYMENT_SUCCEEDED", effect=_completed),
        Step("failed", "failed", event="PAYMENT_FAILED", effect=_failed),
        Step("completed", "refunded"),
    ),
    finish=_finish,
    operations=(
        Operation(
            "GET",
            "/customers/{id}/transactions",
            List("array", parent=CUSTOMERS, shape=LISTED),
            account="customer.read",
        ),
        Operation(
            "GET",
            "/transactions",
            List(
                *("array", "data", "page"),
                shape=Shape(ROW),
                filters=(
                    field_filter("provider", "provider_code", PROVIDERS),
                    status_filter(*STATUSES, several=True),
                    field_filter("type", "transaction_type", ("payment", "instalment"), several=True),
                    field_filter("currency", "currency_code", CURRENCIES, several=True),
                    field_filter("paymentMethod", "payment_method_code", METHODS, several=True),
                    Filter("isPos", "0 = ?", ("true", "false"), value=lambda word: word == "true"),
                    *date_filters(),
                ),
            ),
            account="transaction.read_own",
        ),
        Operation("GET", "/transactions/{id}", Get(shape=Shape(KEYS)), account="transaction.read_own"),
    ),
)
