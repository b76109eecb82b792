"""What OpenTelemetry is told: a span for each call, inside it one for each attempt, and two figures.

Needs `pip install "lomi[otel]" opentelemetry-sdk`. An application sets up exporters of its own; this one keeps
the spans in memory and prints what they say. Not shown, since it differs from run to run or says the same in every
line: address and port of the server, method, path template, operation and request id.

Prints:
    checkout
      CLIENT GET /customers/{id}: http.response.status_code=200 http.request.resend_count=1 lomi.outcome=succeeded
        INTERNAL attempt: http.response.status_code=503 error.type=503
        INTERNAL attempt: http.response.status_code=200 http.request.resend_count=1
      CLIENT POST /customers: error.type=lomi.errors.LomiConnectionError lomi.outcome=unknown
        INTERNAL attempt: error.type=lomi.errors.LomiConnectionError
    http.client.request.duration counted 2
    lomi.client.retries counted 1
"""

import contextlib

from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import HistogramDataPoint, InMemoryMetricReader, NumberDataPoint
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from lomi import LomiConnectionError
from lomi.sandbox import Sandbox

SHOWN = ("http.response.status_code", "http.request.resend_count", "error.type", "lomi.outcome")


def main() -> None:
    spans, figures = InMemorySpanExporter(), InMemoryMetricReader()
    tracing = TracerProvider()
    tracing.add_span_processor(SimpleSpanProcessor(spans))
    trace.set_tracer_provider(tracing)
    metrics.set_meter_provider(MeterProvider(metric_readers=[figures]))

    with (
        Sandbox("docs", seed=1) as sandbox,
        sandbox.client() as client,
        trace.get_tracer("shop").start_as_current_span("checkout"),
    ):
        sandbox.fail(503, route="GET /customers/{id}", retry_after=0)
        client.customers.get("cus_abc123...")
        sandbox.drop("after_commit", route="POST /customers")
        with contextlib.suppress(LomiConnectionError):
            client.customers.create(name="Awa Diop")

    show(sorted(spans.get_finished_spans(), key=lambda span: span.start_time or 0))
    count(figures)


def show(spans: list[ReadableSpan]) -> None:
    """Print each span below its parent."""
    levels: dict[int, int] = {}
    for span in spans:
        context, facts = span.get_span_context(), span.attributes or {}
        level = levels[span.parent.span_id] + 1 if span.parent else 0
        if context is not None:
            levels[context.span_id] = level
        said = " ".join(name + "=" + str(facts[name]) for name in SHOWN if name in facts)
        print("  " * level + (f"{span.kind.name} {span.name}: {said}" if level else span.name))


def count(figures: InMemoryMetricReader) -> None:
    """Print how often each figure was recorded."""
    data = figures.get_metrics_data()
    for resource in data.resource_metrics if data is not None else ():
        for metric in sorted(
            (each for scope in resource.scope_metrics for each in scope.metrics), key=lambda m: m.name
        ):
            total = 0
            for point in metric.data.data_points:
                if isinstance(point, HistogramDataPoint):
                    total += point.count
                elif isinstance(point, NumberDataPoint):
                    total += int(point.value)
            print(f"{metric.name} counted {total}")


if __name__ == "__main__":
    main()
