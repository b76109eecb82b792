from __future__ import annotations

from datetime import timedelta
from typing import Final

from ..behaviours import Create, Get, List, status_filter
from ..engine import MICROSECOND, Engine
from ..fields import CURRENCIES, LARGEST_NUMBER
from ..http import ApiError, DatabaseError, JsonValue, Reply
from ..resource import NOT_FOUND, Call, Field, Operation, Resource, Shape, Step, View
from ..store import Record, Values, by
from .products import find_price
from .subscriptions import first_amount

LIFETIME: Final = timedelta(minutes=60)
INVOICE_LIFETIME: Final = timedelta(days=7)
CREATED: Final = "checkout_session_id checkout_url amount currency_code expires_at environment line_item_count"
KEYS: Final = (
    "checkout_session_id organization_id merchant_id status amount currency_code title description customer_id"
    " customer_name customer_email customer_phone product_id subscription_id payment_link_id success_url cancel_url"
    " metadata expires_at created_at updated_at"
)
PERSON: Final = ("email", "name", "phone", "city", "country", "address", "postal_code")
READ: Final = Shape(KEYS)
TEMPLATE: Final = (
    "Checkout session id is the literal placeholder {CHECKOUT_SESSION_ID}: it is replaced in success_url only when"
    " the payer is sent there. Use the checkout_session_id of the response"
)


def page_url(engine: Engine, session: Record) -> str:
    """Return the address of the page where a session is paid."""
    return f"{engine.address}/_sandbox/pay/checkout/{session.id}"


def create(call: Call) -> Reply:
    # A cart, and the payment of an invoice, are never blocked.
    sent, metadata = call.sent, call.sent.get("metadata")
    paying = isinstance(metadata, dict) and metadata.get("payment_flow") == "invoice_payment"
    invoice = None if sent.get("line_items") or paying else _unpaid(call)
    if invoice is None:
        return CREATE(call)
    session = call.engine.store.find("checkout_sessions", invoice["checkout_session_id"])
    blocking: Values = {
        "invoice_id": invoice.id,
        "invoice_number": invoice["invoice_number"],
        "amount_remaining": invoice["amount"],
        "currency_code": invoice["currency_code"],
        "checkout_url": None if session is None else page_url(call.engine, session),
    }
    block: Values = {"payment_required": True, "reason": "invoice_payment_required", "blocking_invoice": blocking}
    return Reply(201, block, replayable=False)


def get(call: Call) -> Reply:
    call.params["id"] = call.id.strip()
    if call.id.strip("{}") == "CHECKOUT_SESSION_ID":
        raise ApiError(400, TEMPLATE)
    try:
        known = call.dialect.read_id("", call.id) is not None
    except DatabaseError:
        known = False
    if not known:
        raise ApiError(400, "Checkout session id must be a UUID")
    return READ_ONE(call)


def _unpaid(call: Call) -> Record | None:
    """Return the oldest unpaid invoice of the customer or the subscription."""
    for key, prefix in (("customer_id", "cus"), ("subscription_id", "")):
        if call.sent.get(key):
            id = call.dialect.read_id(prefix, str(call.sent[key]))
            where = by(owner=call.caller.merchant_id, status="sent", **{key: id})
            found = call.engine.store.select("invoices", *where)
            if found:
                return found[-1]
    return None


def _priced(call: Call, values: Values, _: Record | None) -> Values:
    """Return a new session, with its amount; an error if the database's own rules refuse it."""
    cart = values.pop("line_items")
    source = values.pop("integration_source")
    if source is not None:
        metadata = values["metadata"]
        values["metadata"] = {**(metadata if isinstance(metadata, dict) else {}), "integration_source": source}
    if isinstance(cart, list) and cart:
        values.update(_cart_values(call, cart, values["currency_code"]))
    else:
        values["amount"] = _amount(call, values)
    return opened(call.engine, call.caller.merchant_id, values)


def opened(engine: Engine, owner: str, values: Values, lifetime: timedelta = LIFETIME) -> Values:
    """Return the body of a session that is open from now on."""
    return {**values, "merchant_id": owner, "expires_at": engine.now + lifetime // MICROSECOND}


def _amount(call: Call, values: Values) -> int | float:
    for key, type in (("payment_link_id", "payment_links"), ("subscription_id", "subscriptions")):
        if values["amount"] is None and values["product_id"] is None and values["price_id"] is None:
            source = call.engine.store.find(type, str(values[key]))
            if source is not None:
                values.update({name: source[name] for name in ("amount", "product_id", "price_id")})
    amount, free = values["amount"], False
    if values["product_id"] is not None or values["price_id"] is not None:
        price = find_price(call, values)
        values.update(product_id=price["product_id"], price_id=price.id)
        renewed = values["subscription_id"] is not None
        amount = price_amount(call.engine, price, values["quantity"], amount, renewed=renewed)
        # A trial begins with nothing to pay.
        free = amount == 0 and is_recurring(call.engine, price)
    if not isinstance(amount, (int, float)) or (amount <= 0 and not free) or amount > LARGEST_NUMBER:
        raise call.dialect.refusal("amount", "must be above 0, and fit the price")
    return amount


def is_recurring(engine: Engine, price: Record | None) -> bool:
    """Return whether who pays a price subscribes."""
    product = None if price is None else engine.store.find("products", price["product_id"])
    return product is not None and product["product_type"] == "recurring"


def price_amount(
    engine: Engine, price: Record, quantity: JsonValue, asked: JsonValue = None, *, renewed: bool = False
) -> int | float | None:
    """Return what so many of a price cost; None if the amount that was asked for does not fit it."""
    count = quantity if isinstance(quantity, int) else 1
    first = is_recurring(engine, price) and not renewed
    amount: int | float = (first_amount(engine, price) if first else price["amount"]) * count
    if not isinstance(asked, (int, float)):
        return amount
    if price["pricing_model"] == "pay_what_you_want":
        most = asked if price["maximum_amount"] is None else price["maximum_amount"] * count
        return asked if (price["minimum_amount"] or 0) * count <= asked <= most else None
    return asked if asked == amount else None


def _cart_values(call: Call, cart: list[JsonValue], currency: JsonValue) -> Values:
    """Return what a cart makes of a session: what else it had for a single item is ignored."""
    total: int | float = 0
    kinds: set[str] = set()
    for item in cart:
        sent = item if isinstance(item, dict) else {}
        price = find_price(call, {"price_id": str(sent.get("price_id")), "product_id": None, "currency_code": currency})
        if price["pricing_model"] == "pay_what_you_want":
            raise ApiError(400, "Checkout line_items rejected: pwyw not supported")
        product = call.engine.store.find("products", price["product_id"])
        kinds.add("" if product is None else str(product["product_type"]))
        quantity = sent.get("quantity", 1)
        if not isinstance(quantity, int) or not 1 <= quantity <= LARGEST_NUMBER:
            raise call.dialect.refusal("line_items", "must have quantities from 1")
        total += price["amount"] * quantity
    if total > LARGEST_NUMBER:
        raise call.dialect.refusal("amount", "must fit the column")
    if len(kinds) > 1:
        raise ApiError(400, "Checkout line_items rejected: mixed product types")
    if kinds != {"one_time"}:
        raise ApiError(400, f"Checkout line_items rejected: {kinds.pop().replace('_', ' ')} not supported")
    ignored: Values = dict.fromkeys(("product_id", "price_id", "subscription_id"))
    return {**ignored, "quantity": 1, "allow_quantity": False, "amount": total, "line_item_count": len(cart)}


def _finish(view: View, record: Record, values: Values) -> Values:
    if "checkout_url" in values:
        values["checkout_url"] = page_url(view.engine, record)
        if values["line_item_count"] is None:
            del values["line_item_count"]
    return values


CREATE: Final = Create()
READ_ONE: Final = Get(shape=READ)

# Behind a session that has to be paid before there can be another one; not a resource of the API.
INVOICES: Final = Resource(
    "invoices", key="invoice_id", noun="Invoice", steps=(Step(None, "sent"), Step("sent", "paid"))
)

CHECKOUT_SESSIONS: Final = Resource(
    "checkout_sessions",
    key="checkout_session_id",
    noun="Checkout session",
    fields=(
        Field("currency_code", required=True, choices=CURRENCIES),
        Field("amount", "number", keeps_falsy=True),
        Field("line_items", "json"),
        Field("title"),
        Field("description"),
        Field("customer_id", "uuid", prefix="cus"),
        *(Field(f"customer_{name}") for name in PERSON),
        Field("product_id", "uuid"),
        Field("price_id", "uuid"),
        Field("subscription_id", "uuid"),
        Field("quantity", "integer", absent=1),
        Field("allow_quantity", "boolean", absent=False),
        Field("allow_coupon_code", "boolean", absent=False),
        Field("require_billing_address", "boolean", absent=False),
        Field("success_url"),
        Field("cancel_url"),
        Field("payment_link_id", "uuid"),
        Field("integration_source"),
        Field("metadata", "metadata"),
    ),
    shape=Shape(CREATED),
    steps=(Step(None, "open"), Step("open", "completed"), Step("open", "expired", at="expires_at")),
    prepare=_priced,
    finish=_finish,
    operations=(
        Operation("POST", "/checkout-sessions", create, account="payment.create", idempotent=True, limit=(120, 60)),
        Operation(
            "GET",
            "/checkout-sessions",
            List(
                *("array", "data", "window", 20),
                filters=(status_filter("open", "completed", "expired"),),
                scoped=False,
                shape=READ,
            ),
        ),
        Operation("GET", "/checkout-sessions/{id}", get, errors=NOT_FOUND),
    ),
)
