"""The Chat Completions API's wire format, as the SDK's types describe it."""

from collections.abc import Iterator
from typing import Any

from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming

from tests.provider.script import Reply
from tests.provider.tokens import MESSAGE_OVERHEAD, count, pieces

Json = dict[str, Any]

TAKEN = frozenset(CompletionCreateParamsNonStreaming.__annotations__)


def whole(body: Json, reply: Reply) -> Json:
    message = {
        "role": "assistant",
        "content": None if reply.refusal else reply.text,
        "refusal": reply.text if reply.refusal else None,
    }
    choice = {"index": 0, "message": message, "finish_reason": _finish(reply), "logprobs": None}
    usage = {"usage": _usage(body, reply)} if reply.usage else {}
    return {**_head(body, "chat.completion"), "choices": [choice], **usage}


def events(body: Json, reply: Reply) -> Iterator[Json]:
    """Chunks; usage comes in a last one of its own, when it was asked for."""
    yield _chunk(body, {"role": "assistant", "content": ""}, None)
    key = "refusal" if reply.refusal else "content"
    for piece in pieces(reply.text):
        yield _chunk(body, {key: piece}, None)
    yield _chunk(body, {}, _finish(reply))
    if reply.usage and (body.get("stream_options") or {}).get("include_usage"):
        head = _head(body, "chat.completion.chunk")
        yield {**head, "choices": [], "usage": _usage(body, reply)}


def _chunk(body: Json, delta: Json, finish: str | None) -> Json:
    choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
    return {**_head(body, "chat.completion.chunk"), "choices": [choice]}


def _head(body: Json, kind: str) -> Json:
    return {"id": "chatcmpl-1", "object": kind, "created": 1_780_000_000, "model": body["model"]}


def _finish(reply: Reply) -> str:
    return "length" if reply.cut else "stop"


def _usage(body: Json, reply: Reply) -> Json:
    asked = sum(count(m["content"]) + MESSAGE_OVERHEAD for m in body["messages"])
    said = count(reply.text) + reply.reasoning
    return {
        "prompt_tokens": asked,
        "completion_tokens": said,
        "total_tokens": asked + said,
        "prompt_tokens_details": {"cached_tokens": reply.cached},
        "completion_tokens_details": {"reasoning_tokens": reply.reasoning},
    }
