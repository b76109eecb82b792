"""Webhooks: events become deliveries, which are sent outside the lock and retried on the vendor's schedule."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from .checks import is_private_host, require
from .clock import SECOND, EngineClock, to_datetime
from .examples import EVENTS as ON_REQUEST
from .http import to_json
from .matching import InjectedFault, find_match
from .sending import TIMEOUT, Attempt, Handler, headers_of
from .store import Identifiers, Record, Row, Store, Values, by
from .wire import js_time

TYPE: Final = "webhooks"
# The only event that cannot be sent on request is that of a payment's creation.
EVENTS: Final[tuple[str, ...]] = ("PAYMENT_CREATED", *ON_REQUEST)
# Seconds between the attempts. The queue keeps an event's id over all of them; sent directly, each has a new one.
QUEUED: Final = (5, 10, 20, 40)
DIRECT: Final = (3, 6, 12)
# What the server sends directly: these events, of payments by these providers, in the live environment.
DIRECT_EVENTS: Final = frozenset({"PAYMENT_SUCCEEDED", "PAYMENT_FAILED"})
DIRECT_PROVIDERS: Final = frozenset({"STRIPE", "WAVE"})
# What the server takes out of the data, and out of its metadata, before it sends them; and whatever is `stripe_…`.
UNSENT: Final = frozenset({"fee_structure_id", "integration_source", "is_bnpl", "is_pos"})
UNSENT_METADATA: Final = frozenset(
    {
        *("is_international_card", "applied_intl_fee", "intl_fee_percentage", "card_country", "conversion_rate"),
        *("original_fee_amount", "base_amount_xof", "emails_sent", "emails_sent_at", "balance_updated"),
        *("balance_updated_at", "channel_balance_updated", "credited_fee_amount_xof", "credited_net_amount_xof"),
        *("credited_gross_amount_xof", "wave_session"),
    }
)
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
        number: Counts every attempt to deliver anything, from 1.
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

    number: int
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
    right = parts is not None and parts.scheme in {"http", "https"} and is_private_host(parts.hostname or "")
    require(right, "a webhook's URL is http or https, on this machine or its own network", url)
    return str(url)


def sign(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def envelope(event_id: str, event: str, now: int, data: Values) -> bytes:
    """The body of a delivery: its time is that of the attempt, not of the event."""
    return to_json(
        {"id": event_id, "event": event, "timestamp": js_time(now), "data": data, "lomi_environment": "production"}
    )


def sendable(data: Values) -> Values:
    """Return what is sent of an event's data: not all of it is for merchants."""
    metadata = data.get("metadata")
    kept = {name: value for name, value in data.items() if name not in UNSENT and not name.startswith("stripe_")}
    if isinstance(metadata, dict):
        kept["metadata"] = {
            name: value
            for name, value in metadata.items()
            if name not in UNSENT_METADATA and not name.startswith("stripe_")
        }
    return kept


class Outbox:
    """Deliveries, waiting and done. Its methods take the store's lock, and let go of it to send."""

    def __init__(
        self, store: Store, clock: EngineClock, ids: Identifiers, faults: Callable[[], tuple[InjectedFault, ...]]
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._faults = faults
        self._sending: dict[Attempt, int] = {}  # by which thread
        self._settled = threading.Condition(store.lock)
        self.handlers: dict[str, Handler] = {}
        # Whether the API can create and change endpoints, which the deployed server cannot.
        self.as_documented = False

    def add(self, event: str, data: Values, record: Record, now: int) -> range:
        """Queue an event for every endpoint that is subscribed to it; return the numbers. With the lock held."""
        endpoints = [
            each
            for each in self._store.select(TYPE, *by(owner=record.owner, environment=record.environment))
            if each["is_active"] and event in (each["authorized_events"] or [event])
        ]
        if not endpoints:
            return range(0)
        number = int(self._store.row("SELECT coalesce(max(number), 0) + 1 AS n FROM deliveries")["n"])
        event_id = self._ids.make("event", number)
        # The live rails send payments themselves; everything else goes through the database's queue.
        by_rail = event in DIRECT_EVENTS and data.get("provider_code") in DIRECT_PROVIDERS
        for endpoint in reversed(endpoints):
            direct = by_rail and (record.environment == "live" or bool(endpoint["synchronous"]))
            late = find_match(self._faults(), "delay_webhook", event)
            held = find_match(self._faults(), "reorder_webhook", event)
            due = now + (0 if late is None else int(late.options["seconds"] * SECOND)) + (LONGEST_HELD if held else 0)
            self._store.run(
                "INSERT INTO deliveries (event_id, event, endpoint, object, data, direct, attempt, status, due_at)"
                " VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?)",
                *(event_id, event, endpoint.id, f"{record.type}/{record.id}", json.dumps(sendable(data)), int(direct)),
                *("held" if held else "waiting", due),
            )
        return range(number, number + len(endpoints))

    def queue_again(self, number: int, *, wait: int = 0, event_id: str | None = None) -> None:
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
                if not self._store.close.alive or (taken := self._take()) is None:
                    return sent
                row, attempt = taken
                self._sending[attempt] = threading.get_ident()
            outcome = None
            try:
                outcome = attempt.send()
            finally:
                with self._settled:
                    del self._sending[attempt]
                    if outcome is not None and self._store.close.alive:
                        self._finish(row, *outcome)
                    self._settled.notify_all()
            sent += 1

    def send_now(self, endpoint: Record, event: str, body: bytes) -> tuple[int, str]:
        """Send a body once, and return the status and the text of the response. With the lock held.

        The lock is let go of meanwhile: an endpoint may ask the API about the event.
        """
        attempt = self._attempt(endpoint, event, body, sign(str(endpoint["secret"]), body))
        outcomes: list[tuple[int, str]] = []

        def send() -> None:
            outcome = attempt.send()
            with self._settled:
                outcomes.append(outcome)
                self._settled.notify_all()

        threading.Thread(target=send, name="lomi-sandbox-delivery", daemon=True).start()
        self._settled.wait_for(lambda: outcomes)
        return outcomes[0]

    def resend(self, endpoint: Record, row: Row) -> tuple[int, str, Delivery | None]:
        """Deliver once more what a delivery sent: the same body, signed anew. With the lock held.

        Only what is accepted leaves a new delivery, and a log.
        """
        event: str = row["event"]
        if not endpoint["is_active"] or event not in (endpoint["authorized_events"] or [event]):
            return 0, "", None
        body = str(row["logged"] or row["request"])
        status, response = self.send_now(endpoint, event, body.encode())
        if not 200 <= status < 300:
            return status, response, None
        now = self._clock.micros()
        kept = "event_id, event, endpoint, object, data, direct"
        self._store.run(
            f"INSERT INTO deliveries ({kept}, attempt, status, due_at, sent_at, response_status, response, request,"
            f" signature) SELECT {kept}, attempt + 1, 'delivered', ?, ?, ?, ?, ?, ? FROM deliveries WHERE number = ?",
            *(now, now, status, response, body, sign(str(endpoint["secret"]), body.encode()), int(row["number"])),
        )
        made = self._store.row("SELECT * FROM deliveries ORDER BY number DESC LIMIT 1")
        self._log(made, body)
        return status, response, _delivery(made)

    def find(self, number: int) -> Row | None:
        """Return a delivery that was sent, by its number. With the lock held."""
        found = self._store.rows("SELECT * FROM deliveries WHERE number = ? AND request IS NOT NULL", number)
        return found[0] if found else None

    def settle(self) -> None:
        """Wait until what other threads are sending now has been sent."""
        with self._settled:
            own = threading.get_ident()  # of a handler that moves the clock, or sends on
            others = {attempt for attempt, thread in self._sending.items() if thread != own}
            self._settled.wait_for(lambda: others.isdisjoint(self._sending), timeout=2 * TIMEOUT)

    def list(self) -> tuple[Delivery, ...]:
        """Every attempt, the oldest first. With the lock held."""
        return tuple(map(_delivery, self._store.rows("SELECT * FROM deliveries ORDER BY number")))

    def _due(self, where: str, *values: int) -> Row | None:
        found = self._store.rows(
            f"SELECT * FROM deliveries WHERE status IN ('waiting', 'held') AND {where} ORDER BY due_at, number LIMIT 1",
            *values,
        )
        return found[0] if found else None

    def _take(self) -> tuple[Row, Attempt] | None:
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
            if row["direct"] or find_match(faults, "change_webhook_id", event) is not None:
                event_id = self._ids.make("attempt", row["number"])
            else:
                event_id = row["event_id"]
            body = envelope(event_id, event, now, json.loads(row["data"]))
            secret = str(endpoint["secret"])
            signature = sign(f"{secret}?" if find_match(faults, "corrupt_webhook_signature", event) else secret, body)
            self._mark(
                *(row, "sending", "sent_at = ?, event_id = ?, request = ?, signature = ?"),
                *(now, event_id, body.decode(), signature),
            )
            times = 2 if find_match(faults, "duplicate_webhook", event) else 1
            return row, self._attempt(endpoint, event, body, signature, times)
        return None

    def _attempt(self, endpoint: Record, event: str, body: bytes, signature: str, times: int = 1) -> Attempt:
        handler = self.handlers.get(endpoint.id)
        return Attempt(body, headers_of(event, signature), str(endpoint["url"]), handler, times)

    def _finish(self, row: Row, status: int, response: str) -> None:
        now = self._clock.micros()
        waits = DIRECT if row["direct"] else QUEUED
        # A 4xx is final, whatever it says; so is the last attempt.
        again = not 200 <= status < 300 and not 400 <= status < 500 and row["attempt"] <= len(waits)
        outcome = "delivered" if 200 <= status < 300 else "retried" if again else "failed"
        self._mark(row, outcome, "response_status = ?, response = ?", status, response)
        if outcome == "delivered" or (not again and (row["direct"] or 400 <= status < 500)):
            self._log(row)
        if again:
            self.queue_again(row["number"], wait=waits[int(row["attempt"]) - 1], event_id=row["event_id"])
        self._store.run(
            "UPDATE deliveries SET status = 'waiting', due_at = min(due_at, ?) WHERE status = 'held' AND endpoint = ?",
            now,
            str(row["endpoint"]),
        )

    def _log(self, row: Row, body: str | None = None) -> None:
        """Let a delivery be seen in the logs: what was accepted or refused, and what was given up when sent directly.

        What the queue gave up leaves no log. That of a direct delivery that failed is made anew, with another id.
        """
        number = int(row["number"])
        sent = self._store.row("SELECT * FROM deliveries WHERE number = ?", number)
        if body is None and sent["direct"] and sent["status"] == "failed":
            id, now = self._ids.make("logged", number), self._clock.micros()
            body = envelope(id, sent["event"], now, json.loads(sent["data"])).decode()
        self._store.run(
            "UPDATE deliveries SET log_id = ?, logged = ? WHERE number = ?",
            *(self._ids.make("log", number), body or str(sent["request"]), number),
        )

    def _mark(self, row: Row, status: str, more: str = "", *values: int | str) -> None:
        assignments = f"status = ?, {more}" if more else "status = ?"
        self._store.run(f"UPDATE deliveries SET {assignments} WHERE number = ?", status, *values, row["number"])


def _delivery(row: Row) -> Delivery:
    return Delivery(
        *(row["number"], row["event"], row["event_id"], row["endpoint"], row["attempt"], row["status"]),
        due_at=to_datetime(row["due_at"]),
        sent_at=None if row["sent_at"] is None else to_datetime(row["sent_at"]),
        response_status=row["response_status"],
        response=row["response"] or "",
        body=row["request"] or "",
        signature=row["signature"] or "",
    )
