"""One call of a method, over all its attempts."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import TracebackType
from typing import Any, Generic, Literal, Protocol, TypeVar

from typing_extensions import Self

from ..errors import Outcome
from ..models._response import LONGEST_REQUEST_ID
from .operations import may_have_happened
from .request import Request
from .response import Response, TransportFailure

__all__ = ["Call", "CallListener", "CallOutcome", "attempt_outcome", "response_request_id"]

T = TypeVar("T")

CallOutcome = Literal["succeeded"] | Outcome
"""How an attempt or a call ended: ``"succeeded"``, or an error's `outcome`."""

_SEVERITY: dict[Outcome, int] = {"not_sent": 0, "rejected": 1, "unknown": 2}


class CallListener(Protocol):
    """What a call notifies while it runs."""

    def call_started(self) -> None:
        """Note that the call starts, and its first attempt with it."""
        ...

    def attempt_started(self) -> None:
        """Note that an attempt starts."""
        ...

    def attempt_finished(self, result: Response | TransportFailure) -> None:
        """Note the result of an attempt."""
        ...

    def retry_scheduled(self, delay: float) -> None:
        """Note that another attempt follows in some seconds."""
        ...

    def call_finished(self, error: BaseException | None) -> None:
        """Note that the call is over: with its result, or with an exception, which may be a cancellation."""
        ...


class Call(Generic[T]):
    """One call from beginning to end, over all its attempts; a context that lasts as long as it does."""

    def __init__(
        self,
        request: Request[T],
        request_id: str,
        content: bytes | None,
        *,
        ends_at: float,
        started_monotonic: float,
        started_at: float,
        now: Callable[[], float],
        redact: Callable[[bytes], bytes],
        scope: tuple[str, str | None],
    ) -> None:
        self.request = request
        self.request_id = request_id
        self.content = content
        self.ends_at = ends_at
        """The monotonic time at which the time allowed is over; infinity when there is no limit."""
        self.started_monotonic = started_monotonic
        self.started_at = started_at
        """The Unix time at which it began."""
        self.now = now
        """Returns the Unix time."""
        self.redact = redact
        """Removes the key from what a response echoes."""
        self.scope = scope
        """The base URL and the account."""
        self.attempts = 0
        self.outcome: Outcome = "not_sent"
        self.unreadable: tuple[str, ...] = ()
        """The fields of its response that could not be read."""
        self.observer: CallListener | None = None

    @property
    def headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """The headers that differ from call to call."""
        headers = [(b"X-Request-Id", self.request_id.encode("ascii"))]
        if self.request.idempotency_key is not None:
            headers.append((b"Idempotency-Key", self.request.idempotency_key.encode("ascii")))
        if self.content is not None:
            headers.append((b"Content-Type", b"application/json"))
        if self.content is not None or self.request.method in ("POST", "PUT", "PATCH"):
            headers.append((b"Content-Length", str(len(self.content or b"")).encode("ascii")))
        return tuple(headers)

    def remaining(self, now: float) -> float | None:
        """Return the seconds that are left at a monotonic time, at least 0; None when there is no limit."""
        return None if self.ends_at == math.inf else max(0.0, self.ends_at - now)

    def record_attempt(self, result: Response | TransportFailure) -> None:
        """Count an attempt; the outcome of a call is the worst of its attempts."""
        self.attempts += 1
        self.update_outcome(_outcome(self.request, result))
        if self.observer is not None:
            self.observer.attempt_finished(result)

    def pause(self, delay: float) -> None:
        """Note that the call waits some seconds before the next attempt."""
        if self.observer is not None:
            self.observer.retry_scheduled(delay)

    def resume(self) -> None:
        """Note that the next attempt begins."""
        if self.observer is not None:
            self.observer.attempt_started()

    def __enter__(self) -> Self:
        if self.observer is not None:
            self.observer.call_started()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.observer is not None:
            self.observer.call_finished(error)

    def update_outcome(self, outcome: Outcome) -> None:
        """Note an outcome, if it is worse than the one so far."""
        if _SEVERITY[outcome] > _SEVERITY[self.outcome]:
            self.outcome = outcome

    def error_context(self, response: Response | None = None) -> dict[str, Any]:
        """Return the arguments that every error of this call has."""
        return {
            "outcome": self.outcome,
            "attempts": self.attempts,
            "request_id": (response_request_id(self, response) if response is not None else None) or self.request_id,
            "method": self.request.method,
            "path": self.request.path.template,
        }


def _outcome(request: Request[Any], result: Response | TransportFailure) -> Outcome:
    if isinstance(result, TransportFailure):
        return "unknown" if result.sent else "not_sent"
    return "unknown" if may_have_happened(request, result) else "rejected"


def attempt_outcome(request: Request[Any], result: Response | TransportFailure) -> CallOutcome:
    """Return the outcome of one attempt."""
    return "succeeded" if isinstance(result, Response) and 200 <= result.status < 300 else _outcome(request, result)


def response_request_id(call: Call[Any], response: Response) -> str | None:
    """Return the request id that a response names, in a header or in an error's body, with the key redacted."""
    named = response.headers.get("x-request-id")
    if not named and not 200 <= response.status < 300:
        named = response.error_payload.get("request_id")
    if not isinstance(named, str) or not named.isprintable():
        return None
    return call.redact(named.encode()).decode()[:LONGEST_REQUEST_ID]
