"""Who is told what happens in a call: the log, the owner's hooks, OpenTelemetry. Usually nobody, and that is free."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from typing_extensions import ParamSpec

from .._core.call import Call, CallOutcome, attempt_outcome, response_request_id
from .._core.config import Config
from .._core.response import Response, TransportFailure
from ..errors import LomiError
from . import logging as _log
from .hooks import Hooks, RequestEvent, ResponseEvent, RetryEvent

if TYPE_CHECKING:
    from .opentelemetry import Telemetry, Trace

__all__ = ["CallObserver", "Observer"]

P = ParamSpec("P")


class Observer:
    """What a client and its clones have in common: who listens."""

    def __init__(self, hooks: Hooks | None, config: Config, monotonic: Callable[[], float]) -> None:
        _log.show_if_asked()
        self.hooks = hooks
        self.server = (config.host, config.port)
        self.monotonic = monotonic
        self.telemetry = telemetry()
        self._failed: set[str] = set()

    def watch(self, call: Call[Any]) -> CallObserver | None:
        """Return what watches a call, or None when nobody listens."""
        tracing = self.telemetry is not None and self.telemetry.is_wanted()
        if not tracing and self.hooks is None and not _log.is_wanted():
            return None
        return CallObserver(self, call, self.telemetry if tracing else None)

    def tell(self, name: str, listener: Callable[P, object], *facts: P.args, **named: P.kwargs) -> None:
        """Call a listener, and let nothing that it raises break the call."""
        try:
            listener(*facts, **named)
        except Exception as error:  # noqa: BLE001  # whatever a listener's author overlooked
            if name not in self._failed:
                self._failed.add(name)
                with suppress(Exception):  # a handler of the log may be what fails
                    _log.log_hook(name, error)


@cache
def telemetry() -> Telemetry | None:
    """Return OpenTelemetry's side of it, where its API is installed."""
    try:
        from .opentelemetry import Telemetry
    except ImportError:
        return None
    return Telemetry()


class CallObserver:
    """Watches one call from beginning to end, and tells who listens."""

    def __init__(self, observer: Observer, call: Call[Any], telemetry: Telemetry | None) -> None:
        self._observer = observer
        self._tell = observer.tell
        self._hooks = observer.hooks or _NONE
        self._call = call
        request = call.request
        self._what: dict[str, Any] = {
            "operation": request.operation or f"{request.method} {request.path.template}",
            "method": request.method,
            "path": request.path.template,
        }
        self._trace: Trace | None = None if telemetry is None else telemetry.trace(self._what, observer.server)
        self._attempt = 0
        self._attempt_began_at = call.started_monotonic
        self._is_open = False
        self._answer: dict[str, Any] = {"request_id": call.request_id, "status": None, "error": None}

    def begin(self) -> None:
        """Take note that the call begins, and with it the first attempt."""
        if self._trace is not None:
            self._tell(_TRACE, self._trace.begin)
        self.attempt()

    def attempt(self) -> None:
        """Take note that an attempt begins."""
        self._attempt += 1
        self._is_open = True
        if self._hooks.on_request is not None:
            event = RequestEvent(**self._what, attempt=self._attempt, request_id=self._call.request_id)
            self._tell("on_request", self._hooks.on_request, event)
        if self._trace is not None:
            self._tell(_TRACE, self._trace.attempt, self._attempt)
        self._attempt_began_at = self._observer.monotonic()

    def answer(self, result: Response | TransportFailure) -> None:
        """Take note of what came of the attempt."""
        error = result.error if isinstance(result, TransportFailure) else None
        request_id = response_request_id(self._call, result) if isinstance(result, Response) else None
        self._close(
            result.status, error, attempt_outcome(self._call.request, result), request_id or self._call.request_id
        )

    def pause(self, delay: float) -> None:
        """Take note that another attempt will be made after some seconds."""
        facts: dict[str, Any] = {**self._what, **self._answer, "attempt": self._attempt, "delay": delay}
        self._tell(_LOG, _log.log_retry, facts)
        if self._trace is not None:
            self._tell(_TRACE, self._trace.retry)
        if self._hooks.on_retry is not None:
            self._tell("on_retry", self._hooks.on_retry, RetryEvent(**facts))

    def end(self, error: BaseException | None) -> None:
        """Take note that the call is over: with its result, or with an exception, a cancellation too."""
        outcome: CallOutcome = "succeeded" if error is None else "unknown"
        if isinstance(error, LomiError):
            outcome = error.outcome
        if self._is_open:
            self._close(None, type(error), outcome, self._call.request_id)
        facts: dict[str, Any] = {
            **self._what,
            **self._answer,
            "attempt": self._attempt,
            "outcome": outcome,
            "error": None if error is None else type(error).__name__,
            "ms": round((self._observer.monotonic() - self._call.started_monotonic) * 1000, 3),
        }
        self._tell(_LOG, _log.log_call, facts)
        if self._trace is not None:
            self._tell(_TRACE, self._trace.end, facts, None if error is None else type(error))

    def _close(self, status: int | None, error: type | None, outcome: CallOutcome, request_id: str) -> None:
        self._is_open = False
        seconds = self._observer.monotonic() - self._attempt_began_at
        self._answer = {"request_id": request_id, "status": status, "error": error.__name__ if error else None}
        if self._trace is not None:
            self._tell(_TRACE, self._trace.answer, status, error)
        if self._hooks.on_response is not None:
            event = ResponseEvent(**self._what, **self._answer, attempt=self._attempt, outcome=outcome, seconds=seconds)
            self._tell("on_response", self._hooks.on_response, event)


_NONE = Hooks()
_TRACE = "OpenTelemetry"
_LOG = "logging"
