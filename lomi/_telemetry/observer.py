"""Which of a client's calls are observed: usually none, and then it costs next to nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from typing_extensions import ParamSpec

from .._core.call import Call, CallListener, CallOutcome, attempt_outcome, response_request_id
from .._core.config import Config
from .._core.response import Response, TransportFailure, redacted_headers
from ..errors import LomiError
from . import logging as _log
from .hooks import Hooks, checked_hooks

if TYPE_CHECKING:
    from .opentelemetry import Telemetry, Trace

__all__ = ["CallObserver", "Observer", "telemetry"]

P = ParamSpec("P")
_TRACE = "OpenTelemetry"
_LOG = "logging"


class Observer:
    """The listeners that a client and its clones share.

    Raises:
        LomiConfigurationError: ``hooks`` is not `Hooks`, or ``LOMI_LOG`` is not a level.
    """

    def __init__(self, hooks: Hooks | None, config: Config, monotonic: Callable[[], float]) -> None:
        _log.show_if_asked()
        self.hooks = checked_hooks(hooks)
        self.server = (config.host, config.port)
        self.monotonic = monotonic
        self.telemetry = telemetry()
        self._failed: set[str] = set()

    def observe(self, call: Call[Any]) -> CallListener | None:
        """Return the observer of a call, or None when nothing listens."""
        tracing = self.telemetry is not None and self.telemetry.is_wanted()
        if not tracing and self.hooks is None and not _log.is_wanted():
            return None
        return CallObserver(self, call, self.telemetry if tracing else None)

    def notify(self, name: str, listener: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
        """Call a listener. Whatever it raises is logged once, and never breaks the call."""
        try:
            listener(*args, **kwargs)
        except Exception as error:  # noqa: BLE001  # any bug of a listener
            if name not in self._failed:
                self._failed.add(name)
                with suppress(Exception):  # a handler of the log may be what fails
                    _log.log_failed_listener(name, error)


@cache
def telemetry() -> Telemetry | None:
    """Return the OpenTelemetry side, or None where its API is not installed."""
    try:
        from .opentelemetry import Telemetry
    except ImportError:
        return None
    return Telemetry()


class CallObserver:
    """Observes one call from start to end."""

    def __init__(self, observer: Observer, call: Call[Any], telemetry: Telemetry | None) -> None:
        self._observer = observer
        self._notify = observer.notify
        self._hooks = observer.hooks
        self._call = call
        request = call.request
        self._operation: dict[str, Any] = {
            "operation": request.operation or f"{request.method} {request.path.template}",
            "method": request.method,
            "path": request.path.template,
        }
        self._trace: Trace | None = None if telemetry is None else telemetry.trace(self._operation, observer.server)
        self._attempt = 0
        self._attempt_started_at = call.started_monotonic
        self._in_attempt = False
        self._last: dict[str, Any] = {"request_id": call.request_id, "status": None, "error": None}

    def call_started(self) -> None:
        """Note that the call starts, and its first attempt with it."""
        if self._trace is not None:
            self._notify(_TRACE, self._trace.start_call)
        self.attempt_started()

    def attempt_started(self) -> None:
        """Note that an attempt starts."""
        self._attempt += 1
        self._in_attempt = True
        if self._hooks is not None and self._hooks.on_request is not None:
            from .events import RequestEvent

            event = RequestEvent(**self._operation, attempt=self._attempt, request_id=self._call.request_id)
            self._notify("on_request", self._hooks.on_request, event)
        if self._trace is not None:
            self._notify(_TRACE, self._trace.start_attempt, self._attempt)
        self._attempt_started_at = self._observer.monotonic()

    def attempt_finished(self, result: Response | TransportFailure) -> None:
        """Note the result of an attempt."""
        error = result.error if isinstance(result, TransportFailure) else None
        response = result if isinstance(result, Response) else None
        self._finish_attempt(result.status, error, attempt_outcome(self._call.request, result), response)

    def retry_scheduled(self, delay: float) -> None:
        """Note that another attempt follows in some seconds."""
        facts: dict[str, Any] = {**self._operation, **self._last, "attempt": self._attempt, "delay": delay}
        self._notify(_LOG, _log.log_retry, facts)
        if self._trace is not None:
            self._notify(_TRACE, self._trace.count_retry)
        if self._hooks is not None and self._hooks.on_retry is not None:
            from .events import RetryEvent

            self._notify("on_retry", self._hooks.on_retry, RetryEvent(**facts))

    def call_finished(self, error: BaseException | None) -> None:
        """Note that the call is over: with its result, or with an exception, which may be a cancellation."""
        outcome: CallOutcome = "succeeded" if error is None else "unknown"
        if isinstance(error, LomiError):
            outcome = error.outcome
        if self._in_attempt:
            self._finish_attempt(None, type(error), outcome, None)
        facts: dict[str, Any] = {
            **self._operation,
            **self._last,
            "attempt": self._attempt,
            "outcome": outcome,
            "error": None if error is None else type(error).__name__,
            "ms": round((self._observer.monotonic() - self._call.started_monotonic) * 1000, 3),
        }
        self._notify(_LOG, _log.log_call, facts)
        if self._trace is not None:
            self._notify(_TRACE, self._trace.finish_call, facts, None if error is None else type(error))

    def _finish_attempt(
        self, status: int | None, error: type | None, outcome: CallOutcome, response: Response | None
    ) -> None:
        self._in_attempt = False
        seconds = self._observer.monotonic() - self._attempt_started_at
        request_id = None if response is None else response_request_id(self._call, response)
        self._last = {
            "request_id": request_id or self._call.request_id,
            "status": status,
            "error": error.__name__ if error else None,
        }
        if self._trace is not None:
            self._notify(_TRACE, self._trace.finish_attempt, status, error)
        if self._hooks is not None and self._hooks.on_response is not None:
            from .events import ResponseEvent

            event = ResponseEvent(
                **self._operation,
                **self._last,
                attempt=self._attempt,
                headers={} if response is None else redacted_headers(response.raw_headers, self._call.redact),
                outcome=outcome,
                seconds=seconds,
            )
            self._notify("on_response", self._hooks.on_response, event)
