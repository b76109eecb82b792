from __future__ import annotations

import json
from typing import Final

from ._customers import asked_for
from ._dialects import LARGEST_INT4, read_digits
from ._http import DatabaseError, JsonValue, Reply
from ._routes import Context, Resource, Route

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS portal_events (
    number INTEGER PRIMARY KEY,
    event_id TEXT NOT NULL UNIQUE,
    customer_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    metadata TEXT NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS portal_events_listed ON portal_events (customer_id, number);
"""

LIFETIME: Final = 900
LARGEST_PAGE: Final = 200


def launch(context: Context) -> Reply:
    """Open a portal session. What the body asks for is echoed and never checked, as on the server."""
    customer = asked_for(context)
    sent = context.body if isinstance(context.body, dict) else {}
    subscription = sent.get("flow_subscription_id")
    if subscription is not None:
        context.dialect.read_id("sub", str(subscription))
    store = context.store
    with store.transaction():
        number = store.next_number("portal_events")
        event_id = context.ids.make("event", number)
        store.insert(
            "portal_events",
            {
                "number": number,
                "event_id": event_id,
                "customer_id": customer["customer_id"],
                "event_type": "session_launched",
                "metadata": json.dumps({"flow_type": sent.get("flow_type")}),
                "created_at": context.now,
            },
        )
    token = f"sandbox_launch_{event_id.replace('-', '')}"
    return Reply(
        201,
        {
            "customer_id": context.dialect.show_id("cus", customer["customer_id"]),
            "organization_id": context.caller.organization_id,
            "launch_token": token,
            "launch_url": f"https://portal.lomi-sandbox.invalid/launch?token={token}",
            "expires_in_seconds": LIFETIME,
            "flow_type": sent.get("flow_type"),
            "flow_subscription_id": subscription,
            "return_url": sent.get("return_url"),
            "flow_after_completion_url": sent.get("flow_after_completion_url"),
        },
    )


def audit(context: Context) -> Reply:
    customer = asked_for(context)
    types = context.query.get("eventType", [])
    if len(types) > 1:
        raise DatabaseError("malformed array literal")
    # Unlike the customers' listing this one mends its numbers, and reports the mended ones.
    page = max(1, read_digits(context.query, "page", 1))
    size = min(LARGEST_PAGE, max(1, read_digits(context.query, "pageSize", 50)))
    if page > LARGEST_INT4:
        raise DatabaseError("integer out of range")
    where = "customer_id = ?" + (" AND event_type = ?" if types else "")
    values = (customer["customer_id"], *types)
    rows = context.store.rows(
        f"SELECT * FROM portal_events WHERE {where} ORDER BY number DESC LIMIT ? OFFSET ?",
        *values,
        size,
        (page - 1) * size,
    )
    total = context.store.row(f"SELECT count(*) AS n FROM portal_events WHERE {where}", *values)["n"]
    events: list[JsonValue] = [
        {
            "event_id": row["event_id"],
            "organization_id": context.caller.organization_id,
            "customer_id": context.dialect.show_id("cus", row["customer_id"]),
            "event_type": row["event_type"],
            "metadata": json.loads(row["metadata"]),
            "created_at": context.dialect.time(row["created_at"]),
        }
        for row in rows
    ]
    return Reply(200, {"events": events, "pagination": context.dialect.pagination(page, size, total, len(rows))})


RESOURCE: Final = Resource(
    SCHEMA,
    (
        Route("POST", "/customers/{id}/portal-launch-session", launch),
        Route("GET", "/customers/{id}/portal-audit", audit),
    ),
)
