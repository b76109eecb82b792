"""Subscriptions: they begin with a signup, renew by the clock, and end."""

from __future__ import annotations

from datetime import date, datetime, time, timezone
from typing import Final

from ..behaviours import Get, List
from ..billing_days import next_charge_day, next_date, rest_of_month
from ..clock import DAY, to_datetime, to_micros
from ..engine import Engine
from ..http import ApiError, DatabaseError, JsonValue, Reply, Unparsed
from ..paying import transaction_body
from ..resource import TEXT, Call, DatabaseErrors, Field, Operation, Resource, Shape, Step, View
from ..store import Record, Values, by
from .customers import CUSTOMERS

STATUSES: Final = ("pending", "trial", "active", "past_due", "paused", "cancelled", "expired")
ENDED: Final = ("cancelled", "expired")
# In these the daily job charges on the billing date; in others it only cancels what is scheduled.
CHARGED: Final = ("trial", "active", "past_due")
KEYS: Final = (
    "subscription_id organization_id merchant_id customer_id customer_name customer_email product_id plan_name"
    " plan_description plan_amount plan_currency_code plan_billing_frequency status start_date end_date"
    " next_billing_date metadata created_at updated_at"
)
LISTED: Final = (
    "subscription_id customer_id customer_name product_id product_name amount currency_code status start_date end_date"
    " next_billing_date metadata created_at updated_at"
)
BY_CUSTOMER: Final = (
    "subscription_id subscription_status subscription_end_date subscription_next_billing_date product_id product_name"
    " product_description product_type"
)
NOTIFIED: Final = f"{KEYS} price_id cancel_at_period_end billing_interval"

# Signup


def first_amount(engine: Engine, price: Record) -> float:
    """Return what a new subscriber pays at once, in major units: the price, the rest of the period, or nothing."""
    product = _product(engine, price)
    if product["trial_enabled"] or product["first_payment_type"] == "non_initial":
        return 0
    amount: float = price["amount"]
    if product["first_payment_type"] == "prorated" and product["charge_day"]:
        return round(amount * rest_of_month(_today(engine), product["charge_day"]))
    return amount


def instalment(price: Record, customer_id: str, amount: float, *, first: bool) -> Values:
    """Return the body of a transaction that pays a subscription by card."""
    return transaction_body(
        *(customer_id, amount, price["currency_code"], "STRIPE", "CARDS"),
        description="Subscription" if first else "Subscription renewal",
        recurring=first,
        transaction_type="instalment",
        product_id=price["product_id"],
    )


def subscribe(
    engine: Engine,
    *,
    customer_id: str,
    price: Record,
    environment: str = "test",
    transaction: Record | None = None,
    saved_card: bool = True,
    metadata: Values | None = None,
) -> Record:
    """Begin a subscription to a price of a recurring product, and return it.

    `transaction` is the completed first payment; None where nothing was due. It gets the id of the subscription, and is
    to be stored by the caller, as in the effect of a step. Without a saved card a renewal waits for a payment.

    Raises:
        ValueError: The product is not recurring.
    """
    product, today = _product(engine, price), _today(engine)
    if product["product_type"] != "recurring":
        raise ValueError("the price is not one of a recurring product")
    status, charge_day, due = _first_period(engine, product, price)
    body: Values = {
        "customer_id": customer_id,
        "product_id": product.id,
        "price_id": price.id,
        "start_date": today.isoformat(),
        "end_date": None,
        "next_billing_date": None if due is None else due.isoformat(),
        "metadata": metadata,
        "cancel_at_period_end": False,
        "charge_day": charge_day,
        "saved_card": saved_card,
        "billed": [] if transaction is None else [today.isoformat()],
        "failures": 0,
        "declines": 0,
        "acts_at": None if due is None else _acts_at(engine, due),
    }
    made = engine.create("subscriptions", body, owner=price.owner, environment=environment, status=status)
    if transaction is not None:
        transaction.body["subscription_id"] = made.id
    return made


def _first_period(engine: Engine, product: Record, price: Record) -> tuple[str, int, date | None]:
    """Return how a subscription begins: its status, its charge day, and when the first renewal is due."""
    today, charge_day = _today(engine), product["charge_day"]
    if product["trial_enabled"]:
        due = to_datetime(engine.now + product["trial_period_days"] * DAY).date()
        return "trial", charge_day or due.day, due
    if product["first_payment_type"] != "initial" and charge_day:
        return "active", charge_day, next_charge_day(today, charge_day)
    charge_day = charge_day or today.day
    return "active", charge_day, next_date(today, price["billing_interval"], charge_day)


# Renewals


def renew(engine: Engine, record: Record, transaction: Record | None = None) -> None:
    """Go on to the next period: this one was paid, by a checkout if there is a transaction, which gets its id."""
    if transaction is not None:
        transaction.body["subscription_id"] = record.id
    billed = [*record["billed"], record["next_billing_date"]]
    renewed = record.status == "active"
    changes: Values = {"billed": billed, **_next_period(engine, record)}
    change(engine, record, changes, "active", source="cron", silent=renewed)
    engine.emit("SUBSCRIPTION_RENEWED", record)


def _next_period(engine: Engine, record: Record) -> Values:
    due = date.fromisoformat(record["next_billing_date"])
    following = next_date(due, _price(engine, record)["billing_interval"], record["charge_day"])
    return {"next_billing_date": None if following is None else following.isoformat(), "failures": 0}


def _bill(engine: Engine, record: Record) -> None:
    """Do what is due: end it, charge it, or charge it again."""
    due: str = record["next_billing_date"]
    metadata: Values = _stored(engine, "products", record["product_id"])["metadata"] or {}
    fixed = metadata.get("fixed_charges")
    over = (record["end_date"] or due) < due or (isinstance(fixed, int) and len(record["billed"]) >= fixed)
    if record["cancel_at_period_end"]:
        _end(engine, record, "cancelled")
    elif over or (record.status == "trial" and not record["saved_card"]):
        _end(engine, record, "expired")
    elif due in record["billed"]:
        # Each date is charged once, however often it comes.
        change(engine, record, _next_period(engine, record), source="cron", silent=True)
    elif not record["saved_card"]:
        # A link to pay it is mailed.
        change(engine, record, {"acts_at": None}, "past_due", source="cron")
    elif record["declines"]:
        _charge(engine, record, "failed")
        _fail(engine, record)
    else:
        _charge(engine, record, "completed")
        renew(engine, record)


def _charge(engine: Engine, record: Record, status: str) -> None:
    price = _price(engine, record)
    # The renewal job rounds a price to a whole number, in every currency.
    body = instalment(price, record["customer_id"], round(price["amount"]), first=False)
    body.update(subscription_id=record.id, metadata={"billing_date": record["next_billing_date"]})
    engine.create("transactions", body, owner=record.owner, environment=record.environment, status=status)


def _fail(engine: Engine, record: Record) -> None:
    """A charge failed: it is made again as the merchant has set, and in the end the product's action is taken."""
    merchant = _stored(engine, "merchants", record.owner)
    action = _stored(engine, "products", record["product_id"])["failed_payment_action"]
    record.body["declines"] = record["declines"] - 1
    if record["failures"] < merchant["total_retries"]:
        again = engine.now + merchant["retry_payment_every"] * DAY
        changes: Values = {"failures": record["failures"] + 1, "acts_at": again}
        change(engine, record, changes, "past_due", source="cron")
    elif action == "cancel":
        _end(engine, record, "cancelled")
    elif action == "pause":
        change(engine, record, {"failures": 0}, "paused", source="cron")
    else:
        # It goes on, and the next period is charged in its time.
        change(engine, record, _next_period(engine, record), "past_due", source="cron")


def _end(engine: Engine, record: Record, status: str) -> None:
    record.status, record.entered_at = status, engine.now
    changes: Values = {"end_date": _today(engine).isoformat(), "next_billing_date": None, "acts_at": None}
    record.body.update(changes, cancel_at_period_end=False)
    engine.save(record)
    engine.emit("SUBSCRIPTION_CANCELLED", record)


def change(
    engine: Engine,
    record: Record,
    changes: Values,
    status: str | None = None,
    *,
    source: str = "merchant_api",
    silent: bool = False,
) -> None:
    """Change a subscription, and send what its attributes were; nothing where none changed, or if `silent`."""
    before = SUBSCRIPTIONS.event_data(engine, record)
    if status is not None and status != record.status:
        record.status, record.entered_at = status, engine.now
    record.body.update(changes)
    if "acts_at" not in changes and (status or {"next_billing_date", "cancel_at_period_end"} & changes.keys()):
        acts = record.status in CHARGED or (record["cancel_at_period_end"] and record.status not in ENDED)
        due = record["next_billing_date"] if acts else None
        record.body["acts_at"] = None if due is None else _acts_at(engine, date.fromisoformat(due))
    engine.save(record)
    after = SUBSCRIPTIONS.event_data(engine, record)
    previous: Values = {name: value for name, value in before.items() if name != "updated_at" and value != after[name]}
    if previous and not silent:
        context: Values = {"source": source, "actor": "merchant" if source == "merchant_api" else "system"}
        data: Values = {"object": after, "previous_attributes": previous, "context": context}
        engine.emit("SUBSCRIPTION_UPDATED", record, data)


def _acts_at(engine: Engine, day: date) -> int:
    """Return when the daily job looks at what is due on a day: when it begins, or tomorrow if that is past."""
    moment = to_micros(datetime.combine(day, time.min, timezone.utc))
    return moment if moment > engine.now else (engine.now // DAY + 1) * DAY


# Operations


def find_by_customer(call: Call) -> Reply:
    found = call.engine.store.select("subscriptions", *by(customer_id=call.find(CUSTOMERS).id))
    return Reply(200, [call.show(record, Shape(BY_CUSTOMER)) for record in found])


def update(call: Call, record: Record) -> Record:
    changes = call.dialect.update(SUBSCRIPTIONS.fields, _body(call)) or {}
    kept: Values = {name: value for name, value in changes.items() if value is not None}
    status = kept.pop("status", None)
    change(call.engine, record, kept, None if status is None else str(status))
    return record


def cancel(call: Call, record: Record, *, at_period_end: bool = False, reason: JsonValue = None) -> Record:
    """Cancel it now, or on its next billing date."""
    if record.status in ENDED or (at_period_end and record["next_billing_date"] is None):
        raise DatabaseError("the subscription cannot be cancelled")
    if reason is not None:
        record.body["metadata"] = {**(record["metadata"] or {}), "cancellation_reason": reason}
    if at_period_end:
        change(call.engine, record, {"cancel_at_period_end": True})
    else:
        _end(call.engine, record, "cancelled")
    return record


def uncancel(call: Call) -> Reply:
    record = call.find()
    if not record["cancel_at_period_end"]:
        raise ApiError(400, "Failed to uncancel subscription")
    change(call.engine, record, {"cancel_at_period_end": False})
    return Reply(201, call.show(record))


def change_plan(call: Call) -> Reply:
    record, wanted = call.find(), _body(call).get("price_id")
    price = call.find_own("prices", str(wanted))
    if price is None or price["billing_interval"] is None or record.status in ENDED:
        raise ApiError(400, "Failed to change subscription plan")
    change(call.engine, record, {"price_id": price.id, "product_id": price["product_id"]})
    return Reply(201, call.show(record))


def _update(call: Call) -> Reply:
    return Reply(200, call.show(update(call, call.find())))


def _cancel(call: Call) -> Reply:
    sent = _body(call)
    later, reason = sent.get("cancel_at_period_end"), sent.get("cancellation_reason")
    return Reply(201, call.show(cancel(call, call.find(), at_period_end=bool(later), reason=reason)))


def _body(call: Call) -> Values:
    """Return the body; without one the handler of the server fails, before the database is asked."""
    if isinstance(call.body, Unparsed):
        raise ApiError(500, "the body was not parsed")
    return call.sent


# What is shown


def _joined(view: View, record: Record, values: Values) -> Values:
    """Add what stands in the customer, the product and the price."""
    customer = view.engine.store.find("customers", record["customer_id"])
    price = _price(view.engine, record)
    product = _product(view.engine, price)
    joined: Values = {
        "merchant_id": record.owner,
        "customer_name": None if customer is None else customer["name"],
        "customer_email": None if customer is None else customer["email"],
        "plan_name": product["name"],
        "product_name": product["name"],
        "plan_description": product["description"],
        "product_description": product["description"],
        "product_type": product["product_type"],
        "plan_amount": price["amount"],
        "amount": price["amount"],
        "plan_currency_code": price["currency_code"],
        "currency_code": price["currency_code"],
        "plan_billing_frequency": price["billing_interval"],
        "billing_interval": price["billing_interval"],
        "subscription_status": record.status,
        "subscription_end_date": record["end_date"],
        "subscription_next_billing_date": record["next_billing_date"],
    }
    return {key: joined.get(key, value) for key, value in values.items()}


def _price(engine: Engine, record: Record) -> Record:
    return _stored(engine, "prices", record["price_id"])


def _product(engine: Engine, price: Record) -> Record:
    return _stored(engine, "products", price["product_id"])


def _stored(engine: Engine, type: str, id: str) -> Record:
    # Neither merchants nor products nor prices can be deleted.
    return engine.store.select(type, *by(id=id))[0]


def _today(engine: Engine) -> date:
    return to_datetime(engine.now).date()


SUBSCRIPTIONS: Final = Resource(
    "subscriptions",
    key="subscription_id",
    noun="Subscription",
    fields=(
        Field("status", choices=STATUSES),
        Field("start_date", "date"),
        Field("end_date", "date"),
        Field("next_billing_date", "date"),
        Field("metadata", "metadata"),
    ),
    shape=Shape(KEYS),
    event_shape=Shape(NOTIFIED),
    finish=_joined,
    indexed=("customer_id",),
    steps=(
        *(Step(None, status, event="SUBSCRIPTION_CREATED") for status in ("trial", "active")),
        *(Step(status, status, at="acts_at", effect=_bill) for status in STATUSES if status not in ENDED),
    ),
    operations=(
        Operation("GET", "/subscriptions", List("array", paging="page", shape=Shape(LISTED))),
        Operation(
            "GET",
            "/subscriptions/customer/{customerId}",
            find_by_customer,
            errors=DatabaseErrors(404, "Customer with ID {id} not found or access denied"),
        ),
        Operation("GET", "/subscriptions/{id}", Get()),
        Operation("PATCH", "/subscriptions/{id}", _update, errors=TEXT),
        Operation("POST", "/subscriptions/{id}/cancel", _cancel),
        Operation("POST", "/subscriptions/{id}/uncancel", uncancel, errors=TEXT),
        Operation("POST", "/subscriptions/{id}/change-plan", change_plan, errors=TEXT),
    ),
)
