"""Webhooks: events become deliveries, which are sent outside the lock and retried on the vendor's schedule."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from .checks import demand, is_nearby
from .clock import SECOND, EngineClock, to_datetime
from .http import to_json
from .matching import InjectedFault, find_match
from .store import Identifiers, Record, Row, Store, Values
from .wire import js_time

Handler: TypeAlias = Callable[[bytes, Mapping[str, str]], object]
"""Receives a webhook in process: body and headers. Returns a status; None counts as 200, an exception as 500."""

TYPE: Final = "webhooks"
# Seconds between the attempts. The queue keeps an event's id over all of them; sent directly, each has a new one.
QUEUED: Final = (5, 10, 20, 40)
DIRECT: Final = (3, 6, 12)
TIMEOUT: Final = 4.0
LARGEST_KEPT: Final = 64 * 1024
# A delivery that is to be overtaken waits for the next one to its endpoint, but no longer than this.
LONGEST_HELD: Final = 60 * SECOND


@dataclass(frozen=True)
class Endpoint:
    """Where events are sent.

    Attributes:
        id: The id of the endpoint.
        url: Its address; empty for a handler in process.
        secret: What deliveries are signed with.
    """

    id: str
    url: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Delivery:
    """One attempt to deliver an event.

    Attributes:
        event: The name of the event, such as `PAYMENT_SUCCEEDED`.
        event_id: The id that receivers are told to deduplicate by.
        endpoint: The id of the endpoint.
        attempt: Counts from 1.
        status: `waiting`, `held` (to be overtaken), `sending`, `delivered`, `retried`, `failed` or `lost`.
        due_at: When it is to be sent; aware, UTC.
        sent_at: When it was sent; None if it was not.
        response_status: The status of the endpoint's response; 0 if there was none, None before it was sent.
        response: The endpoint's response, or why there was none.
        body: What was sent, as text; empty before it was sent.
        signature: The `X-Lomi-Signature` header; empty before it was sent.
    """

    event: str
    event_id: str
    endpoint: str
    attempt: int
    status: str
    due_at: datetime
    sent_at: datetime | None
    response_status: int | None
    response: str = field(repr=False)
    body: str = field(repr=False)
    signature: str = field(repr=False)


def check_url(url: object) -> str:
    """Return the URL of an endpoint; ValueError if it is none, or leads to the internet."""
    parts = urlsplit(url) if isinstance(url, str) else None
    right = parts is not None and parts.scheme in {"http", "https"} and is_nearby(parts.hostname or "")
    demand(right, "a webhook's URL is http or https, on this machine or its own network", url)
    return str(url)


def sign(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def envelope(event_id: str, event: str, now: int, data: Values) -> bytes:
    """The body of a delivery: its time is that of the attempt, not of the event."""
    return to_json(
        {"id": event_id, "event": event, "timestamp": js_time(now), "data": data, "lomi_environment": "production"}
    )


@dataclass(frozen=True)
class Attempt:
    """A delivery that is ready to be sent."""

    row: Row
    body: bytes
    headers: dict[str, str]
    url: str
    handler: Handler | None
    times: int

    def send(self) -> tuple[int, str]:
        """Send it, and return the status and the text of the response; status 0 if there was none."""
        outcome = 0, "the endpoint was a handler of another process"
        for _ in range(self.times):
            if self.handler is not None:
                outcome = _call(self.handler, self.body, self.headers)
            elif self.url:
                outcome = _post(self.url, self.body, self.headers)
        return outcome


class Outbox:
    """Deliveries, waiting and done. Its methods take the store's lock, and let go of it to send."""

    def __init__(
        self, store: Store, clock: EngineClock, ids: Identifiers, faults: Callable[[], tuple[InjectedFault, ...]]
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._faults = faults
        self._sending = 0
        self._settled = threading.Condition(store.lock)
        self.handlers: dict[str, Handler] = {}

    def add(self, event: str, data: Values, record: Record, now: int) -> range:
        """Queue an event for every endpoint that is subscribed to it; return the numbers. With the lock held."""
        endpoints = [
            each
            for each in self._store.select(TYPE, ("owner = ?", "environment = ?"), (record.owner, record.environment))
            if each["is_active"] and event in (each["authorized_events"] or [event])
        ]
        if not endpoints:
            return range(0)
        number = int(self._store.row("SELECT coalesce(max(number), 0) + 1 AS n FROM deliveries")["n"])
        event_id = self._ids.make("event", number)
        # The live rails send payments themselves; everything else goes through the database's queue.
        direct = record.environment == "live" and event.startswith("PAYMENT_")
        for endpoint in reversed(endpoints):
            late = find_match(self._faults(), "delay_webhook", event)
            held = find_match(self._faults(), "reorder_webhook", event)
            due = now + (0 if late is None else int(late.options["seconds"] * SECOND)) + (LONGEST_HELD if held else 0)
            self._store.run(
                "INSERT INTO deliveries (event_id, event, endpoint, object, data, direct, attempt, status, due_at)"
                " VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?)",
                *(event_id, event, endpoint.id, f"{record.type}/{record.id}", json.dumps(data), int(direct)),
                *("held" if held else "waiting", due),
            )
        return range(number, number + len(endpoints))

    def resend(self, number: int, *, wait: int = 0, event_id: str | None = None) -> None:
        """Queue the next attempt of a delivery, due in `wait` seconds. With the lock held."""
        self._store.run(
            "INSERT INTO deliveries (event_id, event, endpoint, object, data, direct, attempt, status, due_at)"
            " SELECT coalesce(?, event_id), event, endpoint, object, data, direct, attempt + 1, 'waiting', ?"
            " FROM deliveries WHERE number = ?",
            *(event_id, self._clock.micros() + wait * SECOND, number),
        )

    def first_due(self, until: int) -> int | None:
        """When the next delivery falls due, at `until` at the latest. With the lock held."""
        found = self._due("due_at <= ?", until)
        return None if found is None else int(found["due_at"])

    def deliver(self) -> int:
        """Send what is due, and return how many attempts that took. Without the lock."""
        sent = 0
        while True:
            with self._store.lock:
                if not self._store.close.alive or (attempt := self._take()) is None:
                    return sent
                self._sending += 1
            outcome = None
            try:
                outcome = attempt.send()
            finally:
                with self._settled:
                    self._sending -= 1
                    if outcome is not None and self._store.close.alive:
                        self._finish(attempt.row, *outcome)
                    self._settled.notify_all()
            sent += 1

    def settle(self) -> None:
        """Wait until no other thread is sending."""
        with self._settled:
            self._settled.wait_for(lambda: self._sending == 0, timeout=2 * TIMEOUT)

    def list(self) -> tuple[Delivery, ...]:
        """Every attempt, the oldest first. With the lock held."""
        return tuple(
            Delivery(
                *(row["event"], row["event_id"], row["endpoint"], row["attempt"], row["status"]),
                due_at=to_datetime(row["due_at"]),
                sent_at=None if row["sent_at"] is None else to_datetime(row["sent_at"]),
                response_status=row["response_status"],
                response=row["response"] or "",
                body=row["request"] or "",
                signature=row["signature"] or "",
            )
            for row in self._store.rows("SELECT * FROM deliveries ORDER BY number")
        )

    def _due(self, where: str, *values: int) -> Row | None:
        found = self._store.rows(
            f"SELECT * FROM deliveries WHERE status IN ('waiting', 'held') AND {where} ORDER BY due_at, number LIMIT 1",
            *values,
        )
        return found[0] if found else None

    def _take(self) -> Attempt | None:
        """The next attempt that is due, marked as being sent."""
        now = self._clock.micros()
        while (row := self._due("due_at <= ?", now)) is not None:
            event: str = row["event"]
            endpoint = self._store.find(TYPE, row["endpoint"])
            faults = self._faults()
            lost = endpoint is None or find_match(faults, "lose_webhook", event) is not None
            if endpoint is None or lost:
                self._mark(row, "lost")
                continue
            changed = row["direct"] and row["attempt"] > 1
            if changed or find_match(faults, "change_webhook_id", event) is not None:
                event_id = self._ids.make("attempt", row["number"])
            else:
                event_id = row["event_id"]
            body = envelope(event_id, event, now, json.loads(row["data"]))
            secret = str(endpoint["secret"])
            signature = sign(f"{secret}?" if find_match(faults, "missign_webhook", event) else secret, body)
            self._mark(
                *(row, "sending", "sent_at = ?, event_id = ?, request = ?, signature = ?"),
                *(now, event_id, body.decode(), signature),
            )
            headers = {
                "Content-Type": "application/json",
                "X-Lomi-Signature": signature,
                "X-Lomi-Event": event,
                "User-Agent": "Lomi-Webhook/1.0",
            }
            times = 2 if find_match(faults, "double_webhook", event) else 1
            return Attempt(row, body, headers, str(endpoint["url"]), self.handlers.get(endpoint.id), times)
        return None

    def _finish(self, row: Row, status: int, response: str) -> None:
        now = self._clock.micros()
        waits = DIRECT if row["direct"] else QUEUED
        # A 4xx is final, whatever it says; so is the last attempt.
        again = not 200 <= status < 300 and not 400 <= status < 500 and row["attempt"] <= len(waits)
        outcome = "delivered" if 200 <= status < 300 else "retried" if again else "failed"
        self._mark(row, outcome, "response_status = ?, response = ?", status, response)
        if again:
            self.resend(row["number"], wait=waits[int(row["attempt"]) - 1], event_id=row["event_id"])
        self._store.run(
            "UPDATE deliveries SET status = 'waiting', due_at = min(due_at, ?) WHERE status = 'held' AND endpoint = ?",
            now,
            str(row["endpoint"]),
        )

    def _mark(self, row: Row, status: str, more: str = "", *values: int | str) -> None:
        assignments = f"status = ?, {more}" if more else "status = ?"
        self._store.run(f"UPDATE deliveries SET {assignments} WHERE number = ?", status, *values, row["number"])


def _call(handler: Handler, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
    try:
        status = handler(body, headers)
    except Exception as error:  # noqa: BLE001 - as a web framework would
        return 500, repr(error)
    return (200 if status is None else status if isinstance(status, int) else 500), ""


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
    import http.client

    parts = urlsplit(url)
    make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = make(parts.hostname or "", parts.port, timeout=TIMEOUT)
    try:
        # Redirects are not followed.
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        connection.request("POST", target, body, dict(headers))
        response = connection.getresponse()
        return response.status, response.read(LARGEST_KEPT).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        return 0, repr(error)
    finally:
        connection.close()
