"""Answers that are data: of a JSON schema that the question brings. Knows no citations.

A refusal, an answer that was cut short and one that does not fit, asked for twice, are outcomes of
their own; the text is what the model wrote. Nobody is shown pieces of it: they would be no JSON.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from domain.answers import NOT_FOUND, Outcome
from domain.completion import ChatRequest, Completion
from domain.errors import InvalidInput
from domain.ports import ChatModel
from gateway.structured import Incomplete, Invalid, Parsed, Refused, Wanted, of_schema, structured
from gateway.total import total
from prompts.again import ask_again

FIELD = "response_schema"


@dataclass(frozen=True, slots=True)
class Shaped:
    """An answer, and as what it can be read."""

    completion: Completion
    outcome: Outcome | None = None
    parsed: object = None
    fault: str = ""

    @property
    def said(self) -> str:
        """What may cite: of data, its texts."""
        if self.outcome != "parsed":
            return self.completion.text
        return "\n\n".join(_texts(self.parsed))

    @property
    def found(self) -> bool:
        """Of data, when one of its texts at least says something else than that it is not there."""
        texts = [text.strip() for text in self.said.split("\n\n")] if self.said else []
        missed = bool(texts) and all(text in {"", NOT_FOUND} for text in texts)
        return self.completion.finish != "refusal" and not missed


def wanted(schema: str) -> Wanted[Any]:
    """InvalidInput says what a model cannot be held to."""
    try:
        read = json.loads(schema)
    except ValueError as error:
        raise InvalidInput(f"The schema is no JSON: {error}.", field=FIELD) from error
    if not isinstance(read, dict):
        raise InvalidInput("The schema is no JSON object.", field=FIELD)
    try:
        return of_schema("answer", read)
    except InvalidInput as error:
        raise InvalidInput(str(error), field=FIELD) from error


async def shaped(request: ChatRequest, schema: str, chat: ChatModel) -> Shaped:
    try:
        result = await structured(chat, request, wanted(schema), ask_again)
    except InvalidInput as error:
        if error.field != "schema":
            raise
        raise InvalidInput(str(error), field=FIELD) from error
    completion = total(result.completions)
    match result:
        case Parsed(value):
            return Shaped(completion, "parsed", value)
        case Refused():
            return Shaped(completion, "refused")
        case Incomplete():
            cap = f"its {request.max_output_tokens:,} tokens were not enough"
            return Shaped(completion, "incomplete", fault=cap)
        case Invalid(_, fault):
            return Shaped(completion, "invalid", fault=fault)


def _texts(value: object) -> Iterator[str]:
    """Every text in it, names left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
