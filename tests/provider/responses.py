"""The Responses API's wire format, as the SDK's types describe it."""

from collections.abc import Iterator
from typing import Any

from openai.types.responses.response_create_params import ResponseCreateParamsNonStreaming

from tests.provider.blocks import of_responses as blocks
from tests.provider.script import Reply
from tests.provider.tokens import IMAGE, MESSAGE_OVERHEAD, count, count_json, pieces

Json = dict[str, Any]

SHAPE = ResponseCreateParamsNonStreaming
__all__ = ["SHAPE", "TAKEN", "answered", "blocks", "events", "schema", "usage", "waiting", "whole"]
TAKEN = frozenset(SHAPE.__annotations__)


def whole(body: Json, reply: Reply, number: int = 1) -> Json:
    return _response(body, reply, number, _end(reply), _output(reply, number))


def waiting(body: Json, reply: Reply, number: int, status: str = "queued") -> Json:
    """A background answer that is not there yet, or never will be."""
    return _response(body, reply, number, status, [])


def events(body: Json, reply: Reply, number: int = 1) -> Iterator[Json]:
    """Every event of a stream in order, each with its type and sequence number."""
    for place, event in enumerate(_events(body, reply, number)):
        yield {**event, "sequence_number": place}


def schema(body: Json) -> Json | None:
    """Of the answer that is asked for."""
    wanted = (body.get("text") or {}).get("format") or {}
    found: Json | None = wanted.get("schema")
    return found


def usage(body: Json, reply: Reply) -> Json:
    asked, said = _asked(body), answered(reply)
    return {
        "input_tokens": asked,
        "input_tokens_details": {
            "cached_tokens": reply.cached,
            "cache_write_tokens": reply.written,
        },
        "output_tokens": said,
        "output_tokens_details": {"reasoning_tokens": reply.reasoning},
        "total_tokens": asked + said,
    }


def answered(reply: Reply) -> int:
    calls = sum(count(call.name) + count(call.arguments) for call in reply.calls)
    return count(reply.said) + calls + reply.reasoning


def _events(body: Json, reply: Reply, number: int) -> Iterator[Json]:
    started = _response(body, reply, number, "in_progress", [])
    yield {"type": "response.created", "response": started}
    yield {"type": "response.in_progress", "response": started}
    parts = {"reasoning": _thinking, "message": _saying, "function_call": _calling}
    for index, item in enumerate(_output(reply, number)):
        place = {"item_id": item["id"], "output_index": index}
        begun = {**item, **_BEGUN[item["type"]], "status": "in_progress"}
        yield {"type": "response.output_item.added", "output_index": index, "item": begun}
        yield from parts[item["type"]](item, place)
        yield {"type": "response.output_item.done", "output_index": index, "item": item}
    yield {"type": f"response.{_end(reply)}", "response": whole(body, reply, number)}


_BEGUN: dict[str, Json] = {
    "reasoning": {"summary": [], "encrypted_content": ""},
    "message": {"content": []},
    "function_call": {"arguments": ""},
}


def _thinking(item: Json, place: Json) -> Iterator[Json]:
    kind = "response.reasoning_summary"
    for index, part in enumerate(item["summary"]):
        here = {**place, "summary_index": index}
        yield {"type": f"{kind}_part.added", **here, "part": {**part, "text": ""}}
        for piece in pieces(part["text"]):
            yield {"type": f"{kind}_text.delta", **here, "delta": piece}
        yield {"type": f"{kind}_text.done", **here, "text": part["text"]}
        yield {"type": f"{kind}_part.done", **here, "part": part}


def _saying(item: Json, place: Json) -> Iterator[Json]:
    for index, part in enumerate(item["content"]):
        here = {**place, "content_index": index}
        refused = part["type"] == "refusal"
        key, text = ("refusal", part["refusal"]) if refused else ("text", part["text"])
        yield {"type": "response.content_part.added", **here, "part": {**part, key: ""}}
        more: Json = {} if refused else {"logprobs": []}
        for piece in pieces(text):
            yield {"type": f"response.{part['type']}.delta", **here, "delta": piece, **more}
        yield {"type": f"response.{part['type']}.done", **here, key: text, **more}
        yield {"type": "response.content_part.done", **here, "part": part}


def _calling(item: Json, place: Json) -> Iterator[Json]:
    kind, said = "response.function_call_arguments", item["arguments"]
    for piece in pieces(said):
        yield {"type": f"{kind}.delta", **place, "delta": piece}
    yield {"type": f"{kind}.done", **place, "name": item["name"], "arguments": said}


def _output(reply: Reply, number: int) -> list[Json]:
    """What it thought, what it said, what it calls, in this order."""
    found: list[Json] = []
    if reply.reasoning or reply.summary:
        found.append(_reasoning(reply, number))
    if reply.said or not (reply.calls or reply.silent):
        found.append({
            "id": f"msg_{number}", "type": "message", "role": "assistant",
            "status": _status(reply), "content": [_part(reply)],
        })  # fmt: skip
    return found + [
        {
            "id": f"fc_{number}_{place}", "type": "function_call", "status": _status(reply),
            "call_id": f"call_{number}_{place}", "name": call.name, "arguments": call.arguments,
        }
        for place, call in enumerate(reply.calls)
    ]  # fmt: skip


def _reasoning(reply: Reply, number: int) -> Json:
    parts = reply.summary.split("\n\n") if reply.summary else []
    return {
        "id": f"rs_{number}",
        "type": "reasoning",
        "summary": [{"type": "summary_text", "text": part} for part in parts],
        "encrypted_content": f"sealed-{number}",
    }


def _part(reply: Reply) -> Json:
    if reply.refusal:
        return {"type": "refusal", "refusal": reply.said}
    return {"type": "output_text", "text": reply.said, "annotations": [], "logprobs": []}


def _end(reply: Reply) -> str:
    return "incomplete" if reply.cut or reply.filtered else "completed"


def _status(reply: Reply) -> str:
    return _end(reply)


def _response(body: Json, reply: Reply, number: int, status: str, output: list[Json]) -> Json:
    done = status in {"completed", "incomplete"}
    why = "content_filter" if reply.filtered else "max_output_tokens"
    return {
        "id": f"resp_{number}",
        "object": "response",
        "created_at": 1_780_000_000,
        "status": status,
        "background": bool(body.get("background")),
        "error": None,
        "incomplete_details": {"reason": why} if status == "incomplete" else None,
        "model": body["model"],
        "output": output,
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": body.get("tools") or [],
        "usage": usage(body, reply) if done else None,
    }


def _asked(body: Json) -> int:
    """Tokens of instructions, messages, calls and their results, tools and schema."""
    items = body["input"] if isinstance(body["input"], list) else [{"content": body["input"]}]
    if body.get("instructions"):
        items = [{"content": body["instructions"]}, *items]
    tools = sum(count_json(tool) for tool in body.get("tools") or [])
    wanted = schema(body)
    return sum(map(_item_tokens, items)) + tools + (count_json(wanted) if wanted else 0)


def _item_tokens(item: Json) -> int:
    match item.get("type"):
        case "reasoning":
            return 0
        case "function_call":
            return count(item["name"]) + count(item["arguments"]) + MESSAGE_OVERHEAD
        case "function_call_output":
            return count(item["output"]) + MESSAGE_OVERHEAD
        case _:
            content = item["content"]
            if isinstance(content, str):
                return count(content) + MESSAGE_OVERHEAD
            return sum(map(_part_tokens, content)) + MESSAGE_OVERHEAD


def _part_tokens(part: Json) -> int:
    if part["type"] == "input_image":
        return IMAGE[part.get("detail") or "auto"]
    return count(part.get("text") or part.get("refusal") or "")
