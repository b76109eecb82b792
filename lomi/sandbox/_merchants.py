from __future__ import annotations

import json
from typing import Final

from ._http import ApiError, Reply
from ._routes import Context, Resource, Route
from ._store import Row

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS merchants (
    number INTEGER PRIMARY KEY,
    merchant_id TEXT NOT NULL UNIQUE,
    organization_id TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT,
    phone_number TEXT,
    country TEXT,
    currency_code TEXT NOT NULL,
    mrr NUMERIC,
    arr NUMERIC,
    merchant_lifetime_value NUMERIC NOT NULL,
    retry_payment_every INTEGER NOT NULL,
    total_retries INTEGER NOT NULL,
    metadata TEXT NOT NULL,
    account TEXT UNIQUE,
    operator TEXT,
    capabilities TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS keys (
    number INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    merchant_id TEXT NOT NULL,
    environment TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS balances (
    number INTEGER PRIMARY KEY,
    merchant_id TEXT NOT NULL,
    currency_code TEXT NOT NULL,
    balance NUMERIC NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (merchant_id, currency_code)
);
"""


def get(context: Context) -> Reply:
    row = _own(context)
    time = context.dialect.time
    return Reply(
        200,
        context.dialect.envelope(
            {
                "merchant_id": row["merchant_id"],
                "name": row["name"],
                "email": row["email"],
                "phone_number": row["phone_number"],
                "country": row["country"],
                "mrr": row["mrr"],
                "arr": row["arr"],
                "merchant_lifetime_value": row["merchant_lifetime_value"],
                "retry_payment_every": row["retry_payment_every"],
                "total_retries": row["total_retries"],
                "metadata": json.loads(row["metadata"]),
                "created_at": time(row["created_at"]),
                "updated_at": time(row["updated_at"]),
            }
        ),
    )


def get_mrr(context: Context) -> Reply:
    return _figure(context, "mrr")


def get_arr(context: Context) -> Reply:
    return _figure(context, "arr")


def get_balance(context: Context) -> Reply:
    row = _own(context)
    dialect = context.dialect
    currency = dialect.currency(context.query)
    balance = context.store.find(
        "SELECT * FROM balances WHERE merchant_id = ? AND currency_code = ?", row["merchant_id"], currency
    )
    if balance is None:
        raise dialect.no_account(currency)
    return Reply(
        200,
        dialect.envelope(
            {
                "merchant_id": row["merchant_id"],
                "currency_code": currency,
                "balance": balance["balance"],
                "as_of_date": dialect.as_of(context.now, balance["updated_at"]),
            }
        ),
    )


def _own(context: Context) -> Row:
    """The merchant asked for, which only the holder of its key gets to see."""
    if context.params["id"] != context.caller.merchant_id:
        raise context.dialect.other_merchant(context.params["id"])
    return context.store.row("SELECT * FROM merchants WHERE merchant_id = ?", context.caller.merchant_id)


def _figure(context: Context, name: str) -> Reply:
    row = _own(context)
    if row[name] is None:
        raise ApiError(404, f"No {name.upper()} data found for the merchant.")
    return Reply(
        200,
        context.dialect.envelope(
            {
                "merchant_id": row["merchant_id"],
                name: row[name],
                "currency_code": row["currency_code"],
                "as_of_date": context.dialect.present(context.now),
            }
        ),
    )


RESOURCE: Final = Resource(
    SCHEMA,
    (
        Route("GET", "/merchants/{id}", get, reads="merchant details"),
        Route("GET", "/merchants/{id}/mrr", get_mrr, reads="merchant MRR", dated=True),
        Route("GET", "/merchants/{id}/arr", get_arr, reads="merchant ARR", dated=True),
        Route("GET", "/merchants/{id}/balance", get_balance, reads="merchant balance"),
    ),
)
