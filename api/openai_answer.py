"""What both of OpenAI's formats say of an answer: where it cites, what it used, our extras."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from time import time
from typing import Any, Literal

from fastapi.responses import Response
from pydantic import TypeAdapter

from answering.citations import markers
from api.told import linked
from domain.answers import Answer
from wiring.codec import to_json

# A client of OpenAI's format has no use for it, or is told it elsewhere.
_LEFT_OUT = frozenset(
    {"question", "text", "shown", "dropped", "calls", "parsed", "usage", "finish"}
)

Extras = dict[str, Any]  # as JSON has it


@dataclass(frozen=True, slots=True)
class Place:
    """A marker of the text, and what it cites."""

    start_index: int
    end_index: int
    title: str
    url: str


def places(answer: Answer, base: str) -> Iterator[Place]:
    """`base`: the address of this service, as the client knows it."""
    cited = {citation.label: citation for citation in reversed(linked(answer).citations)}
    for label, start, end in markers(answer.text):
        if found := cited.get(label):
            yield Place(start, end, found.title or found.source, base + found.link)


def extras(answer: Answer) -> Extras:
    """Under one key, `forebay`."""
    said = json.loads(to_json(linked(answer)))
    return {name: value for name, value in said.items() if name not in _LEFT_OUT}


def now() -> int:
    return int(time())


def data(value: object) -> bytes:
    """What is None is not there, as OpenAI has it."""
    return TypeAdapter(type(value)).dump_json(value, exclude_none=True)


def answer_with(value: object) -> Response:
    return Response(data(value), media_type="application/json")


def line(value: object) -> bytes:
    return b"data: " + data(value) + b"\n\n"


Finish = Literal["stop", "length", "tool_calls", "content_filter"]


def finish(answer: Answer) -> Finish:
    return "stop" if answer.finish == "refusal" else answer.finish
