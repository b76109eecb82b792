"""What was delivered, as far as the server logs it: what was accepted, what was refused, what was given up directly."""

from __future__ import annotations

import json
from typing import Final

from ..http import ApiError, DatabaseError, JsonValue, Reply
from ..resource import Call, Operation, Resource
from ..store import Row, SqlValue, Values


def list_all(call: Call) -> Reply:
    offset, limit = call.dialect.window(call.query, 25)
    only = {name: _flag(call, name) for name in ("successOnly", "failedOnly")}
    asked = call.query.get("webhookId")
    if asked is None or len(asked) != 1:
        raise DatabaseError("webhookId is required")
    where = "log_id IS NOT NULL AND endpoint = ? AND endpoint IN (SELECT id FROM objects WHERE owner = ?)"
    where += " AND status = 'delivered'" if only["successOnly"] else ""
    where += " AND status != 'delivered'" if only["failedOnly"] else ""
    rows = _rows(call, where, call.dialect.read_id("", asked[0]), call.caller.merchant_id, limit=limit, offset=offset)
    shown: list[JsonValue] = [_shown(call, row) for row in rows]
    return Reply(200, shown)


def get(call: Call) -> Reply:
    where = "log_id = ? AND endpoint IN (SELECT id FROM objects WHERE owner = ?)"
    rows = _rows(call, where, call.dialect.read_id("", call.id), call.caller.merchant_id)
    if not rows:
        raise ApiError(404, f"Webhook delivery log with ID {call.id} not found")
    return Reply(200, _shown(call, rows[0]))


def _flag(call: Call, name: str) -> bool:
    values = call.query.get(name, ["false"])
    if len(values) != 1 or values[0] not in {"true", "false"}:
        raise ApiError(400, "Validation failed (boolean string is expected)")
    return values == ["true"]


def _rows(call: Call, where: str, *values: SqlValue, limit: int = -1, offset: int = 0) -> list[Row]:
    sql = f"SELECT * FROM deliveries WHERE {where} ORDER BY number DESC LIMIT ? OFFSET ?"
    return call.engine.store.rows(sql, *values, limit, offset)


def _shown(call: Call, row: Row) -> Values:
    return {
        "log_id": row["log_id"],
        "webhook_id": row["endpoint"],
        "organization_id": call.caller.organization_id,
        "event_type": row["event"],
        "payload": json.loads(row["logged"]),
        "response_status": row["response_status"],
        "response_body": row["response"],
        "attempt_number": row["attempt"],
        "success": row["status"] == "delivered",
        "headers": None,
        "ip_address": None,
        "user_agent": None,
        "request_duration_ms": None,
        "created_at": call.dialect.time(row["sent_at"]),
    }


DELIVERY_LOGS: Final = Resource(
    "webhook_delivery_logs",
    key="log_id",
    operations=(
        Operation("GET", "/webhook-delivery-logs", list_all),
        Operation("GET", "/webhook-delivery-logs/{id}", get),
    ),
)
