"""A span for each call to a model: names and numbers by the conventions, and never a text."""

from collections.abc import Iterator

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

import gateway.policy.trace as traces
from domain.completion import Delta
from domain.errors import ModelUnreachable
from gateway.policy.trace import traced
from tests.gateway.policy.scripted import DONE, REQUEST, Scripted, Step, all_of, heard, said

SECRET = "How long?"


@pytest.fixture
def exporter(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """A provider of this test alone: the process has but one."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(traces, "_TRACER", provider.get_tracer("test"))
    yield exporter
    provider.shutdown()


async def span_of(exporter: InMemorySpanExporter, *script: Step) -> ReadableSpan:
    await heard(traced(Scripted(script).stream, "openai", "gpt-5.4-mini")(REQUEST))
    (span,) = exporter.get_finished_spans()
    return span


async def test_a_call_is_a_client_span_with_its_figures(exporter: InMemorySpanExporter) -> None:
    span = await span_of(exporter, *said("one ", "two"))
    found = dict(span.attributes or {})
    assert (span.name, span.kind) == ("chat gpt-5.4-mini", SpanKind.CLIENT)
    expected = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-5.4-mini",
        "gen_ai.response.model": "scripted",
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 10,
    }
    assert {name: found[name] for name in expected} == expected


async def test_no_text_is_in_it(exporter: InMemorySpanExporter) -> None:
    span = await span_of(exporter, *said("one ", "two"))
    values = " ".join(map(str, (span.attributes or {}).values()))
    assert SECRET not in values
    assert "two" not in values


async def test_a_failure_is_named_without_its_words(exporter: InMemorySpanExporter) -> None:
    span = await span_of(exporter, ModelUnreachable(f"cannot answer {SECRET}"))
    assert dict(span.attributes or {})["error.type"] == "ModelUnreachable"
    assert span.status.status_code == StatusCode.ERROR
    assert not span.events
    assert span.status.description is None


async def test_a_listener_that_leaves_ends_it(exporter: InMemorySpanExporter) -> None:
    items = traced(Scripted([Delta("a"), DONE]).stream, "openai", "m")(REQUEST)
    await anext(items)
    await items.aclose()
    (span,) = exporter.get_finished_spans()
    assert dict(span.attributes or {})["error.type"] == "GeneratorExit"


async def test_it_belongs_to_the_span_in_which_it_was_asked(
    exporter: InMemorySpanExporter,
) -> None:
    parent = trace.NonRecordingSpan(
        trace.SpanContext(1, 2, is_remote=False, trace_flags=trace.TraceFlags(1))
    )
    with trace.use_span(parent):
        span = await span_of(exporter, DONE)
    assert span.parent
    assert span.parent.span_id == 2


async def test_without_a_tracer_nothing_is_in_the_way() -> None:
    assert len(await all_of(traced(Scripted([DONE]).stream, "openai", "m")(REQUEST))) == 1
