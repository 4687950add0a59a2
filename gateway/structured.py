"""Answers that are data: asked for in a schema, read strictly, asked for once more if need be.

A refusal, an answer that was cut short and one that does not fit are three different results, and
none of them is an exception. Knows no vendor: an adapter says the schema in its API's words.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

import pydantic

from domain.completion import ChatRequest, Completion
from domain.errors import InvalidInput
from domain.ports import ChatModel
from domain.prompt import OutputSchema, Prompt
from gateway.strict import strict, without_unset

if TYPE_CHECKING:  # a tenth of a second, which only a caller's own schema takes
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

T = TypeVar("T")
M = TypeVar("M", bound=pydantic.BaseModel)

# The prompt that shows a model its answer and what is wrong with it, as half a sentence.
Again: TypeAlias = Callable[[Prompt, str, str], Prompt]

_FAULTS = 3  # that are named to the model at once
_LONG = 300  # characters of one


@dataclass(frozen=True, slots=True)
class Wanted(Generic[T]):
    """What an answer must be. `read` raises a ValueError whose words the model can act on."""

    schema: OutputSchema
    read: Callable[[str], T]


@dataclass(frozen=True, slots=True)
class Parsed(Generic[T]):
    value: T
    completions: tuple[Completion, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    words: str
    completions: tuple[Completion, ...]


@dataclass(frozen=True, slots=True)
class Incomplete:
    """The output limit was reached."""

    raw: str
    completions: tuple[Completion, ...]


@dataclass(frozen=True, slots=True)
class Invalid:
    """It does not fit, and did not when it was asked for again."""

    raw: str
    fault: str
    completions: tuple[Completion, ...]


Structured: TypeAlias = Parsed[T] | Refused | Incomplete | Invalid


async def structured(
    chat: ChatModel, request: ChatRequest, wanted: Wanted[T], again: Again
) -> Structured[T]:
    request = replace(request, prompt=replace(request.prompt, schema=wanted.schema))
    first = await chat.complete(request)
    result = judged((first,), wanted)
    if not isinstance(result, Invalid):
        return result
    prompt = again(_as_history(request.prompt), result.raw, result.fault)
    return judged((first, await chat.complete(replace(request, prompt=prompt))), wanted)


def judged(completions: tuple[Completion, ...], wanted: Wanted[T]) -> Structured[T]:
    """What the last of some answers is worth."""
    last = completions[-1]
    match last.finish:
        case "refusal":
            return Refused(last.text, completions)
        case "length":
            return Incomplete(last.text, completions)
        case "tool_calls":
            return Invalid(last.text, "it calls tools and gives no answer", completions)
        case "stop":
            try:
                return Parsed(wanted.read(last.text), completions)
            except ValueError as error:
                return Invalid(last.text, str(error).rstrip("."), completions)


def of_model(model: type[M]) -> Wanted[M]:
    schema = model.model_json_schema(mode="validation")

    def read(text: str) -> M:
        value = without_unset(_json(text), schema)
        try:
            return model.model_validate_json(json.dumps(value))
        except pydantic.ValidationError as error:
            faults = error.errors(include_url=False, include_context=False, include_input=False)
            where = [".".join(map(str, fault["loc"])) or "the root" for fault in faults]
            said = [f"{w}: {fault['msg']}" for w, fault in zip(where, faults, strict=True)]
            raise ValueError(_first(said)) from error

    return Wanted(_output(model.__name__, schema), read)


def of_schema(name: str, schema: Mapping[str, Any]) -> Wanted[Any]:
    """The value is what JSON has: dicts, lists, texts, numbers."""
    output = _output(name, schema)
    checks = _validator(schema)

    def read(text: str) -> Any:
        value = without_unset(_json(text), schema)
        if faults := [_said(error) for error in checks.iter_errors(value)]:
            raise ValueError(_first(faults))
        return value

    return Wanted(output, read)


def _validator(schema: Mapping[str, Any]) -> "Validator":
    from jsonschema import SchemaError
    from jsonschema.validators import validator_for

    kind = validator_for(schema)
    try:
        kind.check_schema(schema)
    except SchemaError as error:
        raise InvalidInput(f"This is no JSON schema: {error.message}.", field="schema") from error
    return kind(schema)


def _said(error: "ValidationError") -> str:
    where = error.json_path.removeprefix("$").removeprefix(".") or "the root"
    return f"{where}: {error.message}"


def _first(faults: list[str]) -> str:
    return "; ".join(fault[:_LONG] for fault in faults[:_FAULTS])


def _json(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_number)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"it is no JSON: {error}") from error


def _no_number(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _output(name: str, schema: Mapping[str, Any]) -> OutputSchema:
    """Properties stay in their order: it is the order in which a model fills them in."""
    text = json.dumps(strict(schema), ensure_ascii=False, separators=(",", ":"))
    return OutputSchema(name, text)


def _as_history(prompt: Prompt) -> Prompt:
    """With room at its end: what tools were asked stands before what is said next."""
    if not prompt.rounds:
        return prompt
    return replace(prompt, history=prompt.turns[len(prompt.prefix) :], tail=(), rounds=())
