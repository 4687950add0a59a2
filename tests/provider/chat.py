"""The Chat Completions API's wire format, as the SDK's types describe it."""

from collections.abc import Iterator
from typing import Any

from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming

from tests.provider.blocks import of_chat as blocks
from tests.provider.responses import answered
from tests.provider.script import Reply
from tests.provider.tokens import IMAGE, MESSAGE_OVERHEAD, count, count_json, pieces

Json = dict[str, Any]

SHAPE = CompletionCreateParamsNonStreaming
__all__ = ["SHAPE", "TAKEN", "blocks", "events", "schema", "usage", "whole"]
TAKEN = frozenset(SHAPE.__annotations__)


def whole(body: Json, reply: Reply, number: int = 1) -> Json:
    message: Json = {
        "role": "assistant",
        "content": None if reply.refusal or not reply.said else reply.said,
        "refusal": reply.said if reply.refusal else None,
    }
    if reply.calls:
        message["tool_calls"] = _calls(reply, number)
    choice = {"index": 0, "message": message, "finish_reason": _finish(reply), "logprobs": None}
    spent = {"usage": usage(body, reply)} if reply.usage else {}
    return {**_head(body, "chat.completion", number), "choices": [choice], **spent}


def events(body: Json, reply: Reply, number: int = 1) -> Iterator[Json]:
    """Chunks; usage comes in a last one of its own, when it was asked for."""
    for delta in _deltas(reply, number):
        yield _chunk(body, delta, None, number)
    yield _chunk(body, {}, _finish(reply), number)
    if reply.usage and (body.get("stream_options") or {}).get("include_usage"):
        head = _head(body, "chat.completion.chunk", number)
        yield {**head, "choices": [], "usage": usage(body, reply)}


def schema(body: Json) -> Json | None:
    """Of the answer that is asked for."""
    wanted = (body.get("response_format") or {}).get("json_schema") or {}
    found: Json | None = wanted.get("schema")
    return found


def usage(body: Json, reply: Reply) -> Json:
    asked, said = _asked(body), answered(reply)
    return {
        "prompt_tokens": asked,
        "completion_tokens": said,
        "total_tokens": asked + said,
        "prompt_tokens_details": {
            "cached_tokens": reply.cached,
            "cache_write_tokens": reply.written,
        },
        "completion_tokens_details": {"reasoning_tokens": reply.reasoning},
    }


def _deltas(reply: Reply, number: int) -> Iterator[Json]:
    yield {"role": "assistant", "content": "" if reply.said else None}
    key = "refusal" if reply.refusal else "content"
    for piece in pieces(reply.said):
        yield {key: piece}
    for index, call in enumerate(_calls(reply, number)):
        named = {**call, "index": index, "function": {**call["function"], "arguments": ""}}
        yield {"tool_calls": [named]}
        for piece in pieces(call["function"]["arguments"]):
            yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}


def _calls(reply: Reply, number: int) -> list[Json]:
    return [
        {
            "id": f"call_{number}_{place}",
            "type": "function",
            "function": {"name": call.name, "arguments": call.arguments},
        }
        for place, call in enumerate(reply.calls)
    ]


def _chunk(body: Json, delta: Json, finish: str | None, number: int) -> Json:
    choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
    return {**_head(body, "chat.completion.chunk", number), "choices": [choice]}


def _head(body: Json, kind: str, number: int) -> Json:
    return {
        "id": f"chatcmpl-{number}",
        "object": kind,
        "created": 1_780_000_000,
        "model": body["model"],
    }


def _finish(reply: Reply) -> str:
    if reply.filtered:
        return "content_filter"
    if reply.cut:
        return "length"
    return "tool_calls" if reply.calls else "stop"


def _asked(body: Json) -> int:
    tools = sum(count_json(tool) for tool in body.get("tools") or [])
    wanted = schema(body)
    said = sum(_message_tokens(message) for message in body["messages"])
    return said + tools + (count_json(wanted) if wanted else 0)


def _message_tokens(message: Json) -> int:
    content = message.get("content") or ""
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
    functions = [call["function"] for call in message.get("tool_calls") or []]
    calls = sum(count(f["name"]) + count(f["arguments"]) for f in functions)
    return sum(map(_part_tokens, parts)) + calls + MESSAGE_OVERHEAD


def _part_tokens(part: Json) -> int:
    if part["type"] == "image_url":
        return IMAGE[part["image_url"].get("detail") or "auto"]
    return count(part["text"])
