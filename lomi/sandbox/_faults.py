"""Failures on demand: what they are, when they strike, and what they make of an answer."""

# ruff: noqa: ARG001 - every effect is told the same, whatever it needs

from __future__ import annotations

import random
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, TypedDict

from ._checks import demand, is_number, is_text, is_whole
from ._dialects import Dialect
from ._http import PHRASES, ApiError, Response
from ._routes import Route
from ._throttle import Throttle

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

When: TypeAlias = Literal["before", "after_commit"]
# Dialect, request id, and the answer that it would have been (none when the fault comes first).
Effect: TypeAlias = Callable[[Dialect, str, Response], Response]

METHODS: Final = ("GET", "HEAD", "POST", "PATCH", "DELETE", "PUT", "OPTIONS")
NOTHING: Final = Response(0)
LONGEST: Final = 24 * 3600
# What HTTP lets the value of a header be.
SENDABLE: Final = re.compile(r"(?:[!-~\x80-\xff](?:[ -~\t\x80-\xff]*[!-~\x80-\xff])?)?")


class Fault:
    """A failure that was ordered: cancel it with `cancel()`, or use it as a context manager that does so.

    Attributes:
        kind: The name of the method that ordered it.
        route: Where it strikes, as given; None for everywhere.
        struck: How many requests it has struck so far.
    """

    def __init__(self, kind: str, route: str | None, times: int | None) -> None:
        self.kind = kind
        self.route = route
        self.struck: int = 0
        self.active: bool = True
        self._times = times

    @property
    def left(self) -> int | None:
        """How many requests it is still to strike; None: as many as come until it is cancelled."""
        if not self.active:
            return 0
        return None if self._times is None else self._times - self.struck

    def cancel(self) -> None:
        """End the fault, now. Does nothing the second time."""
        self.active = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cancel()

    def __repr__(self) -> str:
        state = "" if self.active else ", over"
        return f"<Fault {self.kind} on {self.route or 'every route'}, struck {self.struck}{state}>"


class Order(Fault):
    """A fault as the sandbox carries it out."""

    def __init__(
        self,
        kind: str,
        *,
        route: str | None,
        times: int | None,
        skip: int,
        probability: float,
        source: random.Random,
        when: When | None = None,
        effect: Effect | None = None,
        seconds: float = 0.0,
        message: str = "",
    ) -> None:
        super().__init__(kind, route, times)
        self.when = when
        self.effect = effect
        self.seconds = seconds
        self.message = message
        self._skip = skip
        self._probability = probability
        self._random = source
        self._method, self._path = _split(route)

    def strikes(self, method: str, path: str | None) -> bool:
        """Whether it strikes this request, which is then counted."""
        if not self.active or self._method not in {None, method} or self._path not in {None, path}:
            return False
        if self._skip:
            self._skip -= 1
            return False
        if self._random.random() >= self._probability:
            return False
        self.struck += 1
        if self.struck == self._times:
            self.active = False
        return True


def _split(route: str | None) -> tuple[str | None, str | None]:
    """`GET /customers`, `GET` or `/customers` as method and path."""
    if route is None:
        return None, None
    first, _, rest = route.partition(" ")
    if first.startswith("/"):
        return None, route
    return first, rest or None


class Struck:
    """The faults that strike one request."""

    def __init__(self, faults: Sequence[Order], method: str, path: str | None) -> None:
        self._faults = faults
        self._method = method
        self._path = path
        self.names: list[str] = []
        self.delay = self._seconds("delay")
        self.drip = self._seconds("drip")
        # One fault decides the answer; those behind it wait for the next request.
        self._decisive = next((fault for fault in faults if fault.effect is not None and self._hits(fault)), None)

    def take(self, kind: str) -> Order | None:
        """The fault of that kind that strikes, if one does; for those that a route works out itself."""
        return next((fault for fault in self._faults if fault.kind == kind and self._hits(fault)), None)

    def before(self, dialect: Dialect, request_id: str) -> Response | None:
        """The answer of a fault that comes before anything is done; None without one."""
        fault = self._decisive
        if fault is None or fault.effect is None or fault.when != "before":
            return None
        return fault.effect(dialect, request_id, NOTHING)

    def after(self, dialect: Dialect, request_id: str, response: Response) -> Response:
        """What becomes of an answer."""
        fault = self._decisive
        if fault is None or fault.effect is None:
            return response
        return fault.effect(dialect, request_id, response)

    def _seconds(self, kind: str) -> float:
        return sum(fault.seconds for fault in self._faults if fault.kind == kind and self._hits(fault))

    def _hits(self, fault: Order) -> bool:
        hit = fault.strikes(self._method, self._path)
        if hit:
            self.names.append(fault.kind)
        return hit


class Aim(TypedDict, total=False):
    """Which requests a fault strikes: keyword arguments of every method that orders one.

    Attributes:
        route: `"POST /customers"`, `"/customers/{id}"` (any method), `"GET"` (any path), or None for every
            request, unknown paths included (default None).
        times: How many requests to strike, 1 or more (default 1); None strikes until it is cancelled.
        skip: How many matching requests to let pass first (default 0).
        probability: The chance that a matching request is struck, above 0 and at most 1 (default 1). One
            that is let off does not count against `times`.
        seed: Makes the choice under `probability` repeatable. Default: the sandbox's own seed, if it has one.
    """

    route: str | None
    times: int | None
    skip: int
    probability: float
    seed: int | None


class FaultControls:
    """The faults that can be ordered on a `Sandbox`. Each method returns the `Fault`.

    Of several faults that decide the answer the first ordered strikes, the next waits for the next request.
    Delays and drips add up with whatever else strikes. What is no number, or out of its range, and a route that there
    is not, raise `ValueError`, and nothing is ordered.
    """

    def __init__(self, routes: Sequence[Route], throttle: Throttle, seed: int | None) -> None:
        names = {route.name for route in routes} | {route.path for route in routes}
        self._known = sorted(names.union(METHODS))
        self._throttle = throttle
        self._fault_seed = seed
        self._ordered: tuple[Order, ...] = ()
        self._orders = 0
        self._orders_before = 0
        # The page orders from the server's thread.
        self._ordering = threading.Lock()

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults that are still to strike, in the order they were ordered."""
        return self._orders_left()

    def clear_faults(self) -> None:
        """Cancel every fault."""
        with self._ordering:
            for fault in self._ordered:
                fault.cancel()
            self._ordered = ()

    def _orders_left(self) -> tuple[Order, ...]:
        return tuple(order for order in self._ordered if order.active)

    def _forget_orders(self) -> None:
        """Cancel every fault, and let chance begin anew."""
        self.clear_faults()
        self._orders_before = self._orders

    def fail(
        self,
        status: int = 500,
        *,
        code: str | None = None,
        message: str | None = None,
        retry_after: float | str | None = None,
        when: When = "before",
        **aim: Unpack[Aim],
    ) -> Fault:
        """Answer with an error, in the dialect's own envelope.

        Args:
            status: The HTTP status, 400 to 599.
            code: The error code of the docs dialect, such as `DATABASE_ERROR`; None takes the usual one.
            message: The message; None takes a usual one.
            retry_after: A `Retry-After` header: seconds, 0 or more, or any text; None sends none.
            when: `before` anything is done, or `after_commit`: it is done, and the answer says it failed.
            **aim: Which requests, see `Aim`.
        """
        demand(is_whole(status, 400, 599), "status is 400 to 599", status)
        demand(code is None or is_text(code), "code is a text, or None for the usual one", code)
        demand(message is None or is_text(message), "message is a text, or None for a usual one", message)
        text = PHRASES.get(status, "Error") if message is None else message
        headers = _retry_after(retry_after)

        def effect(dialect: Dialect, request_id: str, response: Response) -> Response:
            return dialect.failure(ApiError(status, text, code=code, headers=headers), request_id, ())

        return self._order("fail", when=when, effect=effect, **aim)

    def database_error(
        self,
        message: str = "permission denied for function",
        *,
        at: Literal["route", "key"] = "route",
        **aim: Unpack[Aim],
    ) -> Fault:
        """Let the database fail under a route, or under the check of the key.

        In the docs dialect merchants answer 500 `DATABASE_ERROR` and customers 500 `INTERNAL_ERROR`. In the
        server dialect merchants answer 404 with the database's text, customers 500. A failing check of a key
        is a 401 in both.

        Args:
            message: The database's own text.
            at: `route` or `key`.
            **aim: Which requests, see `Aim`.
        """
        demand(at in ("route", "key"), 'at is "route" or "key"', at)
        demand(is_text(message), "message is a text", message)
        kind = "database_error" if at == "route" else "key_error"
        return self._order(kind, message=message, **aim)

    def delay(self, seconds: float, **aim: Unpack[Aim]) -> Fault:
        """Do what is asked at once, and hold the answer back.

        A client that gives up waiting has its request carried out all the same.

        Args:
            seconds: Real seconds, above 0 and at most 86,400.
            **aim: Which requests, see `Aim`.
        """
        _demand_seconds("seconds", seconds)
        return self._order("delay", seconds=seconds, **aim)

    def drip(self, seconds_per_byte: float, **aim: Unpack[Aim]) -> Fault:
        """Do what is asked at once, and send the body of the answer byte by byte.

        Each byte comes in time for a client that only bounds the wait for the next one; the whole may take
        longer than it would ever wait.

        Args:
            seconds_per_byte: Real seconds before each byte of the body, above 0 and at most 86,400.
            **aim: Which requests, see `Aim`.
        """
        _demand_seconds("seconds_per_byte", seconds_per_byte)
        return self._order("drip", seconds=seconds_per_byte, **aim)

    def drop(self, when: When = "before", **aim: Unpack[Aim]) -> Fault:
        """Close the connection without an answer.

        Args:
            when: `before` anything is done, or `after_commit`: it is done, and nobody hears of it.
            **aim: Which requests, see `Aim`.
        """

        def effect(dialect: Dialect, request_id: str, response: Response) -> Response:
            return replace(response, dropped=True)

        return self._order("drop", when=when, effect=effect, **aim)

    def truncate(self, keep: int | None = None, **aim: Unpack[Aim]) -> Fault:
        """Do what is asked, announce the whole answer, send its beginning and close the connection.

        An answer without a body is dropped.

        Args:
            keep: Bytes of the body that are sent, 0 or more; None sends half of them.
            **aim: Which requests, see `Aim`.
        """
        demand(keep is None or is_whole(keep, 0), "keep is a whole number, 0 or more, or None for half", keep)

        def effect(dialect: Dialect, request_id: str, response: Response) -> Response:
            size = len(response.body)
            if size == 0:
                return replace(response, dropped=True)
            return replace(response, cut_at=size // 2 if keep is None else min(keep, size - 1))

        return self._order("truncate", when="after_commit", effect=effect, **aim)

    def malformed(self, **aim: Unpack[Aim]) -> Fault:
        """Do what is asked, and answer with half of the JSON under the right status and length.

        Args:
            **aim: Which requests, see `Aim`.
        """

        def effect(dialect: Dialect, request_id: str, response: Response) -> Response:
            if not response.body:
                return response
            body = response.body[: len(response.body) // 2]
            headers = (pair for pair in response.headers if pair[0] != "Content-Length")
            return replace(response, headers=(*headers, ("Content-Length", str(len(body)))), body=body)

        return self._order("malformed", when="after_commit", effect=effect, **aim)

    def html_502(self, when: When = "before", **aim: Unpack[Aim]) -> Fault:
        """Answer with the page of a proxy that did not reach the server: status 502, HTML.

        Args:
            when: `before` anything is done, or `after_commit`: it is done, and the proxy gave up too early.
            **aim: Which requests, see `Aim`.
        """
        body = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
        page = Response(502, (("Content-Type", "text/html"), ("Content-Length", str(len(body)))), body)

        def effect(dialect: Dialect, request_id: str, response: Response) -> Response:
            return page

        return self._order("html_502", when=when, effect=effect, **aim)

    def rate_limit(self, retry_after: float | str | None = 1, **aim: Unpack[Aim]) -> Fault:
        """Answer 429, as when too much was asked, before anything is done.

        Args:
            retry_after: The `Retry-After` header: seconds, 0 or more, or any text; None sends none.
            **aim: Which requests, see `Aim`.
        """
        wanted = _retry_after(retry_after)

        def effect(dialect: Dialect, request_id: str, response: Response) -> Response:
            usual = self._throttle.refusal()
            headers = (*wanted, *(pair for pair in usual.headers if pair[0] != "Retry-After"))
            details = dict(usual.details) if isinstance(usual.details, dict) else {}
            if isinstance(retry_after, (int, float)):
                details["retry_after_seconds"] = retry_after
            refusal = ApiError(429, usual.message, details=details, headers=headers)
            return dialect.failure(refusal, request_id, ())

        return self._order("rate_limit", when="before", effect=effect, **aim)

    def repeat_page(self, **aim: Unpack[Aim]) -> Fault:
        """Give the rows of the page before once more: what offset paging does when rows are added meanwhile.

        Strikes listings from their second page on; other requests do not count.

        Args:
            **aim: Which requests, see `Aim`.
        """
        return self._order("repeat_page", **aim)

    def lose_metadata(self, **aim: Unpack[Aim]) -> Fault:
        """Let the write of metadata fail, which comes after that of everything else.

        A create answers 201 with `metadata: null`. An update answers 200 with the old metadata in the docs
        dialect, and 500 with the other fields changed in the server dialect. Strikes requests that bring
        metadata; others do not count.

        Args:
            **aim: Which requests, see `Aim`.
        """
        return self._order("lose_metadata", **aim)

    def stale_read(self, **aim: Unpack[Aim]) -> Fault:
        """Let an update start from the record as it was before the last update, whose changes are lost.

        That is what two updates at the same moment do to each other: each reads the whole record and writes
        the whole record. Strikes updates of a basic field (not of metadata alone) from the second of a
        customer on; others do not count.

        Args:
            **aim: Which requests, see `Aim`.
        """
        return self._order("stale_read", **aim)

    def _order(
        self,
        kind: str,
        *,
        when: When | None = None,
        effect: Effect | None = None,
        seconds: float = 0.0,
        message: str = "",
        route: str | None = None,
        times: int | None = 1,
        skip: int = 0,
        probability: float = 1.0,
        seed: int | None = None,
    ) -> Fault:
        if route is not None and route not in self._known:
            raise ValueError(f"no route is called {route!r}; there are {', '.join(self._known)}")
        demand(when in (None, "before", "after_commit"), 'when is "before" or "after_commit"', when)
        demand(
            times is None or is_whole(times, 1),
            "times is 1 or more, a whole number, or None for as long as the fault is there",
            times,
        )
        demand(is_whole(skip, 0), "skip is 0 or more, a whole number", skip)
        demand(is_number(probability, 0, 1) and probability > 0, "probability is above 0 and at most 1", probability)
        demand(seed is None or is_whole(seed), "seed is a whole number, or None", seed)
        with self._ordering:
            self._orders += 1
            if seed is not None:
                source = random.Random(seed)
            elif self._fault_seed is not None:
                source = random.Random(f"{self._fault_seed}/{self._orders - self._orders_before}")
            else:
                source = random.Random()
            fault = Order(
                kind,
                route=route,
                times=times,
                skip=skip,
                probability=probability,
                source=source,
                when=when,
                effect=effect,
                seconds=seconds,
                message=message,
            )
            self._ordered = (*self._orders_left(), fault)
        return fault


def _demand_seconds(name: str, seconds: float) -> None:
    demand(
        is_number(seconds, 0, LONGEST) and seconds > 0,
        f"{name} is above 0 and at most {LONGEST:,}, a day",
        seconds,
    )


def _retry_after(value: float | str | None) -> tuple[tuple[str, str], ...]:
    """The header, if one is wanted."""
    demand(
        value is None or is_number(value, 0) or (isinstance(value, str) and SENDABLE.fullmatch(value) is not None),
        "retry_after is seconds, 0 or more, a text that a header can hold, or None for no header",
        value,
    )
    return () if value is None else (("Retry-After", str(value)),)
