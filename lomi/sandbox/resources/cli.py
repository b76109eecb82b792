"""What the vendor's command line uses: a stream of what is sent to endpoints, and events on request."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Final

from ..engine import Engine
from ..examples import EVENTS
from ..http import ApiError, Reply
from ..resource import Call, Operation, Resource
from ..store import Record, Values
from ..wire import js_time
from .webhooks import add_endpoint


def listen(call: Call) -> Reply:
    """Stream every delivery of the caller's events, by an endpoint that lasts as long as the stream."""
    engine, caller = call.engine, call.caller

    def start(push: Callable[[bytes], object]) -> Callable[[], None]:
        def relay(body: bytes, headers: Mapping[str, str]) -> int:
            # The payload's own text: its signature is that of these bytes.
            told = json.dumps({"type": "webhook", "event": headers["X-Lomi-Event"], "headers": dict(headers)})
            push(b"data: " + told.encode()[:-1] + b', "payload": ' + body + b"}\n\n")
            return 200

        with engine.lock:
            endpoint = add_endpoint(engine, caller.merchant_id, caller.environment, {})
            engine.outbox.handlers[endpoint.id] = relay
        hello: Values = {"type": "connected", "organization_id": caller.organization_id}
        hello.update(webhook_secret=endpoint["secret"], ts=js_time(engine.now))
        push(b"data: " + json.dumps(hello).encode() + b"\n\n")

        def stop() -> None:
            with engine.lock:
                engine.store.delete(endpoint, engine.now)
                del engine.outbox.handlers[endpoint.id]

        return stop

    return Reply(200, None, start)


def trigger(call: Call) -> Reply:
    """Emit an event about nothing that exists. Without `environment: "test"` it goes to live endpoints, as there."""
    event, data = call.sent.get("event"), call.sent.get("data")
    if not isinstance(event, str) or not isinstance(data, dict):
        raise ApiError(400, "event and data are required")
    caller, engine = call.caller, call.engine
    payload: Values = {**data, "organization_id": caller.organization_id, "merchant_id": caller.merchant_id}
    # An event that nothing listens to is accepted, and goes nowhere.
    if event in EVENTS:
        emit(engine, caller.merchant_id, event, payload)
    return Reply(201, {"success": True, "message": f"Event {event} emitted", "payload": payload})


def emit(engine: Engine, owner: str, event: str, data: Values) -> None:
    """Send an event to the endpoints of a merchant. With the lock held."""
    environment, now = "test" if data.get("environment") == "test" else "live", engine.now
    engine.outbox.add(event, data, Record("events", 0, "", owner, environment, None, data, now, now, now), now)
    engine.wake()


CLI: Final = Resource(
    "cli",
    key="event_id",
    operations=(
        Operation("GET", "/cli/listen", listen),
        Operation("POST", "/test/webhook-event", trigger),
    ),
)
