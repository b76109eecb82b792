"""When faults apply: to which requests and deliveries, how often, and which one decides the response."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

from .faults import FAULTS, Effect, FaultContext, FaultKind
from .http import Response
from .throttle import Throttle
from .wire import Dialect

if TYPE_CHECKING:
    from typing_extensions import Self

METHODS: Final = ("GET", "HEAD", "POST", "PATCH", "DELETE", "PUT", "OPTIONS")
NOTHING: Final = Response(0)


class Fault:
    """A fault that was injected: cancel it with `cancel()`, or use it as a context manager that does so.

    Attributes:
        kind: The name of the method that injected it.
        route: Where it applies, as given; None for everywhere. For webhooks, the event.
        struck: How many requests or deliveries it has affected so far.
    """

    def __init__(self, kind: str, route: str | None, times: int | None) -> None:
        self.kind = kind
        self.route = route
        self.struck: int = 0
        self.active: bool = True
        self._times = times

    @property
    def left(self) -> int | None:
        """How many requests it will still affect; None: all until it is cancelled."""
        if not self.active:
            return 0
        return None if self._times is None else self._times - self.struck

    def cancel(self) -> None:
        """End the fault now. Does nothing the second time."""
        self.active = False

    def _strike(self) -> None:
        self.struck += 1
        if self.struck == self._times:
            self.active = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.active = False

    def __repr__(self) -> str:
        state = "" if self.active else ", over"
        everywhere = "every event" if FAULTS[self.kind].webhooks else "every route"
        return f"<Fault {self.kind} on {self.route or everywhere}, struck {self.struck}{state}>"


class InjectedFault(Fault):
    """A fault as the sandbox carries it out."""

    def __init__(
        self,
        kind: FaultKind,
        options: Mapping[str, Any],
        *,
        route: str | None,
        times: int | None,
        skip: int,
        probability: float,
        source: random.Random,
    ) -> None:
        super().__init__(kind.name, route, times)
        self.options = options
        self.effect: Effect | None = kind.effect
        self.after: bool | None = (
            options["when"] == "after_commit" if kind.after is None and "when" in options else kind.after
        )
        # Whether it is reported if it has affected nothing when its sandbox is closed.
        self.expected: bool = probability == 1
        self._skip = skip
        self.probability: float = probability
        self._random = source
        self._method, self._path = (route, None) if kind.webhooks else split(route)

    def cancel(self) -> None:
        super().cancel()
        self.expected = False

    def matches(self, method: str, path: str | None) -> bool:
        """Return whether it affects this request, and count it."""
        if not self.active or self._method not in {None, method} or self._path not in {None, path}:
            return False
        if self._skip:
            self._skip -= 1
            return False
        if self._random.random() >= self.probability:
            return False
        self._strike()
        return True


def split(route: str | None) -> tuple[str | None, str | None]:
    """Return `GET /customers`, `GET` or `/customers` as method and path."""
    if route is None:
        return None, None
    first, _, rest = route.partition(" ")
    if first.startswith("/"):
        return None, route
    return first, rest or None


def find_match(faults: Sequence[InjectedFault], kind: str, event: str) -> InjectedFault | None:
    """Return the fault of that kind that affects a delivery, if one does."""
    return next((fault for fault in faults if fault.kind == kind and fault.matches(event, None)), None)


class MatchedFaults:
    """The faults that affect one request."""

    def __init__(self, faults: Sequence[InjectedFault], method: str, path: str | None) -> None:
        self._faults = [fault for fault in faults if not FAULTS[fault.kind].webhooks]
        self._method = method
        self._path = path
        self.names: list[str] = []
        self.delay: float = self._seconds("delay")
        self.drip: float = self._seconds("drip")
        self.stall: float = self._seconds("stall")
        # One fault decides the response; those behind it wait for the next request.
        self._decisive = next((fault for fault in self._faults if fault.effect is not None and self._hits(fault)), None)

    def take(self, kind: str) -> InjectedFault | None:
        """Return the fault of that kind that applies, if one does; for those that an operation carries out."""
        return next((fault for fault in self._faults if fault.kind == kind and self._hits(fault)), None)

    def before(self, dialect: Dialect, request_id: str, throttle: Throttle) -> Response | None:
        """Return the response of a fault that comes before anything is done; None without one."""
        fault = self._decisive
        if fault is None or fault.effect is None or fault.after:
            return None
        return fault.effect(FaultContext(fault.options, dialect, request_id, throttle), NOTHING)

    def after(self, dialect: Dialect, request_id: str, throttle: Throttle, response: Response) -> Response:
        """Return what becomes of a response."""
        fault = self._decisive
        if fault is None or fault.effect is None:
            return response
        return fault.effect(FaultContext(fault.options, dialect, request_id, throttle), response)

    def _seconds(self, kind: str) -> float:
        seconds = [fault.options for fault in self._faults if fault.kind == kind and self._hits(fault)]
        return float(sum(next(iter(options.values())) for options in seconds))

    def _hits(self, fault: InjectedFault) -> bool:
        hit = fault.matches(self._method, self._path)
        if hit:
            self.names.append(fault.kind)
        return hit
