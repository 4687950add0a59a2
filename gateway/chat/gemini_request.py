"""A request in the words of Gemini's generateContent. Knows nothing of answers.

System and developer messages become the system instruction, in their order; turns of one speaker
in a row become one turn. The SDK runs no function and sends nothing a second time.
"""

import json
from collections.abc import Iterator
from typing import Literal

from google.genai import types

from domain.prompt import Detail, Image, Prompt, Tool, ToolRound
from gateway.capabilities import Capabilities, Fitted
from gateway.chat.images import address

PROVIDER = "gemini"

Speaker = Literal["user", "model"]
_OPENING = "…"  # a conversation is opened by the user, also when its beginning was cut off
_UNSIGNED = b"skip_thought_signature_validator"  # Google's word for calls of another model
_RESOLUTION: dict[Detail, types.MediaResolution] = {
    "low": types.MediaResolution.MEDIA_RESOLUTION_LOW,
    "high": types.MediaResolution.MEDIA_RESOLUTION_HIGH,
}
_SPEAKERS: dict[str, Speaker] = {"user": "user", "assistant": "model"}


def asked(
    fit: Fitted, has: Capabilities
) -> tuple[list[types.Content], types.GenerateContentConfig]:
    request, prompt = fit.request, fit.request.prompt
    config = types.GenerateContentConfig(
        system_instruction=_system(prompt),
        max_output_tokens=request.max_output_tokens,
        temperature=request.temperature,
        top_p=request.top_p,
        stop_sequences=list(request.stop) or None,
        media_resolution=_resolution(prompt.images),
        thinking_config=_thinking(fit),
        tools=_tools(prompt.tools),
        tool_config=_tool_config(prompt.tools),
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
        automatic_continuation=False,
    )
    if prompt.schema:
        config.response_mime_type = "application/json"
        config.response_json_schema = json.loads(prompt.schema.schema)
    return _contents(prompt, has), config


def kept(model: str, parts: list[types.Part]) -> str:
    """An answer's parts as `Carry.json`. A signature is of use to the model that made it."""
    content = types.Content(role="model", parts=parts)
    return json.dumps(
        {"model": model, "content": content.model_dump(mode="json", exclude_none=True)}
    )


def _system(prompt: Prompt) -> types.Content | None:
    said = [m.text for m in prompt.messages if m.role in {"system", "developer"}]
    parts = [part for text in said for part in _text(text)]
    return types.Content(parts=parts) if parts else None


def _contents(prompt: Prompt, has: Capabilities) -> list[types.Content]:
    spoken: list[tuple[Speaker, list[types.Part]]] = []
    for speaker, parts in _turns(prompt, has):
        if not parts:
            continue
        if not spoken and speaker == "model":
            spoken.append(("user", _text(_OPENING)))
        if spoken and spoken[-1][0] == speaker:
            spoken[-1][1].extend(parts)
        else:
            spoken.append((speaker, [*parts]))
    return [types.Content(role=speaker, parts=parts) for speaker, parts in spoken]


def _turns(prompt: Prompt, has: Capabilities) -> Iterator[tuple[Speaker, list[types.Part]]]:
    last = prompt.tail[-1] if prompt.tail else None
    for turn in prompt.turns:
        if isinstance(turn, ToolRound):
            calls = _own(turn, has.model) or _rebuilt(turn, has)
            yield "model", calls
            yield "user", _results(turn, calls)
        elif turn.role in _SPEAKERS:
            images = prompt.images if turn is last else ()
            yield _SPEAKERS[turn.role], [*map(_image, images), *_text(turn.text)]


def _own(turn: ToolRound, model: str) -> list[types.Part]:
    """What this very model said, word for word; nothing when another did."""
    if turn.carry is None or turn.carry.provider != PROVIDER:
        return []
    said = json.loads(turn.carry.json)
    if said["model"] != model:
        return []
    return types.Content.model_validate(said["content"]).parts or []


def _rebuilt(turn: ToolRound, has: Capabilities) -> list[types.Part]:
    calls = [
        types.Part(
            function_call=types.FunctionCall(
                id=call.id, name=call.name, args=_object(call.arguments)
            )
        )
        for call in turn.calls
    ]
    levels = has.efforts and not any(word.isdigit() for word in has.efforts.values())
    if calls and levels:  # such models want the first of calls that are made together signed
        calls[0].thought_signature = _UNSIGNED
    return [*_text(turn.text), *calls]


def _results(turn: ToolRound, said: list[types.Part]) -> list[types.Part]:
    """A call that came without an id is answered without one."""
    names = {call.id: call.name for call in turn.calls}
    ids = {part.function_call.id for part in said if part.function_call}
    return [
        types.Part(
            function_response=types.FunctionResponse(
                id=result.call if result.call in ids else None,
                name=names.get(result.call, ""),
                response={"error" if result.failed else "output": result.text},
            )
        )
        for result in turn.results
    ]


def _object(arguments: str) -> dict[str, object]:
    """What is no JSON object is shown to the model as what was written."""
    try:
        found = json.loads(arguments or "{}")
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"INVALID_JSON": arguments}


def _image(image: Image) -> types.Part:
    address(image)  # refuses an image that is none
    if image.url:
        file = types.FileData(file_uri=image.url, mime_type=image.media_type or None)
        return types.Part(file_data=file)
    return types.Part(inline_data=types.Blob(data=image.data, mime_type=image.media_type))


def _resolution(images: tuple[Image, ...]) -> types.MediaResolution | None:
    """One for all images of a request: what is asked of any of them, `high` before `low`."""
    details = {image.detail for image in images}
    wanted: Detail = "high" if "high" in details else "low"
    return _RESOLUTION[wanted] if wanted in details else None


def _text(text: str) -> list[types.Part]:
    return [types.Part(text=text)] if text.strip() else []


def _tools(tools: tuple[Tool, ...]) -> types.ToolListUnion | None:
    functions = [
        types.FunctionDeclaration(
            name=tool.name,
            description=tool.description,
            parameters_json_schema=json.loads(tool.parameters),
        )
        for tool in tools
    ]
    return [types.Tool(function_declarations=functions)] if functions else None


def _tool_config(tools: tuple[Tool, ...]) -> types.ToolConfig | None:
    """The model chooses; what it calls keeps to the schema where every tool asks for that."""
    if not tools or not all(tool.strict for tool in tools):
        return None
    mode = types.FunctionCallingConfigMode.VALIDATED
    return types.ToolConfig(function_calling_config=types.FunctionCallingConfig(mode=mode))


def _thinking(fit: Fitted) -> types.ThinkingConfig | None:
    summary = fit.request.summary or None
    effort = fit.effort
    if effort is None:
        return types.ThinkingConfig(include_thoughts=True) if summary else None
    if effort.isdigit():
        return types.ThinkingConfig(include_thoughts=summary, thinking_budget=int(effort))
    level = types.ThinkingLevel(effort.upper())
    return types.ThinkingConfig(include_thoughts=summary, thinking_level=level)
