from __future__ import annotations

import math
from datetime import timedelta
from typing import Final

from .. import amounts
from ..behaviours import List, date_filters, status_filter
from ..clock import SECOND
from ..engine import Engine
from ..fields import Field
from ..http import ApiError, DatabaseError, JsonValue, Reply
from ..ledger import AVAILABLE, FEES, PAYERS, UNRECORDED, movement_of, post
from ..resource import TEXT, Call, Operation, Resource, Shape, Step
from ..store import Record, Values, by
from .subscriptions import ENDED, cancel, change

STATUSES: Final = ("pending", "completed", "failed")
ACTIONS: Final = Field("subscription_action", choices=("default", "cancel", "pause", "none"))
# What the server allows beyond the gross amount, in major units.
TOLERANCE: Final = 0.01
# The percentage of a refund, full or partial, in every currency.
FEE: Final = "2"
# How long the card processor's callback takes to repair a refund whose record failed.
REPAIRED: Final = timedelta(minutes=1)
INITIATED: Final = "Refund initiated and recorded."
LEDGER_FAILURE: Final = "Refund initiated in Stripe but ledger update failed; webhook will reconcile"


def create(call: Call) -> Reply:
    """Refund in the order of the server: its checks, the provider, the record."""
    payment = _payment(call)
    asked, full = _asked(call, payment["gross_amount"])
    by_card = payment["provider_code"] == "STRIPE" and payment["payment_method_code"] == "CARDS"
    _require_refundable(call, payment, asked, by_card=by_card, full=full)
    manual = _ask_provider(call, asked, by_card=by_card)
    action = ACTIONS.cast(call.sent.get("subscription_action") or "default")
    body = _body(call, payment, asked, by_card=by_card, full=full)
    if call.faults.take("lose_refund") is not None:
        return _lose(call, payment, body, by_card=by_card, full=full)
    with call.engine.store.transaction():
        refund = _create(call.engine, payment, body, "pending")
        held = call.faults.take("hold_refund")
        if held is None:
            call.engine.step(refund, "completed")
        else:
            name = "completes_at" if held.options["status"] == "completed" else "fails_at"
            refund.body[name] = call.engine.now + int(held.options["seconds"] * SECOND)
            call.engine.save(refund)
        shown = _created(refund, _apply(call, payment, str(action)))
    if by_card:
        shown |= {"fallback": "manual"} if manual else {"stripe_refund_id": f"re_{refund.id.replace('-', '')[:24]}"}
    return Reply(201, shown)


def get(call: Call) -> Reply:
    refund = call.find()
    if refund.status == "unrecorded":
        raise ApiError(404, f"Refund with ID {call.id} not found or access denied")
    return Reply(200, call.dialect.envelope(call.show(refund)))


def _payment(call: Call) -> Record:
    sent = call.sent.get("transaction_id")
    # Its environment does not matter, as on the server.
    payment = call.find_own("transactions", str(sent))
    if payment is None:
        raise ApiError(404, f"Transaction with ID {sent} not found or access denied")
    if payment.status != "completed":
        raise ApiError(400, "Only completed transactions can be refunded")
    return payment


def _asked(call: Call, gross: float) -> tuple[float, bool]:
    """Return the amount as JavaScript takes it, and whether it makes a full refund.

    A missing amount is NaN, which passes every comparison. A text is compared as a number, but is joined to the
    tolerance as a text: "500" becomes "5000.01".
    """
    sent, kind = call.sent.get("amount", math.nan), call.sent.get("refund_type")
    asked = _js_number(sent)
    reached = _js_number(f"{sent}{TOLERANCE}") if isinstance(sent, str) else asked + TOLERANCE
    return asked, kind == "full" if kind else reached >= gross


def _js_number(value: JsonValue) -> float:
    try:
        return float(value or 0) if isinstance(value, (str, int, float)) or value is None else math.nan
    except ValueError:
        return math.nan


def _require_refundable(call: Call, payment: Record, asked: float, *, by_card: bool, full: bool) -> None:
    if asked <= 0:
        raise ApiError(400, "Refund amount must be positive")
    if asked > payment["gross_amount"] + TOLERANCE:
        raise ApiError(400, "Refund amount exceeds transaction gross amount")
    if not by_card and payment["provider_code"] != "WAVE":
        raise ApiError(400, "Refunds are not supported for this transaction type")
    if not by_card and not full:
        _require_phone(call, payment)


def _require_phone(call: Call, payment: Record) -> None:
    payer = call.engine.store.find("customers", payment["customer_id"])
    if payer is None:
        raise ApiError(400, "Transaction has no customer; a partial refund is sent to the customer's phone")
    if not payer["phone_number"]:
        raise ApiError(400, "Customer phone number is required for partial refunds")


def _ask_provider(call: Call, asked: float, *, by_card: bool) -> bool:
    """Raise ApiError if the provider refuses; return whether a refund by card is left to be made by hand."""
    refused = call.faults.take("refuse_refund")
    manual: bool = by_card and refused is not None and refused.options["manual"]
    prefix = "" if by_card else "Refund processing failed: "
    if refused is not None and not manual:
        raise ApiError(400, prefix + refused.options["message"])
    if math.isnan(asked):
        raise ApiError(400, f"{prefix}Invalid amount: NaN")
    return manual


def _rest(engine: Engine, payment: Record) -> int:
    """Return what is left of a payment, without what is about to be refunded."""
    refunds = engine.store.select("refunds", *by(transaction_id=payment.id))
    currency = payment["currency_code"]
    refunded = sum(amounts.exact(each["refunded_amount"], currency) for each in refunds if each.status != "failed")
    return amounts.exact(payment["gross_amount"], currency) - refunded


def _body(call: Call, payment: Record, asked: float, *, by_card: bool, full: bool) -> Values:
    """Return the body of a new refund: what it counts for, what the payer gets back, and what it costs."""
    currency, rest = payment["currency_code"], _rest(call.engine, payment)
    counted = _counted(asked, rest, payment, by_card=by_card)
    # Wave's own refund returns a payment as a whole, whatever amount was asked for.
    returned = rest if full and not by_card else counted
    fee = amounts.fee(returned, currency, FEE, two_decimals=True) if call.engine.fees else 0
    return {
        "transaction_id": payment.id,
        "currency_code": currency,
        "amount": amounts.major(counted, currency),
        "refunded_amount": amounts.major(returned, currency),
        "fee_amount": amounts.major(fee, currency),
        "reason": call.sent.get("reason"),
        "full": full,
    }


def _counted(asked: float, rest: int, payment: Record, *, by_card: bool) -> int:
    """Return the amount to refund, at most what is left of the payment."""
    currency = payment["currency_code"]
    counted = amounts.exact(asked, currency)
    if by_card and not rest:
        raise ApiError(400, "This charge has already been refunded")
    if counted > rest + amounts.exact(TOLERANCE, currency) or not rest or not counted:
        left = f"{amounts.major(rest, currency)} {currency}"
        if by_card:
            raise ApiError(
                400, f"Refund amount ({asked} {currency}) is greater than unrefunded amount on charge ({left})"
            )
        raise DatabaseError(f"Refund amount exceeds what is left of the transaction: {left}")
    return min(counted, rest)


def _create(engine: Engine, payment: Record, body: Values, status: str) -> Record:
    return engine.create("refunds", body, owner=payment.owner, environment=payment.environment, status=status)


def _created(refund: Record, action: Values) -> Values:
    return {
        "success": True,
        "refund_id": refund.id,
        "transaction_id": refund["transaction_id"],
        "refunded_amount": refund["refunded_amount"],
        "status": refund.status,
        "message": INITIATED,
        "subscription_action": action,
    }


def _lose(call: Call, payment: Record, body: Values, *, by_card: bool, full: bool) -> Reply:
    """Let the record of a refund fail. A full refund by Wave is recorded first, every other one is sent first."""
    if full and not by_card:
        raise DatabaseError("could not record the refund")
    _create(call.engine, payment, {**body, "repaired": by_card}, "unrecorded")
    if by_card:
        raise ApiError(500, LEDGER_FAILURE, shown=True)
    raise ApiError(400, "Refund processing failed: could not record the refund")


def _apply(call: Call, payment: Record, action: str) -> Values:
    """Do to the subscription that was paid for what was asked; by default nothing."""
    nothing: Values = {"applied": False, "action": "none"}
    if action not in {"cancel", "pause"}:
        return nothing
    subscription = call.engine.store.find("subscriptions", payment["subscription_id"])
    if subscription is None:
        return {**nothing, "reason": "The transaction has no subscription"}
    status = subscription.status
    applied = status not in ENDED
    if applied and action == "cancel":
        cancel(call, subscription)
    elif applied:
        change(call.engine, subscription, {}, "paused")
    done: Values = {"applied": applied, "action": action, "subscription_id": subscription.id, "previous_status": status}
    return done if applied else {**done, "reason": f"The subscription is {status}"}


# Steps


def _debit(engine: Engine, refund: Record) -> None:
    book, returned, fee = movement_of(refund, "refunded_amount")
    post(engine, book, f"refund/{refund.id}", {PAYERS: returned, FEES: fee, AVAILABLE: -returned - fee})


def _give_back(engine: Engine, refund: Record) -> None:
    book, returned, fee = movement_of(refund, "refunded_amount")
    post(engine, book, f"refund/{refund.id}/failed", {PAYERS: -returned, FEES: -fee, AVAILABLE: returned + fee})


def _send_unrecorded(engine: Engine, refund: Record) -> None:
    book, returned, _ = movement_of(refund, "refunded_amount")
    post(engine, book, f"refund/{refund.id}/unrecorded", {PAYERS: returned, UNRECORDED: -returned})


def _repair(engine: Engine, refund: Record) -> None:
    book, returned, fee = movement_of(refund, "refunded_amount")
    post(engine, book, f"refund/{refund.id}", {UNRECORDED: returned, FEES: fee, AVAILABLE: -returned - fee})
    _complete(engine, refund)


def _complete(engine: Engine, refund: Record) -> None:
    """Mark the transaction as refunded once nothing is left of it, or when the refund counts as full."""
    payment = engine.store.find("transactions", refund["transaction_id"])
    if payment is not None and payment.status == "completed" and (refund["full"] or _rest(engine, payment) <= 0):
        engine.step(payment, "refunded")


REFUNDS: Final = Resource(
    "refunds",
    key="refund_id",
    noun="Refund",
    shape=Shape(
        "refund_id transaction_id amount refunded_amount fee_amount reason status metadata created_at updated_at"
    ),
    indexed=("transaction_id",),
    steps=(
        # The API sends no event; its listeners exist, and a test of a handler needs them.
        Step(None, "pending", event="REFUND_CREATED", effect=_debit),
        Step(None, "unrecorded", effect=_send_unrecorded),
        Step("pending", "completed", at="completes_at", event="REFUND_COMPLETED", effect=_complete),
        Step("pending", "failed", at="fails_at", event="REFUND_FAILED", effect=_give_back),
        Step(
            *("unrecorded", "completed"),
            event="REFUND_COMPLETED",
            effect=_repair,
            after=REPAIRED,
            when=lambda refund: bool(refund["repaired"]),
        ),
    ),
    operations=(
        Operation("POST", "/refunds", create, account="refund.create", errors=TEXT),
        Operation(
            "GET",
            "/refunds",
            List(
                "wrapped",
                paging="window",
                scoped=False,
                where="status != 'unrecorded'",
                filters=(status_filter(*STATUSES), *date_filters()),
            ),
            account="transaction.read_own",
            errors=TEXT,
        ),
        Operation("GET", "/refunds/{id}", get, account="transaction.read_own", errors=TEXT),
    ),
)
