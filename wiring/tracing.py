"""Sends spans to a collector where that is wished for. Without it nothing is made and nothing sent.

The spans themselves are made where things happen: a request in `telemetry.py`, a call to a model in
`gateway/policy/trace.py`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace

from domain.errors import Misconfigured
from domain.version import VERSION


@contextmanager
def open_tracing(url: str | None) -> Iterator[None]:
    """`url`: of a collector that speaks OTLP over HTTP. What is left is sent at the end."""
    if url is None:
        yield
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise Misconfigured(
            "FOREBAY_TRACING_URL is set but what sends spans is not installed: "
            "pip install 'forebay[tracing]'"
        ) from error
    resource = Resource.create({"service.name": "forebay", "service.version": VERSION})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=url)))
    trace.set_tracer_provider(provider)
    try:
        yield
    finally:
        provider.shutdown()
