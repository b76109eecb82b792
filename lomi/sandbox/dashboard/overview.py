"""What the page shows of a sandbox, as JSON values: what happened, and the data as it is now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..amounts import smallest, to_smallest
from ..clock import DAY, to_micros
from ..faults import FAULTS, FaultKind
from ..http import JsonValue
from ..ledger import Book, balance
from ..log import RecordedRequest, masked
from ..matching import Fault
from ..store import Record, SqlValue, Store, Values
from ..wire import Dialect, Docs
from . import privacy
from .board import Board

RECURRING_DAYS: Final = 365
PAID_DAYS: Final = 60
LARGEST_BATCH: Final = 200
ROWS: Final = 10
# Words of the page for parameters of faults, where the name is that of another word.
WORDS: Final = {"status": "status_code"}


def about(board: Board) -> Values:
    """What stays as it is for as long as the sandbox is served."""
    return {
        "key": masked(board.api_key),
        "routes": list(board.routes),
        "faults": [_kind(kind) for kind in FAULTS.values()],
    }


def state(board: Board, after: int, *, personal: bool) -> Values:
    """The switches as they stand, and the requests with a number above `after`, the newest 200 of them.

    `oldest` is the number of the first request that is still known, so that a page forgets those before it;
    `revision` is another whenever the data may be.
    """
    store = board._engine.store  # noqa: SLF001 - of the same package
    with store.lock:
        known = board.requests
        new: list[JsonValue] = [
            _line(entry, personal=personal) for entry in known[-LARGEST_BATCH:] if entry.number > after
        ]
        return {
            "now": to_micros(board.clock.now()) // 1000,
            "frozen": board.clock.frozen,
            "dialect": board.dialect,
            "revision": store.changes,
            "faults": [_fault(fault) for fault in board.faults],
            "oldest": known[0].number if known else None,
            "requests": new,
        }


def request(board: Board, number: int, *, personal: bool) -> Values | None:
    """One request with its headers and both bodies; None if it is not known any more."""
    entry = next((entry for entry in board.requests if entry.number == number), None)
    if entry is None:
        return None
    headers: Values = dict(privacy.headers(entry, personal=personal))
    return {
        "headers": headers,
        "body": privacy.body(entry, personal=personal),
        "response": privacy.response(entry, personal=personal),
    }


def data(
    board: Board,
    merchant_id: str,
    search: str,
    customers_page: int,
    transactions_page: int,
    *,
    personal: bool,
) -> Values:
    """A merchant's figures, and a page each of its customers, the newest first, and of their transactions.

    An unknown merchant counts as the one that the sandbox starts with, a page that is not there as the last.
    """
    store = board._engine.store  # noqa: SLF001 - of the same package
    dialect = Docs() if board.dialect == "docs" else Dialect()
    with store.lock:
        now = to_micros(board.clock.now())
        known = store.select("merchants")[::-1]
        chosen = next((each for each in known if each.id == merchant_id), known[0])
        merchants: list[JsonValue] = [{"id": each.id, "name": each["name"]} for each in known]
        return {
            "merchants": merchants,
            "merchant": _merchant(store, chosen, now),
            "customers": _customers(store, dialect, chosen.id, search, customers_page, personal=personal),
            "transactions": _transactions(store, dialect, chosen.id, transactions_page, personal=personal),
        }


def _kind(kind: FaultKind) -> Values:
    """Return how a form asks for a fault."""
    names = ("min", "max", "step", "start")
    values: list[JsonValue] = [
        {**dict(zip(names, each.form, strict=True)), "word": WORDS.get(each.name, each.name)}
        for each in kind.parameters
        if each.form
    ]
    return {
        "kind": kind.name,
        "value": next(iter(values), None),
        "when": any(each.name == "when" for each in kind.parameters),
        "webhooks": kind.webhooks,
    }


def _line(entry: RecordedRequest, *, personal: bool) -> Values:
    return {
        "number": entry.number,
        "at": int(entry.at.timestamp() * 1000),
        "method": entry.method,
        "target": privacy.target(entry, personal=personal),
        "status": entry.status,
        "milliseconds": round(entry.milliseconds, 2),
        "faults": list(entry.faults),
    }


def _fault(fault: Fault) -> Values:
    return {"kind": fault.kind, "route": fault.route, "struck": fault.struck, "left": fault.left}


def _merchant(store: Store, merchant: Record, now: int) -> Values:
    balances: list[JsonValue] = [
        {
            "currency_code": account["currency_code"],
            "balance": smallest(balance(store, Book(account.owner, account.environment, account["currency_code"]))),
        }
        for account in sorted(store.select("accounts", ("owner = ?",), (merchant.id,)), key=lambda each: each.number)
    ]
    return {
        "id": merchant.id,
        "name": merchant["name"],
        "currency_code": merchant["currency_code"],
        "mrr": merchant["mrr"],
        "arr": merchant["arr"],
        "lifetime_value": merchant["merchant_lifetime_value"],
        "balances": balances,
        "recurring": _recurring(store, merchant, now),
        "paid": _paid(store, merchant, now),
    }


def _recurring(store: Store, merchant: Record, now: int) -> list[JsonValue]:
    """Return monthly recurring revenue at the end of each of the last 365 days, the oldest first; none without one.

    Only recurring payments ever move it, so the past is the present less what came since.
    """
    if merchant["mrr"] is None:
        return []
    gained = _by_day(store, merchant, "json_extract(body, '$.recurring')", now, RECURRING_DAYS)
    figures: list[JsonValue] = [merchant["mrr"]]
    figure = merchant["mrr"]
    for day in range(RECURRING_DAYS - 1):
        figure -= gained.get(day, 0)
        figures.append(figure)
    return figures[::-1]


def _paid(store: Store, merchant: Record, now: int) -> list[JsonValue]:
    """Return what was paid in the merchant's own currency on each of the last 60 days, the oldest first."""
    paid = _by_day(store, merchant, "1", now, PAID_DAYS)
    return [paid.get(day, 0) for day in reversed(range(PAID_DAYS))]


def _by_day(store: Store, merchant: Record, condition: str, now: int, days: int) -> dict[int, int | float]:
    """Return the sums of completed payments, by how many days (of UTC) ago they were."""
    today = now // DAY
    rows = store.rows(
        "SELECT created_at / ? AS day, sum(json_extract(body, '$.gross_amount')) AS total FROM objects"
        " WHERE type = 'transactions' AND deleted_at IS NULL AND owner = ? AND status = 'completed'"
        f" AND json_extract(body, '$.currency_code') = ? AND {condition} AND created_at >= ? GROUP BY day",
        *(DAY, merchant.id, merchant["currency_code"], (today - days + 1) * DAY),
    )
    return {today - row["day"]: to_smallest(row["total"], merchant["currency_code"]) for row in rows}


def _customers(store: Store, dialect: Dialect, merchant_id: str, search: str, page: int, *, personal: bool) -> Values:
    where, values = ["owner = ?"], [merchant_id]
    if search:
        where.append("instr(search, ?)")
        values.append(search.casefold())
    records, counted = _page(store, "customers", where, values, page)
    shown: list[JsonValue] = [
        {
            "id": dialect.show_id("cus", record.id),
            "name": record["name"] if personal else privacy.name_hint(record["name"]),
            "email": record["email"] if personal else privacy.email_hint(record["email"]),
            "phone_number": record["phone_number"] if personal else privacy.phone_hint(record["phone_number"]),
            "country": record["country"],
            "is_business": record["is_business"],
            "paid": store.count("transactions", ("json_extract(body, '$.customer_id') = ?",), (record.id,)),
            "created_at": record.created_at // 1000,
        }
        for record in records
    ]
    return {**counted, "rows": shown}


def _transactions(store: Store, dialect: Dialect, merchant_id: str, page: int, *, personal: bool) -> Values:
    records, counted = _page(store, "transactions", ["owner = ?"], [merchant_id], page)

    def name(customer_id: str) -> str:
        sql = "SELECT json_extract(body, '$.name') AS name FROM objects WHERE type = 'customers' AND id = ?"
        return str(store.rows(sql, customer_id)[0]["name"])

    shown: list[JsonValue] = [
        {
            "id": dialect.show_id("tx", record.id),
            "customer": name(record["customer_id"]) if personal else privacy.name_hint(name(record["customer_id"])),
            "gross_amount": to_smallest(record["gross_amount"], record["currency_code"]),
            "currency_code": record["currency_code"],
            "status": record.status,
            "method": record["payment_method_code"],
            "recurring": record["recurring"],
            "created_at": record.created_at // 1000,
        }
        for record in records
    ]
    return {**counted, "rows": shown}


def _page(
    store: Store, type: str, where: list[str], values: Sequence[SqlValue], page: int
) -> tuple[list[Record], Values]:
    """Return the objects of a page, the newest first, and how many objects and pages there are."""
    total = store.count(type, where, values)
    pages = max(1, -(-total // ROWS))
    page = min(max(page, 1), pages)
    records = store.select(type, where, values, f"OFFSET {(page - 1) * ROWS}", ROWS)
    return records, {"total": total, "page": page, "pages": pages}
