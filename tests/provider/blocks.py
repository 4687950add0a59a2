"""A request of each format as the row of blocks that its prompt cache sees, marks and all.

Every block has as many tokens as the format's own count gives it.
"""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from tests.provider.prompt_cache import Block
from tests.provider.tokens import IMAGE, MESSAGE_OVERHEAD, count

Json = dict[str, Any]

_SECONDS = {"30m": 1800.0, "12h": 43_200.0, "5m": 300.0, "1h": 3_600.0}


def of_responses(body: Json) -> Iterator[Block]:
    wanted = (body.get("text") or {}).get("format") or {}
    yield from _before(body, wanted.get("schema"))
    items = body["input"] if isinstance(body["input"], list) else [_user(body["input"])]
    if body.get("instructions"):
        items = [{"role": "system", "content": body["instructions"]}, *items]
    life = _SECONDS[(body.get("prompt_cache_options") or {}).get("ttl") or "30m"]
    for item in items:
        match item.get("type"):
            case "reasoning":
                continue
            case "function_call":
                yield from _turn("assistant", item["name"], item["arguments"])
            case "function_call_output":
                yield from _turn("tool", item["output"])
            case _:
                yield from _parts(item, life)


def of_chat(body: Json) -> Iterator[Block]:
    wanted = (body.get("response_format") or {}).get("json_schema") or {}
    yield from _before(body, wanted.get("schema"))
    life = _SECONDS[(body.get("prompt_cache_options") or {}).get("ttl") or "30m"]
    for message in body["messages"]:
        yield from _parts(message, life)
        for call in message.get("tool_calls") or []:
            yield Block(call["function"]["name"])
            yield Block(call["function"]["arguments"])


def of_anthropic(body: Json) -> Iterator[Block]:
    wanted = (body.get("output_config") or {}).get("format") or {}
    yield from _before(body, wanted.get("schema"))
    yield from map(_anthropic_block, _listed(body.get("system") or []))
    for message in body["messages"]:
        yield Block(_head(message["role"]))
        yield from map(_anthropic_block, _listed(message["content"]))


def of_gemini(body: Json) -> Iterator[Block]:
    yield from _before(body, (body.get("generationConfig") or {}).get("responseJsonSchema"))
    system = [body["systemInstruction"]] if "systemInstruction" in body else []
    for content in [*system, *body["contents"]]:
        texts = [_gemini_text(part) for part in content["parts"]]
        yield from _turn(content.get("role", "system"), *texts)


def marks(body: Json) -> list[str]:
    """How long each of Anthropic's marks is to last, in their order."""
    system = _listed(body.get("system") or [])
    said = [block for message in body["messages"] for block in _listed(message["content"])]
    found = (b.get("cache_control") for b in [*(body.get("tools") or []), *system, *said])
    return [mark.get("ttl") or "5m" for mark in found if mark]


def _before(body: Json, schema: Json | None) -> Iterator[Block]:
    for described in [*(body.get("tools") or []), *([schema] if schema else [])]:
        yield Block(_json(described))


def _parts(message: Json, life: float) -> Iterator[Block]:
    parts = message.get("content") or ""
    head = _head(message["role"])
    for part in _listed(parts):
        marked = life if part.get("prompt_cache_breakpoint") else None
        yield Block(_openai_text(part), marked, head)
        head = ""


def _turn(role: str, *texts: str) -> Iterator[Block]:
    yield Block(_head(role))
    yield from map(Block, texts)


def _openai_text(part: Json) -> str:
    if "image_url" in part:
        url = part["image_url"]
        detail = url.get("detail") if isinstance(url, dict) else part.get("detail")
        return " x" * IMAGE[detail or "auto"]
    return str(part.get("text") or part.get("refusal") or "")


def _anthropic_block(block: Json) -> Block:
    mark = block.get("cache_control")
    return Block(_anthropic_text(block), _SECONDS[mark.get("ttl") or "5m"] if mark else None)


def _anthropic_text(block: Json) -> str:
    match block["type"]:
        case "text":
            return str(block["text"])
        case "tool_use":
            return f"{block['name']}{_json(block['input'])}"
        case "tool_result":
            return "".join(_anthropic_text(one) for one in _listed(block.get("content") or ""))
        case "image":
            return " x" * IMAGE["auto"]
        case _:
            return ""


def _gemini_text(part: Json) -> str:
    if "inlineData" in part or "fileData" in part:
        return " x" * IMAGE["auto"]
    if call := part.get("functionCall") or part.get("functionResponse"):
        return str(call["name"]) + _json(call.get("args") or call.get("response") or {})
    return str(part.get("text") or "")


def _listed(content: str | list[Json]) -> list[Json]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _user(text: str) -> Json:
    return {"role": "user", "content": text}


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


@cache
def _head(role: str) -> str:
    """As many tokens as a message costs beside its text."""
    head = f" {role}"
    return head + " ." * (MESSAGE_OVERHEAD - count(head))
