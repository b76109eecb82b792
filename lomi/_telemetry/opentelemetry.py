"""OpenTelemetry's view of a call. Imported only where its API is installed (the extra ``otel``).

One CLIENT span per call, by the HTTP semantic conventions, and inside it one INTERNAL span per attempt, so that
counting client spans counts calls. Names and attributes hold the path template, never ids, query or messages; so
``url.full``, which the conventions require, is left out. Instrumentation of the HTTP library is suppressed during an
attempt: it would record the same request again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from contextvars import Token
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

from opentelemetry import context, metrics, trace
from opentelemetry.context import Context

from .._version import __version__

__all__ = ["Telemetry", "Trace"]

# The version of the conventions that the names below come from.
_SCHEMA = "https://opentelemetry.io/schemas/1.30.0"
# The boundaries that the conventions advise for http.client.request.duration, and two more for a whole call.
_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60]

# Seconds between two looks whether the application has configured OpenTelemetry by now. Once it has, it stays so.
_LOOK_EVERY = 0.1


class Telemetry:
    """The tracer and the instruments, shared by all clients of a process."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.tracer = trace.get_tracer_provider().get_tracer("lomi", __version__, _SCHEMA)
        meter = metrics.get_meter_provider().get_meter("lomi", __version__, _SCHEMA)
        self.duration = meter.create_histogram(
            "http.client.request.duration",
            unit="s",
            description="Duration of calls, including retries and waits.",
            explicit_bucket_boundaries_advisory=_BUCKETS,
        )
        self.retries = meter.create_counter(
            "lomi.client.retries", unit="{retry}", description="Repeated attempts, by the error that caused them."
        )
        self._monotonic = monotonic
        self._is_configured = False
        self._next_look = 0.0

    def is_wanted(self) -> bool:
        """Return whether the application has configured OpenTelemetry, and has not suppressed it in this context."""
        if not self._is_configured:
            # The look-up takes two microseconds, which is much for each call of an application that never does.
            now = self._monotonic()
            if now < self._next_look:
                return False
            self._next_look = now + _LOOK_EVERY
            self._is_configured = _is_configured()
        return self._is_configured and suppression().is_enabled()

    def trace(self, operation: Mapping[str, str], server: tuple[str, int]) -> Trace:
        """Return the trace of one call."""
        return Trace(self, operation, server)


def _is_configured() -> bool:
    # The API's own providers, proxies and no-ops, discard everything.
    return not (
        _is_placeholder(type(trace.get_tracer_provider())) and _is_placeholder(type(metrics.get_meter_provider()))
    )


@cache
def _is_placeholder(provider: type) -> bool:
    return provider.__module__.startswith(("opentelemetry.trace", "opentelemetry.metrics"))


class Suppression(NamedTuple):
    """The public functions of ``opentelemetry.instrumentation.utils``, or what stands in for them."""

    is_enabled: Callable[[], bool]
    suppress: Callable[[], AbstractContextManager[None]]


@cache
def suppression() -> Suppression:
    """Return how to suppress instrumentation of HTTP libraries."""
    try:
        utils: Any = import_module("opentelemetry.instrumentation.utils")
        return Suppression(utils.is_http_instrumentation_enabled, utils.suppress_http_instrumentation)
    except (ImportError, AttributeError):
        # Every instrumentation needs that package. Without it there is nothing to suppress.
        return Suppression(lambda: True, nullcontext)


class Trace:
    """The spans and figures of one call."""

    def __init__(self, telemetry: Telemetry, operation: Mapping[str, str], server: tuple[str, int]) -> None:
        self._telemetry = telemetry
        self._name = f"{operation['method']} {operation['path']}"
        self._attributes: dict[str, str | int] = {
            "http.request.method": operation["method"],
            "url.template": operation["path"],
            "server.address": server[0],
            "server.port": server[1],
            "lomi.operation": operation["operation"],
        }
        self._failure: dict[str, str | int] = {}
        self._spans: list[tuple[trace.Span, Token[Context], AbstractContextManager[None]]] = []

    def start_call(self) -> None:
        """Start the span of the call, and make it the current one."""
        kind = trace.SpanKind.CLIENT
        span = self._telemetry.tracer.start_span(self._name, kind=kind, attributes=self._attributes)
        self._push(span, nullcontext())

    def start_attempt(self, number: int) -> None:
        """Start the span of an attempt."""
        attributes = self._attributes
        if number > 1:
            attributes = {**attributes, "http.request.resend_count": number - 1}
        self._push(self._telemetry.tracer.start_span("attempt", attributes=attributes), suppression().suppress())

    def finish_attempt(self, status: int | None, error: type | None) -> None:
        """End the span of an attempt."""
        self._failure = _failure(status, error)
        self._pop(status, self._failure)

    def count_retry(self) -> None:
        """Count a retry, by the error that caused it."""
        self._telemetry.retries.add(1, {**self._attributes, **self._failure})

    def finish_call(self, facts: Mapping[str, Any], error: type | None) -> None:
        """End the span of the call, and record its duration."""
        status: int | None = facts["status"]
        # A repeated DELETE that finds nothing has succeeded: the result of the call counts, not the status.
        failure = {} if error is None else _failure(status, error)
        response = {} if status is None else {"http.response.status_code": status}
        self._telemetry.duration.record(facts["ms"] / 1000, {**self._attributes, **response, **failure})
        more: dict[str, str | int] = {"lomi.outcome": facts["outcome"], "lomi.request_id": facts["request_id"]}
        if facts["attempt"] > 1:
            more["http.request.resend_count"] = facts["attempt"] - 1
        self._pop(status, failure, more)

    def _push(self, span: trace.Span, quiet: AbstractContextManager[None]) -> None:
        token = context.attach(trace.set_span_in_context(span))
        quiet.__enter__()
        self._spans.append((span, token, quiet))

    def _pop(
        self, status: int | None, failure: Mapping[str, str | int], more: Mapping[str, str | int] | None = None
    ) -> None:
        span, token, quiet = self._spans.pop()
        try:
            if status is not None:
                span.set_attribute("http.response.status_code", status)
            span.set_attributes({**failure, **(more or {})})
            if failure:
                # No description and no recorded exception: messages may quote what a customer typed.
                span.set_status(trace.StatusCode.ERROR)
            span.end()
        finally:
            quiet.__exit__(None, None, None)
            context.detach(token)


def _failure(status: int | None, error: type | None) -> dict[str, str | int]:
    if status is not None and status >= 400:
        return {"error.type": str(status)}
    return {} if error is None else {"error.type": f"{error.__module__}.{error.__qualname__}"}
