"""Where a sandbox sends its events, and what it has sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .actions import Actions, Merchant
from .checks import is_text, require, require_bool, require_json, require_one_of
from .engine import Engine
from .examples import EVENTS, example
from .http import JsonValue
from .resources.cli import emit
from .resources.webhooks import add_endpoint
from .sending import Handler
from .store import Record, Values
from .webhooks import Delivery, Endpoint, check_url


class Webhooks:
    """The endpoints of a sandbox, as `sandbox.webhooks`: no request is logged, and no fault applies."""

    def __init__(self, engine: Engine, events: Sequence[str], merchant_id: str) -> None:
        self._engine = engine
        self._events = events
        self._merchant_id = merchant_id

    def add(
        self,
        endpoint: str | Handler,
        *,
        events: Sequence[str] = (),
        secret: str | None = None,
        merchant: Merchant | None = None,
        synchronous: bool = False,
    ) -> Endpoint:
        """Send events to an endpoint from now on, and return it.

        Deliveries are made as the server makes them: signed, with its headers, and retried after 5, 10, 20 and 40
        seconds of the sandbox's clock.

        Args:
            endpoint: A URL on this machine or its own network; or a function that takes body and headers and returns a
                status (None counts as 200, an exception as 500).
            events: The events to send, such as `"PAYMENT_SUCCEEDED"`; empty for all.
            secret: What deliveries are signed with; None makes one.
            merchant: Whose events; None is the merchant that the sandbox starts with.
            synchronous: Whether card and Wave payments are sent as live ones are: with a new event id on each attempt,
                and retried after 3, 6 and 12 seconds only.

        Raises:
            LookupError: There is no such merchant.
            ValueError: The URL leads elsewhere, there is no such event, or the secret is empty.
        """
        known = self._events
        require(
            not isinstance(events, str) and all(event in known for event in events),
            f"events are some of {', '.join(known)}",
            events,
        )
        require(secret is None or (is_text(secret) and secret != ""), "secret is a text, or None for a new one", secret)
        require_bool("synchronous", synchronous)
        url = "" if callable(endpoint) else check_url(endpoint)
        engine = self._engine
        with engine.lock:
            owner = self._merchant_id if merchant is None else merchant.id
            if engine.store.find("merchants", owner) is None:
                raise LookupError("there is no such merchant in this sandbox")
            body: Values = {"url": url, "authorized_events": list(events), "synchronous": synchronous}
            made = add_endpoint(engine, owner, "test", body, secret)
            if callable(endpoint):
                engine.outbox.handlers[made.id] = endpoint
        return _endpoint(made)

    def list(self) -> tuple[Endpoint, ...]:
        """Return every endpoint, of all merchants, the oldest first."""
        with self._engine.lock:
            return tuple(map(_endpoint, reversed(self._engine.store.select("webhooks"))))

    def remove(self, endpoint: Endpoint | str) -> None:
        """Send nothing to an endpoint any more; what is under way is lost.

        Args:
            endpoint: An endpoint, or the id of one.

        Raises:
            LookupError: There is no such endpoint.
        """
        with self._engine.lock:
            self._engine.store.delete(self._find(endpoint), self._engine.now)

    def resend(self, delivery: Delivery) -> Delivery | None:
        """Deliver once more what was sent, as `POST /webhooks/{id}/logs/{logId}/retry` does, and return the delivery.

        The body is the same, with the event's id and the time of then, and signed anew. None: the endpoint did not
        accept it, is not active or is not subscribed to the event; that leaves no delivery.

        Args:
            delivery: One of `sandbox.deliveries`.

        Raises:
            LookupError: There is no such endpoint any more, or the delivery was never sent.
        """
        with self._engine.lock:
            endpoint = self._find(delivery.endpoint)
            row = self._engine.outbox.find(delivery.number)
            if row is None:
                raise LookupError("the delivery was never sent")
            return self._engine.outbox.resend(endpoint, row)[2]

    def emit(self, event: str, data: Mapping[str, JsonValue] | None = None) -> None:
        """Send an event about an example to every endpoint of the merchant that the sandbox starts with.

        Args:
            event: Its name, such as `"REFUND_COMPLETED"`.
            data: Fields to put into the example's own, such as `{"transaction_id": "…"}`.

        Raises:
            ValueError: There is no example of such an event, or the data cannot be sent as JSON.
        """
        require_one_of("event", event, EVENTS)
        require_json("data", data)
        with self._engine.lock:
            emit(self._engine, self._merchant_id, event, {**example(event), **(data or {})})
        self._engine.outbox.deliver()

    @property
    def as_documented(self) -> bool:
        """Whether `POST /webhooks` and `PATCH /webhooks/{id}` work. Default False: as on the deployed server.

        There a create is refused with 400 "Invalid webhook URL format", and an update returns 200 and changes nothing.
        """
        return self._engine.outbox.as_documented

    @as_documented.setter
    def as_documented(self, works: bool) -> None:
        require_bool("as_documented", works)
        self._engine.outbox.as_documented = works

    def _find(self, endpoint: Endpoint | str) -> Record:
        id = endpoint.id if isinstance(endpoint, Endpoint) else endpoint
        found = self._engine.store.find("webhooks", id)
        if found is None:
            raise LookupError("there is no such endpoint")
        return found


class Deliveries(Actions):
    """What a sandbox sends."""

    @property
    def webhooks(self) -> Webhooks:
        """The endpoints that events are sent to: add, list and remove them, and deliver again."""
        return Webhooks(self._engine, self._known_events(), self.merchant_id)

    def deliver(self) -> int:
        """Send every webhook that is due, wait for those that are being sent, and return how many were sent here."""
        sent = self._engine.outbox.deliver()
        self._engine.outbox.settle()
        return sent

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """Every attempt to deliver a webhook, the oldest first, those that are still to be made included."""
        with self._engine.lock:
            return self._engine.outbox.list()


def _endpoint(record: Record) -> Endpoint:
    return Endpoint(record.id, str(record["url"]), str(record["secret"]))
