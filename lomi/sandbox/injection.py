"""The methods that inject faults: the signatures and the documentation of the table in `faults`."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

from .checks import is_number, is_whole, require
from .faults import FAULTS, FaultFilter, WebhookFilter, When, checked
from .matching import METHODS, Fault, InjectedFault

if TYPE_CHECKING:
    from typing_extensions import Unpack

# As many as are remembered to be reported, of those that have affected nothing.
MOST_REPORTED: Final = 1000


class FaultInjection:
    """The faults that can be injected into a `Sandbox`. Each method returns the `Fault`.

    Of several faults that decide the response the first applies, the next waits for the next request. Delays, drips and
    stalls add up with every other fault. A value out of range, and a route that does not exist, raise
    `ValueError`, and nothing is injected.
    """

    def __init__(self, routes: Sequence[str], events: Sequence[str], seed: int | None) -> None:
        self._routes = sorted({*routes, *(route.split(" ")[1] for route in routes), *METHODS})
        self._events = sorted(events)
        self._fault_seed = seed
        self._injected: tuple[InjectedFault, ...] = ()
        self._count = 0
        self._count_before = 0
        self._awaited: list[InjectedFault] = []
        # The page injects from the server's thread.
        self._injecting = threading.Lock()

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults that are still active, in the order they were injected."""
        return self._active()

    @property
    def unused_faults(self) -> tuple[Fault, ...]:
        """The faults that have affected nothing so far: neither left to chance nor cancelled with `cancel()`."""
        return tuple(fault for fault in self._awaited if fault.expected and not fault.struck)

    def inject(self, kind: str, **options: Any) -> Fault:
        """Inject a fault by name, such as `inject("drop", when="after_commit", route="POST /customers")`.

        Args:
            kind: The name of a method below.
            **options: What that method takes.

        Raises:
            TypeError: The fault takes no such option, or needs one that is missing.
            ValueError: There is no such fault, or an option is out of range.
        """
        if kind not in FAULTS:
            raise ValueError(f"no fault is called {kind!r}; there are {', '.join(FAULTS)}")
        filters = {
            name: options.pop(name) for name in ("route", "event", *FaultFilter.__annotations__) if name in options
        }
        return self._inject(kind, options, filters)

    def clear_faults(self) -> None:
        """Cancel every fault."""
        with self._injecting:
            for fault in self._injected:
                fault.cancel()
            self._injected = ()

    def fail(
        self,
        status: int = 500,
        *,
        code: str | None = None,
        message: str | None = None,
        retry_after: float | str | None = None,
        when: When = "before",
        **filters: Unpack[FaultFilter],
    ) -> Fault:
        """Respond with an error, in the dialect's own envelope.

        Args:
            status: The HTTP status, 400 to 599.
            code: The error code of the docs dialect, such as `DATABASE_ERROR`; None takes the usual one.
            message: The message; None takes a usual one. A 500 of the server dialect hides it.
            retry_after: A `Retry-After` header: seconds, 0 or more, or any text; None sends none.
            when: `before` anything is done, or `after_commit`: the request is carried out all the same.
            **filters: Which requests, see `FaultFilter`.
        """
        options = {"status": status, "code": code, "message": message, "retry_after": retry_after, "when": when}
        return self._inject("fail", options, filters)

    def drop(self, when: When = "before", **filters: Unpack[FaultFilter]) -> Fault:
        """Close the connection without a response.

        Args:
            when: `before` anything is done, or `after_commit`: the request is carried out all the same.
            **filters: Which requests, see `FaultFilter`.
        """
        return self._inject("drop", {"when": when}, filters)

    def truncate(self, keep: int | None = None, **filters: Unpack[FaultFilter]) -> Fault:
        """Carry out the request, announce the whole response, send its beginning and close the connection.

        A response without a body is dropped.

        Args:
            keep: Bytes of the body that are sent, 0 or more; None sends half of them.
            **filters: Which requests, see `FaultFilter`.
        """
        return self._inject("truncate", {"keep": keep}, filters)

    def malformed(self, **filters: Unpack[FaultFilter]) -> Fault:
        """Carry out the request, and respond with half of the JSON under the right status and length."""
        return self._inject("malformed", {}, filters)

    def html_502(self, when: When = "before", **filters: Unpack[FaultFilter]) -> Fault:
        """Respond with the page of a proxy that did not reach the server: status 502, HTML.

        Args:
            when: `before` anything is done, or `after_commit`: the request is carried out all the same.
            **filters: Which requests, see `FaultFilter`.
        """
        return self._inject("html_502", {"when": when}, filters)

    def rate_limit(self, retry_after: float | str | None = 1, **filters: Unpack[FaultFilter]) -> Fault:
        """Respond 429 before anything is done; `throttle()` sets the real limits.

        Args:
            retry_after: The `Retry-After` header: seconds, 0 or more, or any text; None sends none.
            **filters: Which requests, see `FaultFilter`.
        """
        return self._inject("rate_limit", {"retry_after": retry_after}, filters)

    def delay(self, seconds: float, **filters: Unpack[FaultFilter]) -> Fault:
        """Carry out the request at once, and hold the response back.

        Args:
            seconds: Real seconds, above 0 and at most 86,400.
            **filters: Which requests, see `FaultFilter`.
        """
        return self._inject("delay", {"seconds": seconds}, filters)

    def drip(self, seconds_per_byte: float, **filters: Unpack[FaultFilter]) -> Fault:
        """Carry out the request at once, and send the body of the response byte by byte.

        Each byte comes in time for a client that only limits the wait for the next one.

        Args:
            seconds_per_byte: Real seconds before each byte of the body, above 0 and at most 86,400.
            **filters: Which requests, see `FaultFilter`.
        """
        return self._inject("drip", {"seconds_per_byte": seconds_per_byte}, filters)

    def stall(self, seconds: float, **filters: Unpack[FaultFilter]) -> Fault:
        """Carry out the request at once, and pause before each half of the body of the response.

        Args:
            seconds: Real seconds of each pause, above 0 and at most 86,400.
            **filters: Which requests, see `FaultFilter`.
        """
        return self._inject("stall", {"seconds": seconds}, filters)

    def database_error(self, message: str = "permission denied for function", **filters: Unpack[FaultFilter]) -> Fault:
        """Let the database fail under an operation.

        What the caller sees depends on the operation: in the server dialect merchants respond 404 with the database's
        text, customers 500. In the docs dialect it is a 500.

        Args:
            message: The database's own text.
            **filters: Which requests, see `FaultFilter`.
        """
        return self._inject("database_error", {"message": message}, filters)

    def outage_as_404(
        self, message: str = "canceling statement due to statement timeout", **filters: Unpack[FaultFilter]
    ) -> Fault:
        """Let the database fail under an operation that reports it as a 404, such as those of merchants.

        Affects these operations; others do not count.

        Args:
            message: The database's own text.
            **filters: Which requests, see `FaultFilter`.
        """
        return self._inject("outage_as_404", {"message": message}, filters)

    def unauthorized(self, **filters: Unpack[FaultFilter]) -> Fault:
        """Respond 401 to a valid key: the check of the key failed, and passes the next time."""
        return self._inject("unauthorized", {}, filters)

    def repeat_page(self, **filters: Unpack[FaultFilter]) -> Fault:
        """Return the rows of the page before: what offset paging does when rows are added meanwhile.

        Affects lists from their second page on; other requests do not count.
        """
        return self._inject("repeat_page", {}, filters)

    def lose_metadata(self, **filters: Unpack[FaultFilter]) -> Fault:
        """Let the write of metadata fail, which comes after that of everything else.

        A create responds 201 with `metadata: null`. An update responds 200 with the old metadata in the docs
        dialect, and 500 with the other fields changed in the server dialect. Affects requests that bring
        metadata; others do not count.
        """
        return self._inject("lose_metadata", {}, filters)

    def stale_read(self, **filters: Unpack[FaultFilter]) -> Fault:
        """Return an object as it was before its last update.

        Affects reads of one object that was updated; others do not count.
        """
        return self._inject("stale_read", {}, filters)

    def lose_update(self, **filters: Unpack[FaultFilter]) -> Fault:
        """Let an update start from the object as it was before the last update, whose changes are lost.

        That is what two concurrent updates do to each other: each reads the whole object and writes the whole object.
        Affects updates of a field other than metadata, from the second of an object on; others do not count.
        """
        return self._inject("lose_update", {}, filters)

    def refuse_refund(
        self,
        message: str = "Cannot refund a charge with a pending dispute",
        *,
        manual: bool = False,
        **filters: Unpack[FaultFilter],
    ) -> Fault:
        """Let the provider refuse a refund: 400 with its text, and no money moves.

        Args:
            message: The provider's own text.
            manual: Whether a refund of a card payment is recorded all the same, with `fallback: "manual"`, for lomi.'s
                staff to pay.
            **filters: Which requests, see `FaultFilter`; only refunds count.
        """
        return self._inject("refuse_refund", {"message": message, "manual": manual}, filters)

    def lose_refund(self, **filters: Unpack[FaultFilter]) -> Fault:
        """Let the record of a refund fail, which on most paths comes after the money was sent.

        - Card: 500 "Refund initiated in Stripe but ledger update failed". The money has moved, and the refund appears a
          minute later.
        - Part of a payment by Wave: 400, although the money has moved. The refund never appears.
        - All of a payment by Wave: 400, and nothing has moved.

        Affects refunds that would succeed; other requests do not count.
        """
        return self._inject("lose_refund", {}, filters)

    def hold_refund(
        self, seconds: float, *, status: Literal["completed", "failed"] = "completed", **filters: Unpack[FaultFilter]
    ) -> Fault:
        """Leave a refund pending for a time, after which it completes or fails; a failed one returns to the balance.

        Args:
            seconds: Seconds of the sandbox's clock, above 0 and at most 86,400.
            status: What becomes of it then.
            **filters: Which requests, see `FaultFilter`; only refunds that would succeed count.
        """
        return self._inject("hold_refund", {"seconds": seconds, "status": status}, filters)

    def lose_webhook(self, **filters: Unpack[WebhookFilter]) -> Fault:
        """Never deliver an event to an endpoint."""
        return self._inject("lose_webhook", {}, filters)

    def duplicate_webhook(self, **filters: Unpack[WebhookFilter]) -> Fault:
        """Deliver an event twice, byte for byte the same."""
        return self._inject("duplicate_webhook", {}, filters)

    def delay_webhook(self, seconds: float, **filters: Unpack[WebhookFilter]) -> Fault:
        """Deliver an event late.

        Args:
            seconds: Seconds of the sandbox's clock, above 0 and at most 86,400.
            **filters: Which deliveries, see `WebhookFilter`.
        """
        return self._inject("delay_webhook", {"seconds": seconds}, filters)

    def reorder_webhook(self, **filters: Unpack[WebhookFilter]) -> Fault:
        """Deliver an event after the next one to the same endpoint, or after a minute if there is none."""
        return self._inject("reorder_webhook", {}, filters)

    def corrupt_webhook_signature(self, **filters: Unpack[WebhookFilter]) -> Fault:
        """Sign a delivery with another secret."""
        return self._inject("corrupt_webhook_signature", {}, filters)

    def change_webhook_id(self, **filters: Unpack[WebhookFilter]) -> Fault:
        """Give a delivery another event id, as the attempts of the live rails have."""
        return self._inject("change_webhook_id", {}, filters)

    def _active(self) -> tuple[InjectedFault, ...]:
        return tuple(fault for fault in self._injected if fault.active)

    def _forget_faults(self) -> None:
        """Cancel every fault, and let chance begin anew."""
        self.clear_faults()
        self._count_before = self._count

    def _inject(self, kind: str, options: dict[str, Any], filters: Any) -> Fault:
        described = FAULTS[kind]
        values: dict[str, Any] = {"times": 1, "skip": 0, "probability": 1.0, "seed": None, **filters}
        scope, known = ("event", self._events) if described.webhooks else ("route", self._routes)
        where = values.pop(scope, None)
        if where is not None and where not in known:
            raise ValueError(f"no {scope} is called {where!r}; there are {', '.join(known)}")
        filled = checked(described, options)
        times, skip, probability, seed = (values.pop(name) for name in ("times", "skip", "probability", "seed"))
        if values:
            raise TypeError(f"{kind}() takes no {next(iter(values))!r}")
        require(
            times is None or is_whole(times, 1), "times is 1 or more, a whole number, or None for every time", times
        )
        require(is_whole(skip, 0), "skip is 0 or more, a whole number", skip)
        require(is_number(probability, 0, 1) and probability > 0, "probability is above 0 and at most 1", probability)
        require(seed is None or is_whole(seed), "seed is a whole number, or None", seed)
        with self._injecting:
            self._count += 1
            if seed is not None:
                source = random.Random(seed)
            elif self._fault_seed is not None:
                source = random.Random(f"{self._fault_seed}/{self._count - self._count_before}")
            else:
                source = random.Random()
            fault = InjectedFault(
                *(described, filled), route=where, times=times, skip=skip, probability=probability, source=source
            )
            self._injected = (*self._active(), fault)
            self._awaited = [each for each in self._awaited if each.expected and not each.struck][-MOST_REPORTED:]
            self._awaited.append(fault)
        return fault
