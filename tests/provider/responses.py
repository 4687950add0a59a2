"""The Responses API's wire format, as the SDK's types describe it."""

from collections.abc import Iterator
from typing import Any

from openai.types.responses.response_create_params import ResponseCreateParamsNonStreaming

from tests.provider.script import Reply
from tests.provider.tokens import MESSAGE_OVERHEAD, count, pieces

Json = dict[str, Any]

TAKEN = frozenset(ResponseCreateParamsNonStreaming.__annotations__)


def whole(body: Json, reply: Reply) -> Json:
    return _response(body, reply, "incomplete" if reply.cut else "completed", [_item(reply)])


def events(body: Json, reply: Reply) -> Iterator[Json]:
    """Every event of a stream in order, each with its type and sequence number."""
    for number, event in enumerate(_events(body, reply)):
        yield {**event, "sequence_number": number}


def _events(body: Json, reply: Reply) -> Iterator[Json]:
    kind = "refusal" if reply.refusal else "output_text"
    place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    started = _response(body, reply, "in_progress", [])
    yield {"type": "response.created", "response": started}
    yield {"type": "response.in_progress", "response": started}
    empty = {**_item(reply), "content": [], "status": "in_progress"}
    yield {"type": "response.output_item.added", "output_index": 0, "item": empty}
    yield {"type": "response.content_part.added", **place, "part": _part(reply, "")}
    for piece in pieces(reply.text):
        yield {"type": f"response.{kind}.delta", **place, "delta": piece, "logprobs": []}
    said = {"refusal": reply.text} if reply.refusal else {"text": reply.text, "logprobs": []}
    yield {"type": f"response.{kind}.done", **place, **said}
    yield {"type": "response.content_part.done", **place, "part": _part(reply, reply.text)}
    yield {"type": "response.output_item.done", "output_index": 0, "item": _item(reply)}
    end = "incomplete" if reply.cut else "completed"
    yield {"type": f"response.{end}", "response": whole(body, reply)}


def _item(reply: Reply) -> Json:
    status = "incomplete" if reply.cut else "completed"
    content = [_part(reply, reply.text)]
    return {
        "id": "msg_1", "type": "message", "role": "assistant", "status": status, "content": content,
    }  # fmt: skip


def _part(reply: Reply, text: str) -> Json:
    if reply.refusal:
        return {"type": "refusal", "refusal": text}
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _response(body: Json, reply: Reply, status: str, output: list[Json]) -> Json:
    done = status != "in_progress"
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1_780_000_000,
        "status": status,
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if reply.cut and done else None,
        "model": body["model"],
        "output": output,
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": _usage(body, reply) if done else None,
    }


def _texts(body: Json) -> list[str]:
    """What is asked: instructions and messages, each a text or a list of parts with texts."""
    asked = body["input"]
    contents = [asked] if isinstance(asked, str) else [message["content"] for message in asked]
    if body.get("instructions"):
        contents.insert(0, body["instructions"])
    return [c if isinstance(c, str) else "".join(part["text"] for part in c) for c in contents]


def _usage(body: Json, reply: Reply) -> Json:
    asked = sum(count(text) + MESSAGE_OVERHEAD for text in _texts(body))
    said = count(reply.text) + reply.reasoning
    return {
        "input_tokens": asked,
        "input_tokens_details": {"cached_tokens": reply.cached, "cache_write_tokens": 0},
        "output_tokens": said,
        "output_tokens_details": {"reasoning_tokens": reply.reasoning},
        "total_tokens": asked + said,
    }
