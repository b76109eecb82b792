from __future__ import annotations

import re
from typing import Final

from .. import amounts
from ..engine import Engine
from ..http import ApiError, DatabaseError, Reply
from ..ledger import Book, balance, capture, find_account
from ..resource import Call, DatabaseErrors, Operation, Resource, Shape
from ..store import Record
from ..wire import invalid

KEYS: Final = (
    "merchant_id name email phone_number country mrr arr merchant_lifetime_value retry_payment_every total_retries"
    " metadata created_at updated_at"
)


def get(call: Call) -> Reply:
    return Reply(200, call.dialect.envelope(call.show(_own(call))))


def get_mrr(call: Call) -> Reply:
    return _figure(call, "mrr")


def get_arr(call: Call) -> Reply:
    return _figure(call, "arr")


def get_balance(call: Call) -> Reply:
    merchant, docs = _own(call), call.dialect.name == "docs"
    currency = _currency(call)
    book = Book(merchant.id, call.caller.environment, currency)
    account = find_account(call.engine, book)
    if account is None:
        if docs:
            raise ApiError(404, f"No {currency} balance found for the merchant.")
        raise DatabaseError(f"No account found for currency {currency}")
    as_of = call.engine.now if docs else account.updated_at
    data = {
        "merchant_id": merchant.id,
        "currency_code": currency,
        "balance": amounts.minor(balance(call.engine.store, book)),
    }
    return Reply(200, call.dialect.envelope({**data, "as_of_date": call.dialect.time(as_of)}))


def _own(call: Call) -> Record:
    """Return the merchant asked for, which only the holder of its key gets to see."""
    merchant = call.engine.store.find("merchants", call.id) if call.id == call.caller.merchant_id else None
    if merchant is not None:
        return merchant
    if call.dialect.name == "docs":
        raise ApiError(404, "No merchant found with the provided ID.", code="MERCHANT_NOT_FOUND")
    raise ApiError(403, "Access denied: merchant ID does not match API key")


def _figure(call: Call, name: str) -> Reply:
    merchant = _own(call)
    if merchant[name] is None:
        raise ApiError(404, f"No {name.upper()} data found for the merchant.")
    data = {"merchant_id": merchant.id, name: merchant[name], "currency_code": merchant["currency_code"]}
    return Reply(200, call.dialect.envelope({**data, "as_of_date": call.dialect.present(call.engine.now)}))


def _currency(call: Call) -> str:
    values = call.query.get("currency_code", [""])
    if call.dialect.name == "server":
        if values == [""]:
            raise ApiError(400, "currency_code query parameter is required")
        return ",".join(values)
    values = [value for value in values if value]
    if not values:
        raise ApiError(
            400,
            "The currency_code query parameter is missing.",
            code="MISSING_PARAMETER",
            details={"currency_code": "is required"},
        )
    if len(values) != 1 or re.fullmatch(r"[A-Z]{3}", values[0]) is None:
        raise invalid({"currency_code": "must be three upper-case letters"})
    return values[0]


def credit(engine: Engine, transaction: Record) -> None:
    """Book a payment that completes and, in the merchant's own currency, add it to the merchant's figures; once."""
    if not capture(engine, transaction):
        return
    merchant = engine.store.find("merchants", transaction.owner)
    currency = transaction["currency_code"]
    if merchant is not None and merchant["currency_code"] == currency:
        amount = amounts.to_minor(transaction["gross_amount"], currency)
        monthly = amount if transaction["recurring"] else 0
        for name, gained in (("merchant_lifetime_value", amount), ("mrr", monthly), ("arr", 12 * monthly)):
            if merchant[name] is not None:
                merchant.body[name] = merchant[name] + gained
        engine.save(merchant)


def _errors(reads: str) -> DatabaseErrors:
    # Every database error of a merchant is a 404 that carries the database's text.
    return DatabaseErrors(404, "{text}", documented=f"Error retrieving merchant {reads}.")


MERCHANTS: Final = Resource(
    "merchants",
    key="merchant_id",
    noun="Merchant",
    shape=Shape(KEYS),
    indexed=("account",),
    operations=(
        Operation("GET", "/merchants/{id}", get, errors=_errors("details")),
        Operation("GET", "/merchants/{id}/mrr", get_mrr, errors=_errors("MRR"), time_dependent=True),
        Operation("GET", "/merchants/{id}/arr", get_arr, errors=_errors("ARR"), time_dependent=True),
        Operation("GET", "/merchants/{id}/balance", get_balance, errors=_errors("balance")),
    ),
)
