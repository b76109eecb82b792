from __future__ import annotations

import json
from typing import Final

from ._customers import asked_for
from ._dialects import Dialect, Values
from ._http import JsonValue, Reply
from ._routes import Context, Resource, Route
from ._store import Row

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS transactions (
    number INTEGER PRIMARY KEY,
    transaction_id TEXT NOT NULL UNIQUE,
    customer_id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    environment TEXT NOT NULL,
    status TEXT NOT NULL,
    gross_amount NUMERIC NOT NULL,
    currency_code TEXT NOT NULL,
    description TEXT,
    metadata TEXT,
    payment_method_code TEXT NOT NULL,
    provider_code TEXT NOT NULL,
    recurring INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS transactions_listed
    ON transactions (customer_id, environment, created_at DESC, number DESC);
"""


def list_(context: Context) -> Reply:
    customer = asked_for(context)
    rows = context.store.rows(
        "SELECT * FROM transactions WHERE customer_id = ? AND environment = ? ORDER BY created_at DESC, number DESC",
        customer["customer_id"],
        context.caller.environment,
    )
    shown: list[JsonValue] = [show(context.dialect, row) for row in rows]
    return Reply(200, shown)


def show(dialect: Dialect, row: Row) -> Values:
    return dialect.transaction(
        {
            "transaction_id": dialect.show_id("tx", row["transaction_id"]),
            "status": row["status"],
            "gross_amount": row["gross_amount"],
            "currency_code": row["currency_code"],
            "description": row["description"],
            "metadata": None if row["metadata"] is None else json.loads(row["metadata"]),
            "payment_method_code": row["payment_method_code"],
            "provider_code": row["provider_code"],
            "created_at": dialect.time(row["created_at"]),
        }
    )


RESOURCE: Final = Resource(SCHEMA, (Route("GET", "/customers/{id}/transactions", list_, capability="customer.read"),))
