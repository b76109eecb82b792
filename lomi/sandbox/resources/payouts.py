from __future__ import annotations

from datetime import timedelta
from typing import Final

from .. import amounts
from ..behaviours import List, date_filters, status_filter
from ..engine import MICROSECOND, Engine
from ..fields import Field
from ..http import ApiError, DatabaseError, JsonValue, Reply
from ..ledger import AVAILABLE, FEES, HELD, PAID_OUT, Book, balance, movement_of, open_account, post
from ..resource import TEXT, Call, Operation, Resource, Shape, Step
from ..store import Record, Values
from .accounts import CURRENCY

STATUSES: Final = ("pending", "processing", "completed", "failed")
AMOUNT: Final = Field("amount", "number")
NO_WAVE: Final = "Wave payouts are not available in test mode. Use a live API key."
ROW: Final = (
    "payout_id {} account_id organization_id amount currency_code status provider_code{} payout_method_id metadata"
    " created_at updated_at kind"
)
LISTED: Final = Shape(ROW.format("merchant_id", ""))
WITHDRAWAL: Final = Shape(ROW.format("merchant_id", " payment_method_code"))
BENEFICIARY: Final = Shape(ROW.format("created_by", " payment_method_code"))
# How long a payout waits to be processed, is processed, and may still fail once it is completed.
PACE: Final = {
    "bank": (timedelta(hours=1), timedelta(days=1), timedelta(days=1)),
    "spi": (timedelta(minutes=1), timedelta(minutes=1), timedelta(days=1)),
    "wave": (timedelta(minutes=1), timedelta(minutes=1), timedelta(days=1)),
}


def create(call: Call) -> Reply:
    """Start a payout in the order of the server: rail, method, environment, then the database's own checks."""
    sent, rail = call.sent, str(call.sent.get("rail"))
    beneficiary = sent.get("destination") == "beneficiary"
    if rail == "mtn":
        raise ApiError(400, "MTN payouts are not supported via the API yet")
    method = _beneficiary_method(call, rail) if beneficiary else _own_method(call, rail)
    book, amount, fee = _funds(call, rail, beneficiary=beneficiary)
    with call.engine.store.transaction():
        payout = call.create(
            {
                "account_id": open_account(call.engine, book).id,
                "amount": amounts.major(amount, book.currency_code),
                "fee_amount": amounts.major(fee, book.currency_code),
                "currency_code": book.currency_code,
                "provider_code": None if rail == "bank" else rail.upper(),
                "payment_method_code": "MOBILE_MONEY" if rail == "wave" else "BANK_TRANSFER",
                "payout_method_id": None if method is None else method.id,
                "merchant_id": call.caller.merchant_id,
                "created_by": call.caller.merchant_id,
                "metadata": sent.get("metadata") if rail == "wave" or beneficiary else None,
                "rail": rail,
                "kind": "beneficiary" if beneficiary else "withdrawal",
            },
            "pending" if rail == "bank" or (beneficiary and rail == "spi") else "processing",
        )
    return Reply(201, _created(payout))


def _own_method(call: Call, rail: str) -> Record:
    method = _method(call, "payout_method_id is required for self payouts")
    kind = method["kind"]
    if rail == "bank":
        if kind not in {"bank", "spi"}:
            raise ApiError(400, "payout_method_id must be a registered bank account")
        if not method["verified"]:
            raise ApiError(400, "Bank account is pending verification. Please wait for admin approval.")
    elif rail == "spi":
        _require_spi(method)
    elif rail == "wave":
        if kind not in {"wave", "mtn"}:
            raise ApiError(400, "payout_method_id must be a registered mobile money payout method")
        if kind != "wave":
            raise ApiError(400, "payout_method_id must be a Wave mobile money method")
        _require_live(call)
    else:
        raise ApiError(400, "Invalid rail for self payout")
    return method


def _beneficiary_method(call: Call, rail: str) -> Record | None:
    if rail == "bank":
        raise ApiError(400, "Bank payouts to third-party beneficiaries are not supported")
    if rail == "spi":
        method = _method(call, "payout_method_id is required for beneficiary SPI payouts")
        _require_spi(method)
        return method
    if rail != "wave":
        raise ApiError(400, "Invalid rail for beneficiary payout")
    _require_live(call)
    recipient = call.sent.get("recipient")
    if not isinstance(recipient, dict) or not recipient.get("name") or not recipient.get("phone"):
        raise ApiError(400, "recipient.name and recipient.phone are required for beneficiary payouts")
    return None


def _method(call: Call, required: str) -> Record:
    sent = call.sent.get("payout_method_id")
    if not sent:
        raise ApiError(400, required)
    method = call.find_own("payout_methods", str(sent))
    if method is None:
        raise ApiError(400, "Payout method not found for this organization")
    return method


def _require_spi(method: Record) -> None:
    if method["kind"] != "spi":
        raise ApiError(400, "payout_method_id must be an SPI-enabled payout method")


def _require_live(call: Call) -> None:
    if call.caller.environment != "live":
        raise ApiError(400, NO_WAVE)


def _funds(call: Call, rail: str, *, beneficiary: bool) -> tuple[Book, int, int]:
    """Return the book that a new payout moves, its amount and its fee; an error if the balance does not suffice."""
    sent = call.sent
    if sent.get("currency_code") is None or sent.get("amount") is None:
        raise DatabaseError("null value in column of payouts violates not-null constraint")
    currency = str(CURRENCY.cast(sent["currency_code"]))
    amount = amounts.exact(float(str(AMOUNT.cast(sent["amount"]))), currency)
    book = Book(call.caller.merchant_id, call.caller.environment, currency)
    fee = _fee(rail, amount, currency, beneficiary=beneficiary) if call.engine.fees else 0
    if amount <= 0:
        raise DatabaseError("Payout amount must be greater than zero")
    if amount + fee > balance(call.engine.store, book):
        raise DatabaseError("Insufficient balance for this payout")
    return book, amount, fee


def _fee(rail: str, amount: int, currency: str, *, beneficiary: bool) -> int:
    if beneficiary:
        return amounts.fee(amount, currency, "2")
    if rail == "wave":
        return 0
    local = currency in amounts.WITHOUT_DECIMALS
    return amounts.fee(amount, currency, *(("0", "1500") if local else ("1", "5")))


def _created(payout: Record) -> Values:
    kind, rail = payout["kind"], payout["rail"]
    message = "Withdrawal initiated successfully" if kind == "withdrawal" else "Beneficiary payout initiated"
    shown: Values = {"success": True, "kind": kind, "status": payout.status, "message": message}
    if rail != "bank":
        shown["payout_id"] = payout.id
    if rail == "wave":
        shown["data"] = {"payoutId": payout.id, "status": payout.status}
    return shown


DATED: Final = (status_filter(*STATUSES, several=True), *date_filters())
WITHDRAWALS: Final = List(
    "array", paging="page", filters=DATED, shape=LISTED, where="json_extract(body, '$.kind') = 'withdrawal'"
)
BENEFICIARIES: Final = List(
    "array", paging="page", filters=DATED, shape=BENEFICIARY, where="json_extract(body, '$.kind') = 'beneficiary'"
)


def list_payouts(call: Call) -> Reply:
    """List a page of withdrawals, then one of payouts to beneficiaries; with a test key only the withdrawals."""
    lists = (WITHDRAWALS,) if call.caller.environment == "test" else (WITHDRAWALS, BENEFICIARIES)
    rows: list[JsonValue] = []
    for each in lists:
        shown = each(call).value
        rows += shown if isinstance(shown, list) else []
    return Reply(200, call.dialect.envelope(rows))


def get(call: Call) -> Reply:
    payout = call.find()
    shape = WITHDRAWAL if payout["kind"] == "withdrawal" else BENEFICIARY
    return Reply(200, call.dialect.envelope(call.show(payout, shape)))


# Steps


def _hold(engine: Engine, payout: Record) -> None:
    book, amount, fee = movement_of(payout, "amount")
    post(engine, book, f"payout/{payout.id}", {AVAILABLE: -amount - fee, HELD: amount + fee})
    waits, lasts, settles = (each // MICROSECOND for each in PACE[str(payout["rail"])])
    begun = engine.now + (waits if payout.status == "pending" else 0)
    payout.body.update(processes_at=begun, completes_at=begun + lasts, settles_at=begun + lasts + settles)


def _settle(engine: Engine, payout: Record) -> None:
    """Let the money go; or return it, if the balance has fallen below zero meanwhile, and the payout has failed."""
    book, amount, fee = movement_of(payout, "amount")
    payout.body["settles_at"] = None
    if balance(engine.store, book) < 0:
        payout.status = "failed"
        _return(engine, payout)
    else:
        entries = {HELD: -amount - fee, FEES: fee, PAID_OUT: amount}
        post(engine, book, f"payout/{payout.id}/settled", entries)


def _return(engine: Engine, payout: Record) -> None:
    book, amount, fee = movement_of(payout, "amount")
    post(engine, book, f"payout/{payout.id}/failed", {HELD: -amount - fee, AVAILABLE: amount + fee})


PAYOUTS: Final = Resource(
    "payouts",
    key="payout_id",
    missing="Payout not found",
    shape=WITHDRAWAL,
    steps=(
        Step(None, "pending", effect=_hold),
        Step(None, "processing", effect=_hold),
        Step("pending", "processing", at="processes_at"),
        Step("processing", "completed", at="completes_at"),
        Step("completed", "completed", at="settles_at", effect=_settle),
        *(Step(source, "failed", effect=_return) for source in ("pending", "processing")),
        # Until it has settled.
        Step("completed", "failed", effect=_return),
    ),
    operations=(
        Operation("POST", "/payouts", create, errors=TEXT),
        Operation("GET", "/payouts", list_payouts, errors=TEXT),
        Operation("GET", "/payouts/{id}", get, errors=TEXT),
    ),
)

# Registered on the dashboard; the API has no operation for them.
PAYOUT_METHODS: Final = Resource("payout_methods", key="payout_method_id")
