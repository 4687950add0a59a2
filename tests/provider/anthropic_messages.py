"""Anthropic's Messages format, as the SDK's types describe it."""

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

from anthropic.types.message_create_params import MessageCreateParamsNonStreaming

from tests.provider.script import Reply
from tests.provider.tokens import IMAGE, MESSAGE_OVERHEAD, count, count_json, pieces

Json = dict[str, Any]

SHAPE = MessageCreateParamsNonStreaming


def whole(body: Json, reply: Reply, number: int = 1) -> Json:
    return {**_begun(body, number), **_end(reply), "content": _blocks(body, reply, number),
            "usage": usage(body, reply)}  # fmt: skip


def events(body: Json, reply: Reply, number: int = 1) -> Iterator[Json]:
    """Every event of a stream in order; counts run from the beginning."""
    spent = usage(body, reply)
    begun = {**_begun(body, number), "usage": {**spent, "output_tokens": 1}}
    yield {"type": "message_start", "message": begun}
    yield {"type": "ping"}
    for index, block in enumerate(_blocks(body, reply, number)):
        kind = block["type"]
        started = {**block, **_STARTED[kind]}
        yield {"type": "content_block_start", "index": index, "content_block": started}
        for delta in _DELTAS[kind](block):
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    yield {"type": "message_delta", "delta": _end(reply), "usage": _at_the_end(spent)}
    yield {"type": "message_stop"}


def schema(body: Json) -> Json | None:
    """Of the answer that is asked for."""
    wanted = (body.get("output_config") or {}).get("format") or {}
    found: Json | None = wanted.get("schema")
    return found


def usage(body: Json, reply: Reply) -> Json:
    """`input_tokens` leaves out what was read from the cache or written to it."""
    thought = reply.reasoning if thinks(body) else 0
    calls = sum(count(call.name) + count(call.arguments) for call in reply.calls)
    return {
        "input_tokens": _asked(body) - reply.cached - reply.written,
        "cache_creation_input_tokens": reply.written,
        "cache_read_input_tokens": reply.cached,
        "cache_creation": {
            "ephemeral_5m_input_tokens": reply.written - reply.written_long,
            "ephemeral_1h_input_tokens": reply.written_long,
        },
        "output_tokens": count(reply.said) + calls + thought,
        "output_tokens_details": {"thinking_tokens": thought},
        "server_tool_use": None,
        "service_tier": "standard",
    }


def thinks(body: Json) -> bool:
    """When it is asked to; from Claude 5 on, also when nothing is said of it."""
    asked = body.get("thinking")
    if asked is None:
        return re.match(r"claude-[a-z]+-5", body["model"]) is not None
    return asked["type"] in {"adaptive", "enabled"}


def signature(thought: str) -> str:
    """Whoever changes what was thought cannot sign it."""
    return hashlib.sha256(f"signed {thought}".encode()).hexdigest()


def _at_the_end(spent: Json) -> Json:
    return {key: spent[key] for key in spent if key not in {"cache_creation", "service_tier"}}


def _begun(body: Json, number: int) -> Json:
    return {
        "id": f"msg_{number}", "type": "message", "role": "assistant", "model": body["model"],
        "content": [], "stop_reason": None, "stop_sequence": None, "stop_details": None,
        "container": None,
    }  # fmt: skip


def _end(reply: Reply) -> Json:
    if reply.refusal or reply.filtered:
        why = {"type": "refusal", "category": "cyber", "explanation": "It could do harm."}
        return {"stop_reason": "refusal", "stop_sequence": None, "stop_details": why}
    reason = "max_tokens" if reply.cut else "tool_use" if reply.calls else "end_turn"
    return {"stop_reason": reason, "stop_sequence": None, "stop_details": None}


def _blocks(body: Json, reply: Reply, number: int) -> list[Json]:
    """What it thought, what it said, what it calls, in this order."""
    found: list[Json] = []
    if thinks(body) and (reply.reasoning or reply.summary):
        shown = (body.get("thinking") or {}).get("display") == "summarized"
        for thought in reply.summary.split("\n\n") if shown else [""]:
            sign = signature(thought)
            found.append({"type": "thinking", "thinking": thought, "signature": sign})
    if reply.said:
        found.append({"type": "text", "text": reply.said, "citations": None})
    for place, call in enumerate(reply.calls):
        found.append(
            {
                "type": "tool_use", "id": f"toolu_{number}_{place}", "name": call.name,
                "input": json.loads(call.arguments), "caller": {"type": "direct"},
            }
        )  # fmt: skip
    return found


_STARTED: dict[str, Json] = {
    "thinking": {"thinking": "", "signature": ""},
    "text": {"text": ""},
    "tool_use": {"input": {}},
}


def _thinking(block: Json) -> Iterator[Json]:
    for piece in pieces(block["thinking"]):
        yield {"type": "thinking_delta", "thinking": piece}
    yield {"type": "signature_delta", "signature": block["signature"]}


def _saying(block: Json) -> Iterator[Json]:
    for piece in pieces(block["text"]):
        yield {"type": "text_delta", "text": piece}


def _calling(block: Json) -> Iterator[Json]:
    yield {"type": "input_json_delta", "partial_json": ""}
    for piece in pieces(json.dumps(block["input"], ensure_ascii=False)):
        yield {"type": "input_json_delta", "partial_json": piece}


_DELTAS = {"thinking": _thinking, "text": _saying, "tool_use": _calling}


def _asked(body: Json) -> int:
    """Tokens of system, messages, tools and schema."""
    system = body.get("system") or []
    tools = sum(count_json(tool) for tool in body.get("tools") or [])
    wanted = schema(body)
    said = sum(_content(message["content"]) + MESSAGE_OVERHEAD for message in body["messages"])
    return _content(system) + said + tools + (count_json(wanted) if wanted else 0)


def _content(content: str | list[Json]) -> int:
    return count(content) if isinstance(content, str) else sum(map(_block_tokens, content))


def _block_tokens(block: Json) -> int:
    match block["type"]:
        case "text":
            return count(block["text"])
        case "tool_use":
            return count(block["name"]) + count_json(block["input"])
        case "tool_result":
            return _content(block.get("content") or "")
        case "image":
            return IMAGE["auto"]
        case _:
            return 0
