"""One span for every call to a model, by OpenTelemetry's conventions for generative AI.

Without a tracer that is set up, all of it does nothing. Names and numbers alone: never a text.
"""

from contextlib import aclosing

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.util.types import AttributeValue

from domain.completion import ChatRequest, Completion
from gateway.policy.send import Items, Send

_TRACER = trace.get_tracer("forebay.gateway")
_CALLED = {"gemini": "gcp.gemini"}  # as the conventions have it
_FINISH = {"refusal": "content_filter", "tool_calls": "tool_call"}


def traced(send: Send, provider: str, model: str) -> Send:
    if isinstance(_TRACER, trace.ProxyTracer) and _nobody_listens():
        return send

    async def sent(request: ChatRequest) -> Items:
        # Not made current: a generator hands control to others between two items.
        span = _TRACER.start_span(
            f"chat {model}", kind=SpanKind.CLIENT, attributes=_asked(request, provider, model)
        )
        try:
            async with aclosing(send(request)) as items:
                async for item in items:
                    if isinstance(item, Completion):
                        _ended(span, item)
                    yield item
        except BaseException as error:
            span.set_attribute("error.type", type(error).__name__)
            if isinstance(error, Exception):
                span.set_status(Status(StatusCode.ERROR))
            raise
        finally:
            span.end()

    return sent


def _nobody_listens() -> bool:
    return isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


def _asked(request: ChatRequest, provider: str, model: str) -> dict[str, AttributeValue]:
    found: dict[str, AttributeValue] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": _CALLED.get(provider, provider),
        "gen_ai.request.model": model,
        "gen_ai.request.max_tokens": request.max_output_tokens,
        "gen_ai.output.type": "json" if request.prompt.schema else "text",
        "forebay.prompt.version": request.prompt.version,
        "forebay.endpoint": request.account.endpoint,
        "forebay.tenant": request.account.tenant,
    }
    sampling = {"temperature": request.temperature, "top_p": request.top_p}
    found |= {f"gen_ai.request.{k}": v for k, v in sampling.items() if v is not None}
    return found


def _ended(span: Span, item: Completion) -> None:
    if not span.is_recording():
        return
    usage = item.usage
    span.set_attributes(
        {
            "gen_ai.response.model": item.model,
            "gen_ai.response.id": item.request_id or "",
            "gen_ai.response.finish_reasons": [_FINISH.get(item.finish, item.finish)],
            "gen_ai.usage.input_tokens": usage.input,
            "gen_ai.usage.output_tokens": usage.output,
            "gen_ai.usage.cache_read.input_tokens": usage.cached,
            "gen_ai.usage.cache_creation.input_tokens": usage.written,
            "forebay.retries": item.retries,
            "forebay.cost_microdollars": item.cost_microdollars,
        }
    )
