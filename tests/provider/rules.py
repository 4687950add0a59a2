"""What OpenAI refuses beyond a request's shape: values that a model does not take, schemas that
strict mode does not, calls and results that do not pair. Written from its documents, not from ours.
"""

import re
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
Refusal = tuple[str, str, str | None]  # words, the field, a code

_LEAST_OUTPUT = 16
_PAIRS, _KEY, _VALUE = 16, 64, 512  # of metadata
_EFFORTS = {
    r"gpt-5\.\d-pro": {"medium", "high", "xhigh"},
    r"gpt-6-astra|gpt-6\.1": {"low", "medium", "high", "xhigh", "max"},
    r"gpt-5\.1": {"none", "low", "medium", "high"},
    r"gpt-5\.[2-9]|gpt-6": {"none", "low", "medium", "high", "xhigh", "max"},
    r"gpt-5(-mini|-nano)?(-\d|$)": {"minimal", "low", "medium", "high"},
    r"o\d": {"low", "medium", "high"},
}
_NOT_IN_STRICT = {"allOf", "not", "oneOf", "if", "then", "else", "default", "patternProperties",
                  "uniqueItems", "minLength", "maxLength", "dependentRequired"}  # fmt: skip


def of_responses(body: Json) -> Refusal | None:
    effort = (body.get("reasoning") or {}).get("effort")
    wanted = (body.get("text") or {}).get("format") or {}
    return (
        _effort(body["model"], effort, "reasoning.effort")
        or _sampling(body, effort)
        or _least(body, "max_output_tokens")
        or _metadata(body)
        or _cache(body)
        or _pairs(_items(body))
        or _schemas(body.get("tools") or [], wanted, "text.format.schema")
    )


def of_chat(body: Json) -> Refusal | None:
    effort = body.get("reasoning_effort")
    wanted = (body.get("response_format") or {}).get("json_schema") or {}
    tools = [tool["function"] for tool in body.get("tools") or []]
    return (
        _effort(body["model"], effort, "reasoning_effort")
        or _sampling(body, effort)
        or _old_cap(body)
        or _chat_metadata(body)
        or _cache(body)
        or _chat_tools(body, effort)
        or _pairs(_chat_items(body))
        or _schemas(tools, wanted, "response_format")
    )


def _efforts(model: str) -> set[str] | None:
    """None: it does not reason."""
    return next((found for name, found in _EFFORTS.items() if re.match(name, model)), None)


def _effort(model: str, effort: str | None, field: str) -> Refusal | None:
    efforts = _efforts(model)
    if effort is None or (efforts and effort in efforts):
        return None
    if efforts is None and not model.startswith("gpt-4"):
        return None  # a model of another server
    return (
        f"Unsupported value: '{effort}' is not supported with the '{model}' model.",
        field,
        "unsupported_value",
    )


def _sampling(body: Json, effort: str | None) -> Refusal | None:
    """While a model reasons, these have no meaning."""
    if _efforts(body["model"]) is None or effort == "none":
        return None
    for field in ("temperature", "top_p", "stop"):
        if body.get(field) is not None:
            words = f"Unsupported parameter: '{field}' is not supported with this model."
            return words, field, "unsupported_parameter"
    return None


def _least(body: Json, field: str) -> Refusal | None:
    if (body.get(field) or _LEAST_OUTPUT) >= _LEAST_OUTPUT:
        return None
    words = f"Invalid '{field}': integer below minimum value. Expected a value >= {_LEAST_OUTPUT}"
    return words, field, "integer_below_min_value"


def _old_cap(body: Json) -> Refusal | None:
    if _efforts(body["model"]) is None or "max_tokens" not in body:
        return None
    words = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
    return words, "max_tokens", "unsupported_parameter"


def _metadata(body: Json) -> Refusal | None:
    pairs = body.get("metadata") or {}
    fits = len(pairs) <= _PAIRS and all(
        len(key) <= _KEY and len(value) <= _VALUE for key, value in pairs.items()
    )
    return None if fits else ("Invalid 'metadata'.", "metadata", "invalid_metadata")


def _cache(body: Json) -> Refusal | None:
    """What may be said of the prompt cache, by the model's generation."""
    options, retention = body.get("prompt_cache_options"), body.get("prompt_cache_retention")
    new = re.match(r"gpt-(5\.[6-9]|[6-9])", body["model"])
    if options and retention:
        words = "'prompt_cache_retention' cannot be used together with 'prompt_cache_options'."
        return words, "prompt_cache_retention", "invalid_parameter"
    if options and not new:
        words = "Unsupported parameter: 'prompt_cache_options' is not supported with this model."
        return words, "prompt_cache_options", "unsupported_parameter"
    if retention == "in_memory" and (new or body["model"].startswith("gpt-5.5")):
        words = "This model is compatible only with 24h extended prompt caching"
        return words, "prompt_cache_retention", "invalid_parameter"
    return None


def _chat_metadata(body: Json) -> Refusal | None:
    if not body.get("metadata") or body.get("store"):
        return _metadata(body)
    return "The 'metadata' parameter is only allowed when 'store' is enabled.", "metadata", None


def _chat_tools(body: Json, effort: str | None) -> Refusal | None:
    model = body["model"]
    if not body.get("tools") or effort == "none" or not re.match(r"gpt-5\.[2-9]|gpt-6", model):
        return None
    if effort is None and re.match(r"gpt-5\.[2-4]", model):
        return None  # these do not reason unless they are told to
    words = f"Function tools with reasoning_effort are not supported for {model} in /v1/chat/"
    return f"{words}completions. Please use /v1/responses instead.", "reasoning_effort", None


def _items(body: Json) -> Iterator[tuple[str, str]]:
    for item in body["input"] if isinstance(body["input"], list) else []:
        if item.get("type") == "function_call":
            yield "call", item["call_id"]
        elif item.get("type") == "function_call_output":
            yield "result", item["call_id"]


def _chat_items(body: Json) -> Iterator[tuple[str, str]]:
    for message in body["messages"]:
        for call in message.get("tool_calls") or []:
            yield "call", call["id"]
        if message["role"] == "tool":
            yield "result", message["tool_call_id"]


def _pairs(items: Iterator[tuple[str, str]]) -> Refusal | None:
    """Every result answers a call before it, every call has its result."""
    open_calls: set[str] = set()
    for kind, name in items:
        if kind == "call":
            open_calls.add(name)
        elif name in open_calls:
            open_calls.remove(name)
        else:
            return (
                f"No tool call found for function call output with call_id {name}.",
                "input",
                None,
            )
    if open_calls:
        return f"No tool output found for function call {min(open_calls)}.", "input", None
    return None


def _schemas(tools: list[Json], wanted: Json, field: str) -> Refusal | None:
    schemas = [
        (tool["name"], tool.get("parameters"), "tools") for tool in tools if tool.get("strict")
    ]
    if wanted.get("strict"):
        schemas.append((wanted["name"], wanted["schema"], field))
    for name, schema, where in schemas:
        if why := not_strict(schema):
            return f"Invalid schema for '{name}': {why}", where, "invalid_json_schema"
    return None


def not_strict(schema: Any) -> str | None:
    """What strict mode has against a schema, by its own rules."""
    if not isinstance(schema, dict):
        return None
    if unknown := _NOT_IN_STRICT & set(schema):
        return f"'{min(unknown)}' is not permitted."
    if "properties" in schema or schema.get("type") == "object":
        properties = schema.get("properties", {})
        if schema.get("additionalProperties") is not False:
            return "'additionalProperties' is required to be supplied and to be false."
        if missing := set(properties) - set(schema.get("required", [])):
            return f"'required' must include every key in properties. Missing '{min(missing)}'."
    inside = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()]
    inside += [*schema.get("anyOf", []), schema.get("items")]
    return next((found for each in inside if (found := not_strict(each))), None)
