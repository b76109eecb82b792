"""The spans and figures that OpenTelemetry gets, read back from its in-memory exporters."""

from __future__ import annotations

import ast
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import httpx
import pytest
from opentelemetry import context, metrics, trace
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.instrumentation.utils import is_http_instrumentation_enabled, suppress_http_instrumentation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.semconv._incubating.attributes import url_attributes
from opentelemetry.semconv.attributes import error_attributes, http_attributes, server_attributes
from opentelemetry.semconv.metrics import http_metrics
from opentelemetry.semconv.schemas import Schemas

from lomi import (
    AsyncLomiClient,
    Hooks,
    LomiClient,
    LomiNotFoundError,
    LomiResponseError,
    LomiServerError,
)
from lomi._telemetry import observer, opentelemetry as lomi_opentelemetry
from lomi._telemetry.opentelemetry import Telemetry

KEY = "lomi_sk_test_5f2dd1c6c3a94a6b8a5e"
CUSTOMER = {"id": "cus_7531", "email": "amadou.ba@example.com"}
SERVER = {"server.address": "sandbox.api.lomi.africa", "server.port": 443}
GET = {
    "http.request.method": "GET",
    "url.template": "/customers/{id}",
    "lomi.operation": "customers.get",
    **SERVER,
}


class Collected:
    """What an application's own set-up of OpenTelemetry would have sent."""

    def __init__(self) -> None:
        self.spans = InMemorySpanExporter()
        self.metrics = InMemoryMetricReader()
        self.tracing = TracerProvider()
        self.tracing.add_span_processor(SimpleSpanProcessor(self.spans))
        self.metering = MeterProvider(metric_readers=[self.metrics])

    def read(self) -> list[ReadableSpan]:
        return list(self.spans.get_finished_spans())

    def points(self, name: str) -> list[Any]:
        data = json.loads(self.metrics.get_metrics_data().to_json())  # type: ignore[union-attr]
        found = [m for r in data["resource_metrics"] for s in r["scope_metrics"] for m in s["metrics"]]
        return [point for metric in found if metric["name"] == name for point in metric["data"]["data_points"]]


@pytest.fixture
def collected(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collected]:
    everything = Collected()
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: everything.tracing)
    monkeypatch.setattr(metrics, "get_meter_provider", lambda: everything.metering)
    fresh = Telemetry()
    monkeypatch.setattr(observer, "telemetry", lambda: fresh)
    yield everything
    everything.metering.shutdown()
    everything.tracing.shutdown()


def client_of(*answers: httpx.Response | Exception, hooks: Hooks | None = None) -> LomiClient:
    left = list(answers)

    def answer(_request: httpx.Request) -> httpx.Response:
        result = left.pop(0)
        if isinstance(result, Exception):
            raise result
        return result

    client = LomiClient(KEY, http_client=httpx.Client(transport=httpx.MockTransport(answer)), hooks=hooks)
    client.backend.sleep = lambda _seconds: None  # type: ignore[method-assign]
    return client


def found() -> httpx.Response:
    return httpx.Response(200, json=CUSTOMER, headers={"X-Request-Id": "theirs-1"})


def test_a_call_is_a_client_span_with_one_attempt_inside(collected: Collected) -> None:
    client_of(found()).customers.get("cus_7531")
    attempt, call = collected.read()
    assert (call.name, call.kind) == ("GET /customers/{id}", trace.SpanKind.CLIENT)
    assert call.attributes == {
        **GET,
        "http.response.status_code": 200,
        "lomi.outcome": "succeeded",
        "lomi.request_id": "theirs-1",
    }
    assert (attempt.name, attempt.kind) == ("attempt", trace.SpanKind.INTERNAL)
    assert attempt.attributes == {**GET, "http.response.status_code": 200}
    assert attempt.parent is not None
    assert attempt.parent.span_id == call.context.span_id
    assert call.parent is None
    assert [span.status.status_code for span in (attempt, call)] == [trace.StatusCode.UNSET] * 2


def test_names_are_those_of_the_conventions(collected: Collected) -> None:
    client_of(httpx.Response(503), found()).customers.get("cus_7531")
    names = {name for span in collected.read() for name in span.attributes or {}}
    conventions = {
        value
        for module in (http_attributes, server_attributes, error_attributes, url_attributes)
        for name, value in vars(module).items()
        if name.isupper()
    }
    assert {name for name in names - conventions if not name.startswith("lomi.")} == set()
    assert len(collected.points(http_metrics.HTTP_CLIENT_REQUEST_DURATION)) == 1
    scopes = {(span.instrumentation_scope.name, span.instrumentation_scope.schema_url) for span in collected.read()}  # type: ignore[union-attr]
    assert scopes == {("lomi", Schemas.V1_30_0.value)}


def test_retries_are_attempts_with_a_resend_count(collected: Collected) -> None:
    client_of(httpx.ReadTimeout("slow"), httpx.Response(503), found()).customers.get("cus_7531")
    first, second, third, call = collected.read()
    assert [span.attributes.get("http.request.resend_count") for span in (first, second, third, call)] == [  # type: ignore[union-attr]
        None,
        1,
        2,
        2,
    ]
    assert [span.attributes.get("error.type") for span in (first, second, third, call)] == [  # type: ignore[union-attr]
        "lomi.errors.LomiTimeoutError",
        "503",
        None,
        None,
    ]
    assert call.status.status_code is trace.StatusCode.UNSET
    assert {span.parent.span_id for span in (first, second, third) if span.parent} == {call.context.span_id}
    retries = collected.points("lomi.client.retries")
    assert {point["attributes"]["error.type"]: point["value"] for point in retries} == {
        "lomi.errors.LomiTimeoutError": 1,
        "503": 1,
    }


def test_an_error_is_an_error_type_without_its_message(collected: Collected) -> None:
    body = {"error": {"code": "not_found", "message": "no customer amadou.ba@example.com"}}
    with pytest.raises(LomiNotFoundError):
        client_of(httpx.Response(404, json=body)).customers.get("cus_7531")
    with pytest.raises(LomiResponseError):
        client_of(httpx.Response(200, text="<html>")).customers.get("cus_7531")
    spans = collected.read()
    calls = [span for span in spans if span.kind is trace.SpanKind.CLIENT]
    assert [span.attributes["error.type"] for span in calls if span.attributes] == [
        "404",
        "lomi.errors.LomiResponseError",
    ]
    assert all(span.status.status_code is trace.StatusCode.ERROR for span in calls)
    assert not any(span.status.description or span.events for span in spans)


def test_a_deletion_that_an_earlier_attempt_has_done_is_no_error(collected: Collected) -> None:
    client_of(httpx.ReadTimeout("slow"), httpx.Response(404)).customers.delete("cus_7531")
    *_, second, call = collected.read()
    assert second.status.status_code is trace.StatusCode.ERROR
    assert call.status.status_code is trace.StatusCode.UNSET
    assert call.attributes is not None
    assert "error.type" not in call.attributes


def test_the_duration_of_calls_is_a_histogram_in_seconds(collected: Collected) -> None:
    client_of(found()).customers.get("cus_7531")
    with pytest.raises(LomiServerError):
        client_of(httpx.Response(500)).customers.create(name="Amadou Ba")
    points = collected.points("http.client.request.duration")
    assert sorted(
        (p["count"], p["attributes"]["lomi.operation"], p["attributes"].get("error.type")) for p in points
    ) == [
        (1, "customers.create", "500"),
        (1, "customers.get", None),
    ]
    assert all(0 < point["sum"] < 60 for point in points)
    # The conventions' boundaries, and two more for a whole call.
    advised = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
    assert points[0]["explicit_bounds"] == [*advised, 30, 60]


def test_nothing_personal_and_no_key_is_in_any_span_or_figure(collected: Collected) -> None:
    listing = httpx.Response(200, json={"customers": [CUSTOMER]})
    client = client_of(found(), listing)
    client.customers.update("cus_7531", email="amadou.ba@example.com")
    client.customers.list(search="amadou")
    sent = "".join(span.to_json() for span in collected.read()) + collected.metrics.get_metrics_data().to_json()  # type: ignore[union-attr]
    assert "customers.list" in sent
    assert not [secret for secret in ("cus_7531", "amadou", KEY) if secret in sent.lower()]


def test_an_instrumented_http_client_does_not_tell_the_same_again(collected: Collected) -> None:
    http_client = httpx.Client(transport=httpx.MockTransport(lambda _request: found()))
    client = LomiClient(KEY, http_client=http_client)
    HTTPXClientInstrumentor.instrument_client(http_client, tracer_provider=collected.tracing)
    client.customers.get("cus_7531")
    assert [span.name for span in collected.read()] == ["attempt", "GET /customers/{id}"]
    # The application's own requests with that HTTP client are still told.
    http_client.get("https://example.org/")
    assert len(collected.read()) == 3


def test_hooks_run_inside_the_call_but_not_inside_an_attempt(collected: Collected) -> None:
    current: list[object] = []

    def note(_event: object) -> None:
        current.append(trace.get_current_span().get_span_context().span_id)
        assert is_http_instrumentation_enabled()

    hooks = Hooks(on_request=note, on_response=note, on_retry=note)
    client_of(httpx.Response(503), found(), hooks=hooks).customers.get("cus_7531")
    assert current == [collected.read()[-1].context.span_id] * 5
    assert trace.get_current_span() is trace.INVALID_SPAN


def test_concurrent_calls_are_beside_each_other_below_the_application_s_span(collected: Collected) -> None:
    async def answer(_request: httpx.Request) -> httpx.Response:
        await anyio.lowlevel.checkpoint()
        return found()

    async def both() -> None:
        client = AsyncLomiClient(KEY, http_client=httpx.AsyncClient(transport=httpx.MockTransport(answer)))
        with collected.tracing.get_tracer("shop").start_as_current_span("checkout"):
            async with anyio.create_task_group() as group:
                group.start_soon(client.customers.get, "cus_7531")
                group.start_soon(client.customers.get, "cus_7531")

    anyio.run(both)
    spans = {span.context.span_id: span for span in collected.read()}
    parents = [(span.name, spans[span.parent.span_id].name) for span in spans.values() if span.parent]
    assert sorted(parents) == [
        ("GET /customers/{id}", "checkout"),
        ("GET /customers/{id}", "checkout"),
        ("attempt", "GET /customers/{id}"),
        ("attempt", "GET /customers/{id}"),
    ]
    attempts = [span.parent.span_id for span in spans.values() if span.parent and span.name == "attempt"]
    assert len(set(attempts)) == 2


def test_where_instrumentation_is_suppressed_nothing_is_told(collected: Collected) -> None:
    with suppress_http_instrumentation():
        client_of(found()).customers.get("cus_7531")
    assert collected.read() == []


def test_a_processor_that_raises_breaks_no_call(collected: Collected, caplog: pytest.LogCaptureFixture) -> None:
    class Broken(SpanProcessor):
        def on_start(self, span: Span, parent_context: context.Context | None = None) -> None:
            raise RuntimeError("a bug of the exporter")

    collected.tracing.add_span_processor(Broken())
    assert client_of(found()).customers.get("cus_7531").id == "cus_7531"
    assert [record.levelno for record in caplog.records if record.name == "lomi"] == [logging.WARNING]
    assert trace.get_current_span() is trace.INVALID_SPAN


@pytest.mark.parametrize("what", ["traces", "metrics", "nothing"])
def test_a_set_up_that_comes_after_the_client_counts(what: str) -> None:
    # In a process of its own: a process has one set-up, once.
    subprocess.run([sys.executable, "-W", "error", "-c", LATE, what], check=True, timeout=60)


LATE = """
import sys
import time
import httpx
from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
import lomi

answer = httpx.MockTransport(lambda request: httpx.Response(200, json={"id": "cus_1"}))
client = lomi.LomiClient("lomi_sk_test_5f2d", http_client=httpx.Client(transport=answer))
client.customers.get("cus_1")
assert not client._observer.telemetry.is_wanted()
spans, figures = InMemorySpanExporter(), InMemoryMetricReader()
if sys.argv[1] == "traces":
    trace.set_tracer_provider(TracerProvider())
    trace.get_tracer_provider().add_span_processor(SimpleSpanProcessor(spans))
if sys.argv[1] == "metrics":
    metrics.set_meter_provider(MeterProvider(metric_readers=[figures]))
time.sleep(0.11)
client.customers.get("cus_1")
assert len(spans.get_finished_spans()) == (2 if sys.argv[1] == "traces" else 0)
assert ("http.client.request.duration" in str(figures.get_metrics_data())) == (sys.argv[1] == "metrics")
"""


def test_a_set_up_is_looked_for_ten_times_a_second_until_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [5.0]
    late = Telemetry(lambda: now[0])
    assert not late.is_wanted()
    # Something is set, and it is one of the API's own stand-ins: still nobody listens.
    monkeypatch.setattr(trace, "get_tracer_provider", trace.NoOpTracerProvider)
    now[0] += 0.1
    assert not late.is_wanted()
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: TracerProvider(shutdown_on_exit=False))
    now[0] += 0.09
    assert not late.is_wanted()
    now[0] += 0.01
    assert late.is_wanted()
    # Once there is one, nothing is asked again.
    monkeypatch.setattr(trace, "get_tracer_provider", None)
    assert late.is_wanted()


def test_where_no_instrumentation_is_installed_nothing_is_suppressed(
    collected: Collected, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.instrumentation.utils", None)
    lomi_opentelemetry.suppression.cache_clear()
    try:
        client_of(httpx.Response(503), found()).customers.get("cus_7531")
    finally:
        lomi_opentelemetry.suppression.cache_clear()
    assert [span.name for span in collected.read()] == ["attempt", "attempt", "GET /customers/{id}"]
    assert trace.get_current_span() is trace.INVALID_SPAN


def test_an_exporter_that_raises_at_the_end_of_a_span_breaks_no_call(
    collected: Collected, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(SpanProcessor):
        def on_end(self, span: ReadableSpan) -> None:
            raise RuntimeError("a bug of the exporter")

    collected.tracing.add_span_processor(Broken())
    assert client_of(found()).customers.get("cus_7531").id == "cus_7531"
    assert [record.levelno for record in caplog.records if record.name == "lomi"] == [logging.WARNING]
    assert trace.get_current_span() is trace.INVALID_SPAN
    assert is_http_instrumentation_enabled()


def test_no_private_name_of_opentelemetry_is_used() -> None:
    tree = ast.parse(Path(lomi_opentelemetry.__file__).read_text(encoding="utf-8"))
    imported = [alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names]
    touched = [
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id != "self"
    ]
    assert not [name for name in imported + touched if name.startswith("_") and not name.startswith("__")]


def test_where_the_api_is_not_installed_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    observer.telemetry.cache_clear()
    assert isinstance(LomiClient(KEY)._observer.telemetry, Telemetry)
    observer.telemetry.cache_clear()
    monkeypatch.setitem(sys.modules, "lomi._telemetry.opentelemetry", None)
    assert AsyncLomiClient(KEY)._observer.telemetry is None
    observer.telemetry.cache_clear()


def test_importing_lomi_does_not_import_it() -> None:
    code = "import lomi, sys; sys.exit(any(name.startswith('opentelemetry') for name in sys.modules))"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
