"""OpenTelemetry's view of a call. Imported only where its API is installed (the extra ``otel``).

One CLIENT span a call, by the HTTP semantic conventions, and inside it one INTERNAL span an attempt, so that
whoever counts client spans counts calls. Names and attributes hold the path template, never ids, query or messages;
so ``url.full``, which the conventions ask for, is left out. While an attempt runs, instrumentation of the HTTP library
is suppressed: it would tell the same again.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import Token
from typing import Any

from opentelemetry import context, metrics, trace
from opentelemetry.context import (
    _SUPPRESS_HTTP_INSTRUMENTATION_KEY as SUPPRESS_HTTP,
    _SUPPRESS_INSTRUMENTATION_KEY as SUPPRESS,
    Context,
)
from opentelemetry.metrics import _internal as _metrics

from .._version import __version__

__all__ = ["Telemetry", "Trace"]

# The conventions that the names below are taken from.
_SCHEMA = "https://opentelemetry.io/schemas/1.30.0"
# What the conventions advise for http.client.request.duration, with our whole-call deadline on top.
_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60]


class Telemetry:
    """The tracer and the instruments, shared by all clients of a process."""

    def __init__(self) -> None:
        self.tracer = trace.get_tracer_provider().get_tracer("lomi", __version__, _SCHEMA)
        meter = metrics.get_meter_provider().get_meter("lomi", __version__, _SCHEMA)
        self.duration = meter.create_histogram(
            "http.client.request.duration",
            unit="s",
            description="Duration of calls, with their retries and waiting.",
            explicit_bucket_boundaries_advisory=_BUCKETS,
        )
        self.retries = meter.create_counter(
            "lomi.client.retries", unit="{retry}", description="Attempts made again, by what made them necessary."
        )
        self._is_set_up = _is_set_up()

    def is_wanted(self) -> bool:
        """Tell whether the application has set up OpenTelemetry, and has not suppressed it here."""
        if not self._is_set_up:
            # Every call asks. The public look-up takes microseconds, these two names a tenth of one; should they be
            # gone one day, the public one decides.
            if getattr(trace, "_TRACER_PROVIDER", self) is getattr(_metrics, "_METER_PROVIDER", self) is None:
                return False
            self._is_set_up = _is_set_up()
        return self._is_set_up and not (context.get_value(SUPPRESS) or context.get_value(SUPPRESS_HTTP))

    def trace(self, what: Mapping[str, str], server: tuple[str, int]) -> Trace:
        """Return what follows one call."""
        return Trace(self, what, server)


def _is_set_up() -> bool:
    # The API's own providers, proxies and no-ops, stand for "nobody listens".
    providers = (trace.get_tracer_provider(), metrics.get_meter_provider())
    own = ("opentelemetry.trace", "opentelemetry.metrics")
    return not all(type(provider).__module__.startswith(own) for provider in providers)


class Trace:
    """The spans and figures of one call."""

    def __init__(self, telemetry: Telemetry, what: Mapping[str, str], server: tuple[str, int]) -> None:
        self._telemetry = telemetry
        self._name = f"{what['method']} {what['path']}"
        self._facts: dict[str, str | int] = {
            "http.request.method": what["method"],
            "url.template": what["path"],
            "server.address": server[0],
            "server.port": server[1],
            "lomi.operation": what["operation"],
        }
        self._failure: dict[str, str | int] = {}
        self._spans: list[tuple[trace.Span, Token[Context]]] = []

    def begin(self) -> None:
        """Start the call's span, and make it the current one."""
        self._push(self._telemetry.tracer.start_span(self._name, kind=trace.SpanKind.CLIENT, attributes=self._facts))

    def attempt(self, number: int) -> None:
        """Start an attempt's span."""
        facts = self._facts if number == 1 else {**self._facts, "http.request.resend_count": number - 1}
        self._push(self._telemetry.tracer.start_span("attempt", attributes=facts), quiet=True)

    def answer(self, status: int | None, error: type | None) -> None:
        """End the attempt's span."""
        self._failure = _failure(status, error)
        self._pop(status, self._failure)

    def retry(self) -> None:
        """Count a retry, by what made it necessary."""
        self._telemetry.retries.add(1, {**self._facts, **self._failure})

    def end(self, facts: Mapping[str, Any], error: type | None) -> None:
        """End the call's span, and record how long it took."""
        status: int | None = facts["status"]
        # A repeated DELETE that finds nothing has succeeded: not the status decides, but what the caller gets.
        failure = {} if error is None else _failure(status, error)
        answered = {} if status is None else {"http.response.status_code": status}
        self._telemetry.duration.record(facts["ms"] / 1000, {**self._facts, **answered, **failure})
        more: dict[str, str | int] = {"lomi.outcome": facts["outcome"], "lomi.request_id": facts["request_id"]}
        if facts["attempt"] > 1:
            more["http.request.resend_count"] = facts["attempt"] - 1
        self._pop(status, failure, more)

    def _push(self, span: trace.Span, *, quiet: bool = False) -> None:
        current = trace.set_span_in_context(span)
        self._spans.append((span, context.attach(context.set_value(SUPPRESS_HTTP, quiet, current))))

    def _pop(
        self, status: int | None, failure: Mapping[str, str | int], more: Mapping[str, str | int] | None = None
    ) -> None:
        span, token = self._spans.pop()
        if status is not None:
            span.set_attribute("http.response.status_code", status)
        span.set_attributes({**failure, **(more or {})})
        if failure:
            # No description and no recorded exception: messages may quote what a customer typed.
            span.set_status(trace.StatusCode.ERROR)
        span.end()
        context.detach(token)


def _failure(status: int | None, error: type | None) -> dict[str, str | int]:
    if status is not None and status >= 400:
        return {"error.type": str(status)}
    return {} if error is None else {"error.type": f"{error.__module__}.{error.__qualname__}"}
