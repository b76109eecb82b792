from __future__ import annotations

import json
from typing import Final

from ._dialects import Field, Values
from ._http import ApiError, JsonValue, Reply, holds_nul
from ._routes import Context, Resource, Route
from ._store import Row, SqlValue

# `paid` counts transactions: a customer who has any is active. `search` is what a search looks through.
# `previous` holds the basic fields before the last PATCH, for one that read them too early.
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS customers (
    number INTEGER PRIMARY KEY,
    customer_id TEXT NOT NULL UNIQUE,
    merchant_id TEXT NOT NULL,
    environment TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT,
    phone_number TEXT,
    whatsapp_number TEXT,
    country TEXT,
    city TEXT,
    address TEXT,
    postal_code TEXT,
    is_business INTEGER NOT NULL,
    metadata TEXT,
    search TEXT NOT NULL,
    paid INTEGER NOT NULL DEFAULT 0,
    previous TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER
);
CREATE INDEX IF NOT EXISTS customers_listed
    ON customers (merchant_id, environment, created_at DESC, number DESC, is_business, paid)
    WHERE deleted_at IS NULL;
"""

FIELDS: Final = (
    Field("name", "text", required=True),
    Field("email", "email"),
    Field("phone_number", "text"),
    Field("whatsapp_number", "text"),
    Field("country", "text", absent=""),
    Field("city", "text", absent=""),
    Field("address", "text", absent=""),
    Field("postal_code", "text", absent=""),
    Field("is_business", "boolean", absent=False),
)


def create(context: Context) -> Reply:
    store, caller = context.store, context.caller
    values = context.dialect.create(FIELDS, context.body)
    with store.transaction():
        number = store.next_number("customers")
        identifier = context.ids.make("customer", number)
        store.insert(
            "customers",
            {
                "number": number,
                "customer_id": identifier,
                "merchant_id": caller.merchant_id,
                "environment": caller.environment,
                **_columns(values),
                "created_at": context.now,
                "updated_at": context.now,
            },
        )
    _write_metadata(context, identifier, values["metadata"], creating=True)
    return Reply(201, _shown(context, _read_back(context, identifier)))


def list_(context: Context) -> Reply:
    query, dialect = context.query, context.dialect
    page, size = dialect.page(query)
    conditions = ["merchant_id = ?", "environment = ?", "deleted_at IS NULL"]
    values: list[SqlValue] = [context.caller.merchant_id, context.caller.environment]
    type_ = dialect.choice(query, "type", ("business", "individual"))
    if type_ is not None:
        conditions.append("is_business = ?")
        values.append(int(type_ == "business"))
    status = dialect.choice(query, "status", ("active", "inactive"))
    if status is not None:
        conditions.append("paid > 0" if status == "active" else "paid = 0")
    searched = query.get("search", [])
    if any(searched):
        # Sent more than once it is an array, and an array is looked for as one.
        text = searched[0] if len(searched) == 1 else json.dumps(searched)
        conditions.append("instr(search, ?)")
        values.append(text.replace("\0", "").casefold())
    where = " AND ".join(conditions)
    # A repeated page is what somebody else's insert in the meantime makes of offset paging.
    skipped = page - 2 if page > 1 and context.take("repeat_page") else page - 1
    total = context.store.row(f"SELECT count(*) AS n FROM customers WHERE {where}", *values)["n"]
    rows = context.store.rows(
        f"SELECT * FROM customers WHERE {where} ORDER BY created_at DESC, number DESC LIMIT ? OFFSET ?",
        *values,
        size,
        skipped * size,
    )
    shown: list[JsonValue] = [dialect.item("cus", "customer_id", _values(context, row)) for row in rows]
    return Reply(200, {"customers": shown, "pagination": dialect.pagination(page, size, total, len(rows))})


def get(context: Context) -> Reply:
    return Reply(200, _shown(context, asked_for(context)))


def update(context: Context) -> Reply:
    row = asked_for(context)
    changes = context.dialect.update(FIELDS, context.body)
    if changes is None:
        return Reply(200, _shown(context, row))
    identifier: str = row["customer_id"]
    basic = {name: value for name, value in changes.items() if name != "metadata"}
    columns: dict[str, SqlValue] = {}
    if basic:
        before = {field.name: row[field.name] for field in FIELDS}
        read: Values = json.loads(row["previous"]) if row["previous"] and context.take("stale_read") else before
        columns = {
            **_columns({**context.dialect.rewrite(FIELDS, read), **basic}),
            "previous": json.dumps(before),
        }
    assignments = "".join(f"{name} = ?, " for name in columns)
    context.store.run(
        f"UPDATE customers SET {assignments}updated_at = ? WHERE customer_id = ?",
        *columns.values(),
        context.now,
        identifier,
    )
    if "metadata" in changes:
        _write_metadata(context, identifier, changes["metadata"], creating=False)
    return Reply(200, _shown(context, _read_back(context, identifier)))


def delete(context: Context) -> Reply:
    row = asked_for(context)
    context.store.run("UPDATE customers SET deleted_at = ? WHERE customer_id = ?", context.now, row["customer_id"])
    return Reply(200, {"message": "Customer deleted successfully"})


def asked_for(context: Context) -> Row:
    """The customer whose id is in the path. The environment is not looked at, only whose it is."""
    text = context.params["id"]
    identifier = context.dialect.read_id("cus", text)
    row = context.store.find(
        "SELECT * FROM customers WHERE customer_id = ? AND merchant_id = ? AND deleted_at IS NULL",
        identifier,
        context.caller.merchant_id,
    )
    if row is None:
        raise ApiError(404, f"Customer with ID {text} not found or access denied")
    return row


def _read_back(context: Context, identifier: str) -> Row:
    return context.store.row("SELECT * FROM customers WHERE customer_id = ?", identifier)


def _columns(values: Values) -> dict[str, SqlValue]:
    columns: dict[str, SqlValue] = {}
    for field in FIELDS:
        value = values[field.name]
        columns[field.name] = int(bool(value)) if field.kind == "boolean" else None if value is None else str(value)
    return {**columns, "search": searchable(columns["name"], columns["email"])}


def searchable(name: SqlValue, email: SqlValue) -> str:
    return f"{name}\n{email or ''}".casefold()


def _write_metadata(context: Context, identifier: str, metadata: JsonValue, *, creating: bool) -> None:
    """A step of its own, after the basic fields, so that it can fail alone."""
    if metadata is not None and (context.take("lose_metadata") or holds_nul(metadata)):
        context.dialect.metadata_lost(creating=creating)
        return
    if metadata is not None and context.caller.account is not None and isinstance(metadata, dict):
        metadata = {**metadata, "network": {"account": context.caller.account}}
    context.store.run(
        "UPDATE customers SET metadata = ? WHERE customer_id = ?",
        None if metadata is None else json.dumps(metadata),
        identifier,
    )


def _shown(context: Context, row: Row) -> Values:
    return context.dialect.entity("cus", "customer_id", _values(context, row))


def _values(context: Context, row: Row) -> Values:
    return {
        "customer_id": row["customer_id"],
        "organization_id": context.caller.organization_id,
        "name": row["name"],
        "email": row["email"],
        "phone_number": row["phone_number"],
        "whatsapp_number": row["whatsapp_number"],
        "country": row["country"],
        "city": row["city"],
        "address": row["address"],
        "postal_code": row["postal_code"],
        "is_business": bool(row["is_business"]),
        "metadata": None if row["metadata"] is None else json.loads(row["metadata"]),
        "environment": row["environment"],
        "created_at": context.dialect.time(row["created_at"]),
        "updated_at": context.dialect.time(row["updated_at"]),
    }


RESOURCE: Final = Resource(
    SCHEMA,
    (
        Route("POST", "/customers", create, capability="customer.write"),
        Route("GET", "/customers", list_, capability="customer.read"),
        Route("GET", "/customers/{id}", get, capability="customer.read"),
        Route("PATCH", "/customers/{id}", update, capability="customer.write"),
        Route("DELETE", "/customers/{id}", delete),
    ),
)
