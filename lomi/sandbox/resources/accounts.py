"""A merchant's accounts, whose balances are sums of the ledger, and its keys."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from .. import amounts
from ..behaviours import Get
from ..fields import CURRENCIES, Field
from ..http import ApiError, JsonValue, Reply
from ..ledger import AVAILABLE, HELD, Book, balance, find_account
from ..resource import Call, Operation, Resource, Shape, View
from ..store import Record, Store, Values, by

CURRENCY: Final = Field("currency_code", choices=CURRENCIES)
# Francs: the euro's parity is fixed, the dollar's rate is the sandbox's own.
FRANCS: Final = {"XOF": Decimal(1), "EUR": Decimal("655.957"), "USD": Decimal(600)}
MOST_LISTED: Final = 100


def list_accounts(call: Call) -> Reply:
    accounts = call.engine.store.select("accounts", *by(owner=call.caller.merchant_id), limit=MOST_LISTED)
    return Reply(200, [call.show(each) for each in accounts])


def get_balance(call: Call) -> Reply:
    currency = ",".join(call.query.get("currency", []))
    balances: list[JsonValue] = [
        {
            "currency_code": account["currency_code"],
            "balance": _held(call.engine.store, account, AVAILABLE),
            "last_updated": call.dialect.time(account.updated_at),
        }
        for account in _accounts(call)
        if currency in {"", account["currency_code"]}
    ]
    if currency and not balances:
        raise ApiError(404, f"No account found for currency {currency}.")
    return Reply(200, balances)


def get_breakdown(call: Call) -> Reply:
    target = ",".join(call.query.get("target_currency", [])) or None
    CURRENCY.cast(target or "XOF")
    accounts = _accounts(call)
    if not accounts:
        raise ApiError(404, "No accounts found.")
    return Reply(200, [_breakdown(call, each, target) for each in accounts])


def check_balance(call: Call) -> Reply:
    currency = str(CURRENCY.cast(call.id))
    book = Book(call.caller.merchant_id, call.caller.environment, currency)
    known = find_account(call.engine, book) is not None
    available = amounts.major(balance(call.engine.store, book), currency) if known else None
    if call.dialect.name == "docs":
        return Reply(200, {"has_sufficient_balance": bool(available), "available_balance": available or 0})
    return Reply(200, available)


def _accounts(call: Call) -> list[Record]:
    """Return the caller's accounts of its key's environment, the oldest first."""
    where = by(owner=call.caller.merchant_id, environment=call.caller.environment)
    return call.engine.store.select("accounts", *where)[::-1]


def _held(store: Store, account: Record, name: str) -> int | float:
    book = Book.of(account)
    return amounts.major(balance(store, book, name), book.currency_code)


def _with_balance(view: View, account: Record, values: Values) -> Values:
    return {**values, "balance": _held(view.engine.store, account, AVAILABLE), "is_spi_account": False}


def _breakdown(call: Call, account: Record, target: str | None) -> Values:
    book, store = Book.of(account), call.engine.store
    available, held = balance(store, book), balance(store, book, HELD)
    # Nothing is pending: the sandbox makes a payment available at once.
    parts = {"available": available, "pending": 0, "unavailable": held, "total": available + held}
    shown: Values = {"currency_code": book.currency_code}
    shown.update((f"{name}_balance", amounts.major(part, book.currency_code)) for name, part in parts.items())
    shown["target_currency"] = target
    shown.update((f"converted_{name}_balance", _converted(part, book, target)) for name, part in parts.items())
    return shown


def _converted(counted: int, book: Book, target: str | None) -> int | float | None:
    if target is None or book.currency_code not in FRANCS:
        return None
    francs = Decimal(repr(amounts.major(counted, book.currency_code))) * FRANCS[book.currency_code]
    return float((francs / FRANCS[target]).quantize(amounts.CENT, ROUND_HALF_UP))


ACCOUNTS: Final = Resource(
    "accounts",
    key="account_id",
    missing="Account with ID {id} not found",
    shape=Shape(
        "account_id organization_id balance currency_code is_spi_account spi_account_number spi_account_type"
        " spi_account_status spi_account_balance spi_account_balance_synced_at spi_account_balance_sync_error"
        " created_at updated_at"
    ),
    finish=_with_balance,
    indexed=("currency_code",),
    operations=(
        Operation("GET", "/accounts", list_accounts),
        Operation("GET", "/accounts/balance", get_balance),
        Operation("GET", "/accounts/balance/breakdown", get_breakdown),
        Operation("GET", "/accounts/balance/check/{currency}", check_balance),
        Operation("GET", "/accounts/{id}", Get()),
    ),
)

# The id of a key is the key.
KEYS: Final = Resource("keys", key="key")
