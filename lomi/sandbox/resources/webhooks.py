"""Endpoints that events are sent to.

The deployed server cannot create or change them: a middleware hides the body of what is sent to `/webhooks`. So a
create is refused, and an update succeeds and changes nothing, unless the sandbox is told to work as designed.
"""

from __future__ import annotations

import json
from typing import Final
from urllib.parse import urlsplit

from ..behaviours import Delete, Get, List
from ..checks import is_private_host
from ..engine import Engine
from ..http import ApiError, DatabaseError, JsonValue, Reply, to_json
from ..resource import TEXT, Call, Operation, Resource, Shape, View
from ..store import Record, Row, Values
from ..webhooks import EVENTS, envelope

KEYS: Final = (
    "webhook_id url authorized_events is_active environment organization_id created_by metadata supports_spi"
    " spi_event_types retry_count last_triggered_at last_response_status last_response_body last_payload deleted_at"
    " created_at updated_at id events active"
)


def create(call: Call) -> Reply:
    sent = call.sent if _is_designed(call) else {}
    url, events = _url(sent.get("url")), _events(sent.get("authorized_events"))
    description = sent.get("description")
    metadata: JsonValue = {"description": description} if description else None
    caller = call.caller
    body: Values = {"url": url, "authorized_events": events, "metadata": sent.get("metadata", metadata)}
    made = add_endpoint(call.engine, caller.merchant_id, caller.environment, body)
    return Reply(201, {"data": call.show(made), "secret": made["secret"]})


def add_endpoint(engine: Engine, owner: str, environment: str, body: Values, secret: str | None = None) -> Record:
    """Store an endpoint, active, and with a new secret unless one is given. With the lock held."""
    number = engine.store.next_number("webhooks")
    secret = secret or f"whsec_{engine.ids.make('secret', number).replace('-', '')}"
    body = {"url": "", "authorized_events": [], "is_active": True, **body, "secret": secret}
    return engine.create("webhooks", body, owner=owner, environment=environment)


def update(call: Call) -> Reply:
    record = call.find()
    sent = call.sent if _is_designed(call) else {}
    if "url" in sent:
        record.body["url"] = _url(sent["url"])
    if "authorized_events" in sent:
        record.body["authorized_events"] = _events(sent["authorized_events"])
    record.body.update({name: sent[name] for name in ("is_active", "metadata") if name in sent})
    call.engine.save(record)
    return Reply(200, call.show(record))


def test(call: Call) -> Reply:
    """Send a sample event. What the server sends is not known; the pages name this event and another."""
    endpoint, now = call.find(), call.engine.now
    event_id = call.engine.ids.make("sample", now)
    data: Values = {"webhook_id": endpoint.id, "message": "This is a test event"}
    status, response = call.engine.outbox.send_now(
        endpoint, "test.webhook", envelope(event_id, "test.webhook", now, data)
    )
    if not 200 <= status < 300:
        raise ApiError(400, response or "Webhook test delivery failed")
    return Reply(200, {"success": True, "event_id": event_id, "response_status": status})


def retry(call: Call) -> Reply:
    """Deliver a logged event again."""
    endpoint, log = call.find(), call.dialect.read_id("", call.params["logId"])
    where = "SELECT * FROM deliveries WHERE log_id = ? AND endpoint = ?"
    rows = call.engine.store.rows(where, log, endpoint.id)
    if not rows:
        raise ApiError(404, "Delivery log not found or retry failed")
    status, response, sent = call.engine.outbox.resend(endpoint, rows[0])
    if sent is None:
        raise ApiError(400, response or f"Webhook retry failed ({status})")
    return Reply(200, {"delivered": True, "response_status": status, "event_id": sent.event_id})


def _is_designed(call: Call) -> bool:
    return call.engine.outbox.as_documented or call.dialect.name == "docs"


def _url(url: JsonValue) -> str:
    """Return the URL of an endpoint. Plain http is for this machine and its own network, which the server refuses."""
    parts = urlsplit(url) if isinstance(url, str) else None
    if parts is None or not parts.scheme or not parts.hostname:
        raise ApiError(400, "Invalid webhook URL format")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_private_host(parts.hostname)):
        raise ApiError(400, "Webhook URL must use HTTPS")
    if parts.username or parts.password:
        raise ApiError(400, "Webhook URL must not include embedded credentials")
    return str(url)


def _events(events: JsonValue) -> list[JsonValue]:
    names: list[JsonValue] = events if isinstance(events, list) else [events]
    if not names or names in ([None], [""]):
        raise ApiError(400, "authorized_events is required")
    unknown = [name for name in names if name not in EVENTS]
    if unknown:
        raise DatabaseError(f"invalid input value for enum webhook_event: {to_json(unknown[0]).decode()}")
    return names


def last_delivery(view: View, record: Record) -> Row | None:
    found = view.engine.store.rows(
        "SELECT * FROM deliveries WHERE endpoint = ? AND response_status IS NOT NULL ORDER BY number DESC LIMIT 1",
        record.id,
    )
    return found[0] if found else None


def _shown(view: View, record: Record, values: Values) -> Values:
    """Show it as the server does: under two names, with what was sent to it last, without its secret."""
    last = last_delivery(view, record)
    # Added by a test without a choice, it gets every event.
    events: list[JsonValue] = record["authorized_events"] or list[JsonValue](EVENTS)
    values.update(authorized_events=events, events=events, active=record["is_active"], created_by=record.owner)
    values.update(supports_spi=False, retry_count=0)
    if last is not None:
        values.update(
            last_triggered_at=view.dialect.time(last["sent_at"]),
            last_response_status=last["response_status"],
            last_response_body=last["response"],
            last_payload=json.loads(last["request"]),
        )
    return values


WEBHOOKS: Final = Resource(
    "webhooks",
    key="webhook_id",
    noun="Webhook",
    shape=Shape(KEYS),
    finish=_shown,
    operations=(
        Operation("POST", "/webhooks", create, errors=TEXT),
        Operation("GET", "/webhooks", List("array")),
        Operation("GET", "/webhooks/{id}", Get()),
        Operation("PATCH", "/webhooks/{id}", update, errors=TEXT),
        Operation("DELETE", "/webhooks/{id}", Delete(), errors=TEXT),
        Operation("POST", "/webhooks/{id}/test", test, errors=TEXT),
        Operation("POST", "/webhooks/{webhookId}/logs/{logId}/retry", retry, errors=TEXT),
    ),
)
