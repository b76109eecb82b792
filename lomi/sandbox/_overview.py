"""What the page shows of a sandbox, as JSON values: what happened, and the data as it is now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from . import _privacy
from ._clock import SECOND, to_micros
from ._dialects import Dialect, Values
from ._faults import Fault
from ._http import JsonValue
from ._log import RecordedRequest, masked
from ._resources import RESOURCES
from ._store import Row, SqlValue, Store

if TYPE_CHECKING:
    from ._sandbox import Sandbox

DAY: Final = 24 * 3600 * SECOND
RECURRING_DAYS: Final = 365
PAID_DAYS: Final = 60
LARGEST_BATCH: Final = 200
ROWS: Final = 10


def about(sandbox: Sandbox) -> Values:
    """What stays as it is for as long as the sandbox is served."""
    return {
        "key": masked(sandbox.api_key),
        "routes": [route.name for resource in RESOURCES for route in resource.routes],
    }


def state(sandbox: Sandbox, after: int, *, personal: bool) -> Values:
    """The switches as they stand, and the requests with a number above `after`, the newest 200 of them.

    `oldest` is the number of the first request that is still known, so that a page forgets those before it;
    `revision` is another whenever the data may be.
    """
    store = sandbox._store  # noqa: SLF001 - of the same package
    with store.lock:
        known = sandbox.requests
        new: list[JsonValue] = [
            _line(entry, personal=personal) for entry in known[-LARGEST_BATCH:] if entry.number > after
        ]
        return {
            "now": to_micros(sandbox.clock.now()) // 1000,
            "frozen": sandbox.clock.frozen,
            "dialect": sandbox.dialect,
            "revision": store.changes,
            "faults": [_fault(fault) for fault in sandbox.faults],
            "oldest": known[0].number if known else None,
            "requests": new,
        }


def request(sandbox: Sandbox, number: int, *, personal: bool) -> Values | None:
    """One request with its headers and both bodies; None if it is not known any more."""
    entry = next((entry for entry in sandbox.requests if entry.number == number), None)
    if entry is None:
        return None
    headers: Values = dict(_privacy.headers(entry, personal=personal))
    return {
        "headers": headers,
        "body": _privacy.body(entry, personal=personal),
        "answer": _privacy.answer(entry, personal=personal),
    }


def data(
    sandbox: Sandbox,
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
    store, dialect = sandbox._store, sandbox._app.dialect  # noqa: SLF001 - of the same package
    with store.lock:
        now = to_micros(sandbox.clock.now())
        chosen = store.find("SELECT * FROM merchants WHERE merchant_id = ?", merchant_id) or store.row(
            "SELECT * FROM merchants WHERE merchant_id = ?", sandbox.merchant_id
        )
        merchants: list[JsonValue] = [
            {"id": row["merchant_id"], "name": row["name"]}
            for row in store.rows("SELECT merchant_id, name FROM merchants ORDER BY number")
        ]
        owner: str = chosen["merchant_id"]
        return {
            "merchants": merchants,
            "merchant": _merchant(store, chosen, now),
            "customers": _customers(store, dialect, owner, search, customers_page, personal=personal),
            "transactions": _transactions(store, dialect, owner, transactions_page, personal=personal),
        }


def _line(entry: RecordedRequest, *, personal: bool) -> Values:
    return {
        "number": entry.number,
        "at": int(entry.at.timestamp() * 1000),
        "method": entry.method,
        "target": _privacy.target(entry, personal=personal),
        "status": entry.status,
        "milliseconds": round(entry.milliseconds, 2),
        "faults": list(entry.faults),
    }


def _fault(fault: Fault) -> Values:
    return {"kind": fault.kind, "route": fault.route, "struck": fault.struck, "left": fault.left}


def _merchant(store: Store, row: Row, now: int) -> Values:
    balances: list[JsonValue] = [
        {"currency_code": balance["currency_code"], "balance": balance["balance"]}
        for balance in store.rows("SELECT * FROM balances WHERE merchant_id = ? ORDER BY number", row["merchant_id"])
    ]
    return {
        "id": row["merchant_id"],
        "name": row["name"],
        "currency_code": row["currency_code"],
        "mrr": row["mrr"],
        "arr": row["arr"],
        "lifetime_value": row["merchant_lifetime_value"],
        "balances": balances,
        "recurring": _recurring(store, row, now),
        "paid": _paid(store, row, now),
    }


def _recurring(store: Store, merchant: Row, now: int) -> list[JsonValue]:
    """Monthly recurring revenue at the end of each of the last 365 days, the oldest first; none without one.

    Only recurring payments ever move it, so the past is the present less what came since.
    """
    if merchant["mrr"] is None:
        return []
    gained = _by_day(store, merchant, "recurring", now, RECURRING_DAYS)
    figures: list[JsonValue] = [merchant["mrr"]]
    figure = merchant["mrr"]
    for day in range(RECURRING_DAYS - 1):
        figure -= gained.get(day, 0)
        figures.append(figure)
    return figures[::-1]


def _paid(store: Store, merchant: Row, now: int) -> list[JsonValue]:
    """What was paid in the merchant's own currency on each of the last 60 days, the oldest first."""
    paid = _by_day(store, merchant, "1", now, PAID_DAYS)
    return [paid.get(day, 0) for day in reversed(range(PAID_DAYS))]


def _by_day(store: Store, merchant: Row, condition: str, now: int, days: int) -> dict[int, float]:
    """Sums of completed payments, by how many days (of UTC) ago they were."""
    today = now // DAY
    rows = store.rows(
        "SELECT created_at / ? AS day, sum(gross_amount) AS total FROM transactions WHERE merchant_id = ?"
        f" AND status = 'completed' AND currency_code = ? AND {condition} AND created_at >= ? GROUP BY day",
        DAY,
        merchant["merchant_id"],
        merchant["currency_code"],
        (today - days + 1) * DAY,
    )
    return {today - row["day"]: row["total"] for row in rows}


def _customers(store: Store, dialect: Dialect, merchant_id: str, search: str, page: int, *, personal: bool) -> Values:
    where = "WHERE merchant_id = ? AND deleted_at IS NULL"
    values: tuple[SqlValue, ...] = (merchant_id,)
    if search:
        where += " AND instr(search, ?)"
        values += (search.casefold(),)
    rows, counted = _page(store, "customers", "*", where, values, page)
    shown: list[JsonValue] = [
        {
            "id": dialect.show_id("cus", row["customer_id"]),
            "name": row["name"] if personal else _privacy.name_hint(row["name"]),
            "email": row["email"] if personal else _privacy.email_hint(row["email"]),
            "phone_number": row["phone_number"] if personal else _privacy.phone_hint(row["phone_number"]),
            "country": row["country"],
            "is_business": bool(row["is_business"]),
            "paid": row["paid"],
            "created_at": row["created_at"] // 1000,
        }
        for row in rows
    ]
    return {**counted, "rows": shown}


def _transactions(store: Store, dialect: Dialect, merchant_id: str, page: int, *, personal: bool) -> Values:
    name = "(SELECT name FROM customers WHERE customer_id = transactions.customer_id) AS name"
    rows, counted = _page(store, "transactions", f"*, {name}", "WHERE merchant_id = ?", (merchant_id,), page)
    shown: list[JsonValue] = [
        {
            "id": dialect.show_id("tx", row["transaction_id"]),
            "customer": row["name"] if personal else _privacy.name_hint(row["name"]),
            "gross_amount": row["gross_amount"],
            "currency_code": row["currency_code"],
            "status": row["status"],
            "method": row["payment_method_code"],
            "recurring": bool(row["recurring"]),
            "created_at": row["created_at"] // 1000,
        }
        for row in rows
    ]
    return {**counted, "rows": shown}


def _page(
    store: Store, table: str, columns: str, where: str, values: tuple[SqlValue, ...], page: int
) -> tuple[list[Row], Values]:
    """The rows of a page, the newest first, and how many rows and pages there are."""
    total = int(store.row(f"SELECT count(*) AS n FROM {table} {where}", *values)["n"])
    pages = max(1, -(-total // ROWS))
    page = min(max(page, 1), pages)
    newest = f"SELECT {columns} FROM {table} {where} ORDER BY number DESC LIMIT ? OFFSET ?"
    rows = store.rows(newest, *values, ROWS, (page - 1) * ROWS)
    return rows, {"total": total, "page": page, "pages": pages}
