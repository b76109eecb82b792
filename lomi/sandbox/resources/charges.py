from __future__ import annotations

import re
from typing import Final

from ..checks import is_number
from ..engine import StateError
from ..fields import LARGEST_NUMBER, Field
from ..http import ApiError, DatabaseError, JsonValue, Reply
from ..paying import Payment, find_payer, first_status
from ..resource import Call, Operation, Resource, Step
from ..store import Record, Values

UUID4: Final = re.compile(r"(?i)[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
THEMES: Final = {"light": "light", "dark": "dark", "flat": "flat", "stripe": "light", "night": "dark"}
COUNTRIES: Final = ("CI", "CM", "GH", "UG", "ZM", "BJ", "CG", "SZ", "GN", "ZA", "LR", "NG")
MOBILE: Final = (
    Field("amount", "number", required=True),
    Field("currency", required=True),
    Field("customer", "json", required=True),
    Field("description"),
)
WAVE: Final = (*MOBILE, Field("successUrl"), Field("errorUrl"))
MTN: Final = (
    *MOBILE,
    Field("countryCode", absent="CI"),
    Field("productId", "uuid"),
    Field("subscriptionId", "uuid"),
    Field("quantity", "integer", absent=1),
)
UNRESOLVED: Final = "Provide customer_id, or customer_email and customer_name with a valid email."


def create_wave(call: Call) -> Reply:
    values = call.dialect.create(WAVE, call.body)
    if values["currency"] != "XOF":
        raise ApiError(400, "Wave: currency must be XOF")
    engine, links = call.engine, {"success_url": values["successUrl"], "cancel_url": values["errorUrl"]}
    payment = _payment(call, values, values["amount"], "CI", links)
    id = f"cos-{engine.ids.make('wave_session', engine.store.next_number('transactions')).replace('-', '')[:13]}"
    payment.links["provider_checkout_id"] = id
    with engine.store.transaction():
        made = payment.start(engine, "WAVE", first_status(engine), wave_session_id=id)
    session: Values = {
        "id": id,
        "amount": str(payment.amount),
        "currency": "XOF",
        "checkout_status": "open",
        "payment_status": "processing",
    }
    url = f"{engine.address}/_sandbox/pay/charge/{made.id}"
    return Reply(201, {"transactionId": made.id, "checkoutUrl": url, "waveSession": session})


def create_mtn(call: Call) -> Reply:
    values = call.dialect.create(MTN, call.body)
    amount, quantity = values["amount"], values["quantity"]
    if not _customer(values).get("phoneNumber"):
        raise ApiError(500, "the customer has no phoneNumber")
    total = amount * quantity if isinstance(amount, (int, float)) and isinstance(quantity, int) else 0
    country = str(values["countryCode"])
    links: Values = {"product_id": values["productId"], "subscription_id": values["subscriptionId"]}
    engine = call.engine
    payment = _payment(call, values, total, country if country in COUNTRIES else "CI", links)
    with engine.store.transaction():
        made = payment.start(engine, "MTN", first_status(engine))
    reference = engine.ids.make("mtn_reference", made.number)
    data: Values = {
        "transaction_id": made.id,
        "external_id": engine.ids.make("mtn_external", made.number),
        "reference_id": reference,
        "status": "PENDING",
        "mtn_response": {"referenceId": reference},
    }
    return Reply(201, call.dialect.envelope(data))


def create_card(call: Call) -> Reply:
    sent = call.sent
    amount, currency = _positive(sent.get("amount")), str(sent.get("currency_code") or sent.get("currency") or "XOF")
    if currency.upper() not in {"XOF", "USD", "EUR"}:
        raise ApiError(400, f"Unsupported currency '{currency}'. Use XOF, USD, or EUR.")
    appearance = _appearance(sent)
    customer_id = _payer(call)
    links: Values = {}
    for name in ("product_id", "subscription_id"):
        if sent.get(name) is not None:
            if UUID4.fullmatch(str(sent[name])) is None:
                raise ApiError(400, f"{name} must be a UUID v4")
            links[name] = sent[name]
    payment = Payment(
        *(call.caller.merchant_id, call.caller.environment, customer_id, amount, currency.upper()),
        description=str(sent["description"]) if sent.get("description") else None,
        metadata=sent.get("metadata"),
        links=links,
    )
    with call.engine.store.transaction():
        charge = payment.start_card(call.engine)
    data = _shown(charge)
    if appearance:
        data["appearance"] = appearance
    return Reply(201, call.dialect.envelope(data))


def get_card(call: Call) -> Reply:
    charge = _find(call)
    paid = call.engine.store.find("transactions", charge["transaction_id"])
    transaction: Values | None = None if paid is None else {"transaction_id": paid.id, "status": paid.status}
    return Reply(200, call.dialect.envelope({**_shown(charge), "transaction": transaction}))


def cancel_card(call: Call) -> Reply:
    charge = _find(call)
    try:
        call.engine.step(charge, "canceled")
    except StateError:
        raise ApiError(500, "the payment intent can no longer be canceled") from None
    return Reply(201, call.dialect.envelope({"id": charge.id, "status": charge.status}))


def _shown(charge: Record) -> Values:
    names = ("client_secret", "amount", "currency", "original_amount", "original_currency")
    return {"id": charge.id, **{name: charge[name] for name in names}, "status": charge.status}


def _find(call: Call) -> Record:
    charge = call.engine.store.find("charges", call.id)
    # The processor has an account for each environment.
    if charge is None or charge.environment != call.caller.environment:
        raise ApiError(404, f"No such payment_intent: '{call.id}'")
    if charge.owner != call.caller.merchant_id:
        raise ApiError(403, "Access denied to this payment intent")
    return charge


def _positive(value: JsonValue) -> int | float:
    """Return an amount, which may be sent as text."""
    try:
        number = float(value) if isinstance(value, str) else value
    except ValueError:
        number = None
    if isinstance(number, (int, float)) and is_number(number, 0, LARGEST_NUMBER) and number:
        return int(number) if float(number).is_integer() else number
    raise ApiError(400, "amount must be a positive number")


def _payer(call: Call) -> str:
    """Return the id of the customer who pays by card."""
    sent, caller = call.sent, call.caller
    named = sent.get("customer_id")
    if named is not None:
        id = call.dialect.read_id("cus", str(named)) if call.dialect.name == "docs" else str(named).lower()
        if id is None or UUID4.fullmatch(id) is None:
            raise ApiError(400, "customer_id must be a UUID v4")
        if call.engine.store.find("customers", id) is None:
            raise ApiError(400, "Unable to resolve customer for reconciliation. Provide an existing customer_id.")
        return id
    email, name = sent.get("customer_email"), sent.get("customer_name")
    if re.fullmatch(r"[^@\s]+@[^@\s.]+\.[^@\s]+", str(email or "")) is None:
        raise ApiError(400, UNRESOLVED)
    if not name:
        both = "Provide customer_id, or both customer_email and customer_name so the payment can be reconciled."
        raise ApiError(400, both)
    phone = sent.get("customer_phone")
    return find_payer(call.engine, caller.merchant_id, caller.environment, name=name, email=email, phone=phone)


def _customer(values: Values) -> Values:
    customer = values["customer"]
    if not isinstance(customer, dict):
        raise DatabaseError("the customer is no object")
    return customer


def _payment(call: Call, values: Values, amount: JsonValue, country: str, links: Values) -> Payment:
    """Return the payment of a charge by mobile money."""
    if not isinstance(amount, (int, float)) or not 0 < amount <= LARGEST_NUMBER:
        raise ApiError(400, "amount must be greater than 0, and fit the column")
    owner, environment = call.caller.merchant_id, call.caller.environment
    person = _customer(values)
    payer = find_payer(
        *(call.engine, owner, environment),
        name=person.get("name"),
        email=person.get("email"),
        phone=person.get("phoneNumber"),
        country=country,
    )
    return Payment(
        *(owner, environment, payer, amount, str(values["currency"])),
        description=str(values["description"] or "Payment"),
        links=links,
    )


def _appearance(sent: Values) -> Values:
    shown: Values = {}
    theme, radius, address = (sent.get(f"appearance_{name}") for name in ("theme", "border_radius", "billing_address"))
    if theme is not None:
        if str(theme) not in THEMES:
            raise ApiError(400, "appearance_theme must be one of: light, dark, flat")
        shown["theme"] = THEMES[str(theme)]
    if radius is not None:
        if not is_number(radius, 0):
            raise ApiError(400, "appearance_border_radius must be a non-negative number")
        shown["border_radius"] = radius
    if address is not None:
        if address not in ("auto", "never"):
            raise ApiError(400, "appearance_billing_address must be one of: auto, never")
        shown["billing_address"] = address
    return shown


# A charge by card, as its processor knows it. One by mobile money is nothing but its transaction.
CHARGES: Final = Resource(
    "charges",
    key="id",
    noun="Charge",
    steps=(
        Step(None, "requires_payment_method"),
        *(
            Step(source, target)
            for source in ("requires_payment_method", "requires_action")
            for target in ("requires_payment_method", "requires_action", "succeeded", "canceled")
        ),
    ),
    operations=(
        Operation("POST", "/charge/wave", create_wave, account="payment.create"),
        Operation("POST", "/charge/mtn", create_mtn, account="payment.create"),
        Operation("POST", "/charge/card", create_card, account="payment.create"),
        Operation("GET", "/charge/card/{id}", get_card, account="transaction.read"),
        Operation("POST", "/charge/card/{id}/cancel", cancel_card, account="payment.create"),
    ),
)
