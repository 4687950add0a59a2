"""What Anthropic refuses beyond a request's shape. Written from its documents, not from ours."""

import re
from collections.abc import Iterator
from typing import Any

from tests.provider.anthropic_messages import schema, signature
from tests.provider.blocks import marks

Json = dict[str, Any]

_BUDGETED = r"claude-[a-z]+-4-[0-5]"  # thinking by a budget, no effort
_ADAPTIVE = r"claude-[a-z]+-(4-[6-9]|5)"
_ALWAYS = r"claude-(opus-5-5|fable|mythos)"
_LEAST_BUDGET = 1_024
_MOST_MARKS = 4
_NOT_IN_SCHEMAS = {"minimum", "maximum", "multipleOf", "minLength", "maxLength", "oneOf", "not",
                   "uniqueItems", "patternProperties", "if", "then", "else"}  # fmt: skip
_IMAGES = {"image/jpeg", "image/png", "image/gif", "image/webp"}


def refusal(body: Json) -> str | None:
    """The words of a 400."""
    return next(_refusals(body), None)


def _refusals(body: Json) -> Iterator[str]:
    yield from _thinking(body, body.get("thinking") or {})
    yield from _effort(body["model"], (body.get("output_config") or {}).get("effort"))
    yield from _messages(body["messages"])
    yield from _thoughts(body)
    for tool in body.get("tools") or []:
        if tool.get("strict"):
            yield from _schema(tool["input_schema"])
    yield from _schema(schema(body) or {})
    yield from _empty(body.get("system") or [], "system")
    yield from _marks(marks(body))


def _thinking(body: Json, thinking: Json) -> Iterator[str]:
    model, kind = body["model"], thinking.get("type")
    if kind == "enabled" and re.match(r"claude-[a-z]+-(4-[789]|5)", model):
        yield '"thinking.type.enabled" is not supported for this model.'
    if kind == "adaptive" and not re.match(_ADAPTIVE, model):
        yield "adaptive thinking is not supported on this model"
    if kind == "disabled" and re.match(_ALWAYS, model):
        yield '"thinking.type.disabled" is not supported for this model.'
    if kind == "between_tools" and not model.startswith("claude-sonnet-5-5"):
        yield '"thinking.type.between_tools" is not supported for this model.'
    if kind == "enabled" and not _LEAST_BUDGET <= thinking["budget_tokens"] < body["max_tokens"]:
        yield "thinking.budget_tokens: must be at least 1024 and less than max_tokens"


def _effort(model: str, effort: str | None) -> Iterator[str]:
    if effort and re.match(_BUDGETED, model):
        yield "This model does not support the effort parameter."
    if effort == "xhigh" and re.match(r"claude-[a-z]+-4-6", model):
        yield "This model does not support effort level 'xhigh'."


def _messages(messages: list[Json]) -> Iterator[str]:
    if not messages or messages[0]["role"] != "user":
        yield 'messages: first message must use the "user" role'
    if messages and messages[-1]["role"] == "assistant":
        yield "This model does not support assistant message prefill."
    asked: set[str] = set()
    for place, message in enumerate(messages):
        blocks = message["content"] if isinstance(message["content"], list) else []
        yield from _empty(blocks, f"messages.{place}")
        yield from _images(blocks)
        answered = [block["tool_use_id"] for block in blocks if block["type"] == "tool_result"]
        if asked != set(answered):
            yield f"messages.{place}: `tool_use` and `tool_result` blocks do not pair: {asked}"
        if answered and blocks[0]["type"] != "tool_result":
            yield f"messages.{place}: tool_result blocks must come first"
        asked = {block["id"] for block in blocks if block["type"] == "tool_use"}


def _marks(lives: list[str]) -> Iterator[str]:
    if len(lives) > _MOST_MARKS:
        words = f"A maximum of {_MOST_MARKS} blocks with cache_control may be provided."
        yield f"{words} Found {len(lives)}."
    if lives != sorted(lives):  # "1h" before "5m"
        yield "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block."


def _empty(blocks: str | list[Json], where: str) -> Iterator[str]:
    for block in blocks if isinstance(blocks, list) else []:
        if block["type"] == "text" and not block["text"].strip():
            yield f"{where}: text content blocks must contain non-whitespace text"


def _images(blocks: list[Json]) -> Iterator[str]:
    for block in blocks:
        source = block.get("source") or {}
        if source.get("type") == "base64" and source["media_type"] not in _IMAGES:
            yield f"image.source.base64.media_type: '{source['media_type']}' is not supported"


def _thoughts(body: Json) -> Iterator[str]:
    """Thoughts come back as they were signed; with a budget, calls come behind thoughts."""
    for message in body["messages"]:
        blocks = message["content"] if isinstance(message["content"], list) else []
        for block in blocks:
            if block["type"] == "thinking" and block["signature"] != signature(block["thinking"]):
                yield "Invalid `signature` in `thinking` block"
    last = [m for m in body["messages"] if m["role"] == "assistant"][-1:]
    kinds = [block["type"] for m in last for block in m["content"]]
    budgeted = (body.get("thinking") or {}).get("type") == "enabled"
    if budgeted and "tool_use" in kinds and kinds[0] != "thinking":
        yield "Expected `thinking` or `redacted_thinking`, but found `tool_use`."


def _schema(found: Any) -> Iterator[str]:
    if not isinstance(found, dict):
        return
    if unknown := _NOT_IN_SCHEMAS & set(found):
        yield f"For '{found.get('type')}' type, property '{min(unknown)}' is not supported"
    if found.get("type") == "object" and found.get("additionalProperties") is not False:
        yield "For 'object' type, 'additionalProperties' must be explicitly set to false"
    inside = [*found.get("properties", {}).values(), *found.get("$defs", {}).values()]
    for each in [*inside, *found.get("anyOf", []), found.get("items")]:
        yield from _schema(each)
