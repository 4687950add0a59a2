"""A request in the words of Anthropic's Messages API. Knows nothing of answers.

The API reads tools, then system, then messages: so does a cached prefix. System and developer
messages become system blocks, in their order; turns of one speaker in a row become one turn.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, cast

from anthropic import transform_schema
from anthropic.types import (
    ContentBlockParam,
    ImageBlockParam,
    MessageParam,
    OutputConfigParam,
    TextBlockParam,
    ToolParam,
)
from anthropic.types.message_create_params import MessageCreateParamsBase

from domain.completion import ChatRequest
from domain.errors import InvalidInput
from domain.prompt import Image, Message, Prompt, Tool, ToolResult, ToolRound
from gateway.capabilities import Capabilities, Fitted
from gateway.chat.anthropic_thinking import Thinking, thinking
from gateway.chat.images import address

PROVIDER = "anthropic"
_USER = "user_id"

MediaType = Literal["image/jpeg", "image/png", "image/gif", "image/webp"]
Speaker = Literal["user", "assistant"]
Lives = Mapping[int, str]  # of the prompt up to a turn, by its place
_OPENING = "…"  # a conversation is opened by the user, also when its beginning was cut off


def asked(fit: Fitted, has: Capabilities) -> tuple[MessageCreateParamsBase, tuple[str, ...]]:
    """And what could not be said of it."""
    request, prompt = fit.request, fit.request.prompt
    signed = all(own(turn, has.model) for turn in prompt.rounds)
    think = thinking(fit, has, signed=signed)
    lives = {mark.turns - 1: mark.life for mark in request.cache.marks} if request.cache else {}
    arguments = MessageCreateParamsBase(
        model=has.model,
        max_tokens=request.max_output_tokens,
        messages=_messages(prompt, has.model, lives),
    )
    if prompt.tools:
        arguments["tools"] = [_tool(tool) for tool in prompt.tools]
    if system := _system(prompt, lives):
        arguments["system"] = system
    if think.config:
        arguments["thinking"] = think.config
    if output := _output(prompt, think):
        arguments["output_config"] = output
    if request.stop:
        arguments["stop_sequences"] = list(request.stop)
    if user := request.metadata.get(_USER):
        arguments["metadata"] = {"user_id": user}
    return arguments, (*think.notes, *_unsaid(request, has.model))


def kept(model: str, content: Sequence[object]) -> str:
    """An answer's blocks as `Carry.json`. A signature is of use to the model that made it."""
    return json.dumps({"model": model, "content": content}, ensure_ascii=False)


def schema(text: str, field: str) -> dict[str, object]:
    """What the API cannot enforce it is told in words, in the description beside."""
    try:
        return transform_schema(_one_typed(json.loads(text)))
    except (ValueError, AssertionError) as error:  # the second: of a type that it does not know
        raise InvalidInput(f"The schema of {field} cannot be sent: {error}", field=field) from error


def _one_typed(found: Any) -> Any:
    """A choice of types is written as a choice of schemas, for the SDK knows no other."""
    if isinstance(found, list):
        return [_one_typed(one) for one in found]
    if not isinstance(found, dict):
        return found
    inner = {name: _one_typed(value) for name, value in found.items()}
    types = inner.get("type")
    if not isinstance(types, list):
        return inner
    return {"anyOf": [{"type": "null"} if t == "null" else {**inner, "type": t} for t in types]}


def _output(prompt: Prompt, think: Thinking) -> OutputConfigParam:
    output = OutputConfigParam()
    if think.level:
        output["effort"] = think.level
    if prompt.schema:
        output["format"] = {"type": "json_schema", "schema": schema(prompt.schema.schema, "schema")}
    return output


def _unsaid(request: ChatRequest, model: str) -> Iterator[str]:
    if any(image.detail != "auto" for image in request.prompt.images):
        yield f"{model} chooses the detail of an image itself."
    if others := sorted(request.metadata.keys() - {_USER}):
        yield f"{model} keeps no metadata but '{_USER}': {', '.join(others)} was left out."


def _system(prompt: Prompt, lives: Lives) -> list[TextBlockParam]:
    system: list[TextBlockParam] = []
    for place, turn in enumerate(prompt.turns):
        if isinstance(turn, Message) and turn.role in {"system", "developer"}:
            system += _text(turn.text)
            _mark(system[-1:], lives.get(place))
    return system


def _mark(last: Sequence[ContentBlockParam], life: str | None) -> None:
    """All up to this block is to be found again. What was thought cannot carry a mark."""
    for block in last:
        if life and block["type"] in {"text", "tool_result", "tool_use", "image"}:
            cast("TextBlockParam", block)["cache_control"] = {
                "type": "ephemeral",
                "ttl": cast("Literal['5m', '1h']", life),
            }


def _messages(prompt: Prompt, model: str, lives: Lives) -> list[MessageParam]:
    spoken: list[tuple[Speaker, list[ContentBlockParam]]] = []
    for speaker, blocks in _turns(prompt, model, lives):
        if not blocks:
            continue
        if not spoken and speaker == "assistant":
            spoken.append(("user", [*_text(_OPENING)]))
        if spoken and spoken[-1][0] == speaker:
            spoken[-1][1].extend(blocks)
        else:
            spoken.append((speaker, [*blocks]))
    return [
        {"role": "user", "content": blocks}
        if speaker == "user"
        else {"role": "assistant", "content": blocks}
        for speaker, blocks in spoken
    ]


def _turns(
    prompt: Prompt, model: str, lives: Lives
) -> Iterator[tuple[Speaker, list[ContentBlockParam]]]:
    last = prompt.tail[-1] if prompt.tail else None
    for place, turn in enumerate(prompt.turns):
        blocks: list[ContentBlockParam]
        if isinstance(turn, ToolRound):
            yield "assistant", own(turn, model) or _rebuilt(turn)
            blocks = [_result(result) for result in turn.results]
            _mark(blocks[-1:], lives.get(place))
            yield "user", blocks
        elif turn.role == "user" or turn.role == "assistant":  # noqa: PLR1714 - narrows the type
            images = prompt.images if turn is last else ()
            blocks = [*map(_image, images), *_text(turn.text)]
            _mark(blocks[-1:], lives.get(place))
            yield turn.role, blocks


def own(turn: ToolRound, model: str) -> list[ContentBlockParam]:
    """What this very model said, word for word; nothing when another did."""
    if turn.carry is None or turn.carry.provider != PROVIDER:
        return []
    said = json.loads(turn.carry.json)
    content: list[ContentBlockParam] = said["content"] if said["model"] == model else []
    return content


def _rebuilt(turn: ToolRound) -> list[ContentBlockParam]:
    calls: list[ContentBlockParam] = [
        {"type": "tool_use", "id": call.id, "name": call.name, "input": given(call.arguments)}
        for call in turn.calls
    ]
    return [*_text(turn.text), *calls]


def given(arguments: str) -> dict[str, object]:
    """What is no JSON object is shown to the model as what it wrote."""
    try:
        found = json.loads(arguments or "{}")
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"INVALID_JSON": arguments}


def _result(result: ToolResult) -> ContentBlockParam:
    return {
        "type": "tool_result",
        "tool_use_id": result.call,
        "content": result.text,
        "is_error": result.failed,
    }


def _image(image: Image) -> ImageBlockParam:
    where = address(image)
    if image.url:
        return {"type": "image", "source": {"type": "url", "url": where}}
    data = where.partition(",")[2]
    # The SDK's type names the four formats that the API takes; others it refuses in words.
    media_type = cast("MediaType", image.media_type)
    return {
        "type": "image",
        "source": {"type": "base64", "media_type": media_type, "data": data},
    }


def _text(text: str) -> list[TextBlockParam]:
    """The API refuses a block without a character that can be seen."""
    return [{"type": "text", "text": text}] if text.strip() else []


def _tool(tool: Tool) -> ToolParam:
    name = f"tools.{tool.name}"
    made = ToolParam(
        name=tool.name,
        description=tool.description,
        input_schema=schema(tool.parameters, name) if tool.strict else json.loads(tool.parameters),
    )
    if tool.strict:
        made["strict"] = True
    return made
