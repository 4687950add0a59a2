"""What Gemini refuses. Shapes are those of the SDK's models; the rest is written from Google's
documents, not from ours.
"""

import base64
from collections.abc import Iterator
from typing import Any

from google.genai import types
from pydantic import BaseModel, TypeAdapter, ValidationError

from tests.provider.gemini_generate import generation, signature

Json = dict[str, Any]

_SHAPES: dict[str, Any] = {
    "contents": list[types.Content],
    "systemInstruction": types.Content,
    "tools": list[types.Tool],
    "toolConfig": types.ToolConfig,
    "generationConfig": types.GenerationConfig,
    "safetySettings": list[types.SafetySetting],
    "cachedContent": str,
}
_UNSIGNED = base64.b64encode(b"skip_thought_signature_validator").decode()
_SIGNED_FROM = 3.0  # the generation that insists on signatures, and has levels for budgets
_STOPS = 5


def refusal(model: str, body: Json) -> str | None:
    """The words of a 400."""
    return next(_refusals(model, body), None)


def _refusals(model: str, body: Json) -> Iterator[str]:
    for name, value in body.items():
        if name not in _SHAPES:
            yield f'Invalid JSON payload received. Unknown name "{name}": Cannot find field.'
        yield from _shape(name, value)
    config = body.get("generationConfig") or {}
    yield from _thinking(model, config.get("thinkingConfig") or {})
    if len(config.get("stopSequences") or []) > _STOPS:
        yield "The number of stop sequences is more than 5."
    yield from _contents(body["contents"])
    if generation(model) >= _SIGNED_FROM:
        yield from _signatures(body["contents"])


def _shape(name: str, value: Any) -> Iterator[str]:
    try:
        TypeAdapter[BaseModel](_SHAPES[name]).validate_python(value)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        yield f"Invalid value at '{name}.{where}': {error.errors()[0]['msg']}"


def _thinking(model: str, thinking: Json) -> Iterator[str]:
    level, budget = thinking.get("thinkingLevel"), thinking.get("thinkingBudget")
    if level is not None and budget is not None:
        yield "You can only set only one of thinking budget and thinking level."
    if level is not None and generation(model) < _SIGNED_FROM:
        yield "Thinking level is not supported for this model."
    if level == "MINIMAL" and "pro" in model:
        yield "Thinking level MINIMAL is not supported for this model."
    if level == "MEDIUM" and model.startswith("gemini-3-pro"):
        yield "Thinking level MEDIUM is not supported for this model."
    if budget == 0 and "pro" in model:
        yield "Budget 0 is invalid. This model only works in thinking mode."


def _contents(contents: list[Json]) -> Iterator[str]:
    if not contents or contents[0].get("role") != "user":
        yield "Please ensure that multiturn requests start with a user turn."
    asked = 0
    for content in contents:
        if not content.get("parts"):
            yield "contents.parts must not be empty."
        answers = sum("functionResponse" in part for part in content.get("parts") or [])
        if answers != asked:
            yield (
                "Please ensure that the number of function response parts is equal to the number "
                "of function call parts of the function call turn."
            )
        asked = sum("functionCall" in part for part in content.get("parts") or [])


def _signatures(contents: list[Json]) -> Iterator[str]:
    """Of each step since the user last spoke, the first call is signed."""
    spoken = [n for n, content in enumerate(contents) if _speaks(content)]
    for content in contents[spoken[-1] if spoken else 0 :]:
        calls = [part for part in content["parts"] if "functionCall" in part]
        for part in calls[:1]:
            name, signed = part["functionCall"]["name"], part.get("thoughtSignature")
            if signed is None:
                yield f"Function call `{name}` is missing a `thought_signature`."
            elif signed not in {signature(name), _UNSIGNED}:
                yield "Thought signature is not valid."


def _speaks(content: Json) -> bool:
    return content.get("role") == "user" and any("text" in part for part in content["parts"])
