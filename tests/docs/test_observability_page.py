"""The page about the log and OpenTelemetry names what they are given, no more and no less."""

import ast
import logging
import re
import textwrap
from pathlib import Path

import pytest

from lomi import LomiError
from lomi.sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "docs" / "observability.md", ROOT / "docs" / "fr" / "observability.md"]
EXAMPLE = ROOT / "examples" / "trace_calls.py"


def columns(page: Path, first: str) -> list[set[str]]:
    """Of the table that has this name in its first cell: the names that have a tick, column by column."""
    table = next(part for part in page.read_text("utf-8").split("\n\n") if f"\n| `{first}` |" in part)
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    ticks = [{row[0].strip("`") for row in rows if row[column] == "✓"} for column in range(2, len(rows[0]))]
    assert set.union(*ticks) == {row[0].strip("`") for row in rows}
    return ticks


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_fields_of_the_log(page: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "lomi")
    with Sandbox() as sandbox, sandbox.client() as client:
        sandbox.fail(503, route="GET /customers", retry_after=0)
        client.customers.list(page_size=1)
    ordinary = {*logging.makeLogRecord({}).__dict__, "message", "asctime"}
    retry, call = ({*record.__dict__} - ordinary for record in caplog.records if record.name == "lomi")
    assert columns(page, "operation") == [call, retry]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_attributes_of_spans_and_figures(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from opentelemetry import metrics, trace
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    from lomi._telemetry import observer as _watch
    from lomi._telemetry.opentelemetry import Telemetry

    spans, reader = InMemorySpanExporter(), InMemoryMetricReader()
    tracing, metering = TracerProvider(), MeterProvider(metric_readers=[reader])
    tracing.add_span_processor(SimpleSpanProcessor(spans))
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: tracing)
    monkeypatch.setattr(metrics, "get_meter_provider", lambda: metering)
    telemetry = Telemetry()
    monkeypatch.setattr(_watch, "telemetry", lambda: telemetry)
    with Sandbox() as sandbox, sandbox.client() as client:
        sandbox.fail(503, route="GET /customers/{id}", retry_after=0)
        with pytest.raises(LomiError):
            client.customers.get("cus_nobody")
        sent = {name.lower() for request in sandbox.requests for name in request.headers}
    assert not sent & {"traceparent", "tracestate", "baggage"}

    finished = spans.get_finished_spans()
    call = {name for span in finished if span.kind is trace.SpanKind.CLIENT for name in span.attributes or {}}
    attempt = {name for span in finished if span.name == "attempt" for name in span.attributes or {}}
    data = reader.get_metrics_data()
    assert data is not None
    figures = {each.name: each for r in data.resource_metrics for s in r.scope_metrics for each in s.metrics}
    named = {name: {key for p in each.data.data_points for key in p.attributes or {}} for name, each in figures.items()}
    assert named.keys() == {"http.client.request.duration", "lomi.client.retries"}
    shown = columns(page, "url.template")
    assert shown == [call, attempt, named["http.client.request.duration"], named["lomi.client.retries"]]
    metering.shutdown()
    tracing.shutdown()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_trace_is_what_the_example_prints(page: Path) -> None:
    docstring = ast.get_docstring(ast.parse(EXAMPLE.read_text("utf-8"))) or ""
    printed = textwrap.dedent(docstring.partition("Prints:\n")[2]).strip()
    assert printed in re.findall(r"^```text\n(.*?)\n```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
