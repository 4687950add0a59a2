"""Messages of either of OpenAI's formats, as one kind of value."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from api.openai_bodies import ChatMessage, Item, Part
from domain.errors import InvalidInput
from domain.prompt import ToolCall

_DATA = re.compile(r"data:(image/[a-z]+);base64,(.*)", re.DOTALL)
_TEXTS = frozenset({"text", "input_text", "output_text", "refusal"})
_IMAGES = frozenset({"image_url", "input_image"})
_PASSED_OVER = frozenset({"reasoning", "item_reference"})

Content = str | list[Part] | None


@dataclass(frozen=True, slots=True)
class Said:
    role: str
    text: str = ""
    images: tuple[dict[str, str], ...] = ()  # as in `images` of /v1/ask
    calls: tuple[ToolCall, ...] = ()
    answers: str = ""  # the id of the call that it is the result of


def of_messages(messages: Iterable[ChatMessage]) -> list[Said]:
    return [
        Said(
            message.role,
            _text(message.content),
            _images(message.content),
            tuple(
                ToolCall(call.id, call.function.name, call.function.arguments)
                for call in message.tool_calls or ()
            ),
            message.tool_call_id,
        )
        for message in messages
    ]


def of_items(given: str | Sequence[Item]) -> list[Said]:
    """Calls that stand together were asked for together."""
    if isinstance(given, str):
        return [Said("user", given)]
    said: list[Said] = []
    items = [item for item in given if item.type not in _PASSED_OVER]
    for kind, run in groupby(items, key=lambda item: item.type):
        if kind == "function_call":
            calls = tuple(ToolCall(item.call_id, item.name, item.arguments) for item in run)
            said.append(Said("assistant", calls=calls))
        elif kind == "function_call_output":
            said += [Said("tool", _text(item.output), answers=item.call_id) for item in run]
        elif kind == "message":
            said += [
                Said(item.role or "user", _text(item.content), _images(item.content))
                for item in run
            ]
        else:
            raise InvalidInput(f"This service reads no '{kind}'.", field="input")
    return said


def _text(content: Content) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    for part in content:
        if part.type not in _TEXTS | _IMAGES:
            raise InvalidInput(f"This service reads no '{part.type}'.", field="content")
    return "\n".join(part.text or part.refusal for part in content if part.type in _TEXTS)


def _images(content: Content) -> tuple[dict[str, str], ...]:
    parts = content if isinstance(content, list) else []
    return tuple(_image(part) for part in parts if part.type in _IMAGES)


def _image(part: Part) -> dict[str, str]:
    given = part.image_url
    if given is None:
        raise InvalidInput("An image has no `image_url`.", field="image_url")
    url, detail = (given, part.detail) if isinstance(given, str) else (given.url, given.detail)
    if found := _DATA.fullmatch(url):
        return {"media_type": found[1], "data": found[2], "detail": detail}
    return {"url": url, "detail": detail}
