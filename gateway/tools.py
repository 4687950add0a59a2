"""Functions that a model may call: told to it by their types, run with what it says.

    async def find_order(number: Annotated[int, Field(description="…")]) -> str:
        '''Finds an order by its number.'''

What is wrong with a function is said when it is registered; what goes wrong with a call goes back
to the model, as JSON that names it. Knows no model and no rounds: those are `tool_loop.py`.
"""

import asyncio
import inspect
import json
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, create_model
from pydantic_core import to_json

from domain.errors import ForebayError, InvalidInput, Misconfigured
from domain.prompt import Tool, ToolCall, ToolResult
from gateway.structured import of_model

Run = Callable[..., Awaitable[object]]
Fault = Literal["unknown_tool", "invalid_arguments", "timeout", "failed", "limit"]

_NAME = re.compile(r"[a-z]+(_[a-z0-9]+)*")
_LONGEST_NAME = 64  # of OpenAI, the shortest
_KEPT = 60_000  # characters of a result: about 15,000 tokens


@dataclass(frozen=True, slots=True)
class Function:
    """One of them: what the model is told, and what is run."""

    tool: Tool
    read: Callable[[str], BaseModel]  # arguments; raises a ValueError that the model can act on
    run: Run


def function(run: Run) -> Function:
    """Misconfigured names all that a model would have to guess."""
    model = _arguments(run)
    if problems := list(_problems(run, model)):
        raise Misconfigured(f"The tool '{run.__name__}' cannot be told: {'; '.join(problems)}.")
    try:
        wanted = of_model(model)
    except InvalidInput as error:
        raise Misconfigured(f"The tool '{run.__name__}' cannot be told: {error}") from error
    told = Tool(run.__name__, inspect.getdoc(run) or "", wanted.schema.schema)
    return Function(told, wanted.read, run)


class Tools:
    """A registry. Tools stand in the order of their names, as the prompt's cache wants it."""

    def __init__(self, functions: Iterable[Run]) -> None:
        made = [function(run) for run in functions]
        self._functions = {one.tool.name: one for one in sorted(made, key=lambda f: f.tool.name)}
        if len(self._functions) < len(made):
            raise Misconfigured("Two tools have the same name. Rename one.")

    @property
    def told(self) -> tuple[Tool, ...]:
        return tuple(one.tool for one in self._functions.values())

    async def result(self, call: ToolCall, seconds: float) -> ToolResult:
        """Always one: also of a call that names no tool, does not fit, fails or takes too long."""
        found = self._functions.get(call.name)
        if found is None:
            known = ", ".join(self._functions)
            return failed(
                call, "unknown_tool", f"There is no tool '{call.name}'; there are {known}."
            )
        try:
            arguments = found.read(call.arguments.strip() or "{}")
        except ValueError as error:
            return failed(
                call, "invalid_arguments", f"{error}. Call it again with these put right."
            )
        try:
            async with asyncio.timeout(seconds):
                value = await found.run(
                    **{name: getattr(arguments, name) for name in _of(arguments)}
                )
        except TimeoutError:
            return failed(call, "timeout", f"'{call.name}' took longer than {seconds:.3g} s.")
        except ForebayError as error:
            return failed(call, "failed", str(error))
        return ToolResult(call.id, _said(value))


def failed(call: ToolCall, kind: Fault, message: str) -> ToolResult:
    error = {"error": {"kind": kind, "message": message}}
    return ToolResult(call.id, json.dumps(error, ensure_ascii=False), failed=True)


def _arguments(run: Run) -> type[BaseModel]:
    parameters = inspect.signature(run, eval_str=True).parameters.values()
    fields: dict[str, Any] = {
        one.name: (one.annotation, ... if one.default is one.empty else one.default)
        for one in parameters
        if one.annotation is not one.empty
    }
    return create_model(run.__name__, __config__=ConfigDict(extra="forbid"), **fields)


def _problems(run: Run, model: type[BaseModel]) -> Iterator[str]:
    name = run.__name__
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        yield f"its name is not in snake_case, or has more than {_LONGEST_NAME} letters"
    elif name.partition("_")[0] not in _verbs():
        yield f"'{name.partition('_')[0]}' is no verb that is known here; begin with what it does"
    if not inspect.iscoroutinefunction(run):
        yield "it is not async"
    if not inspect.getdoc(run):
        yield "it has no docstring, which is what the model reads"
    for parameter in inspect.signature(run).parameters.values():
        if parameter.name not in model.model_fields:
            yield f"the parameter '{parameter.name}' has no type"
        elif not model.model_fields[parameter.name].description:
            yield f"the parameter '{parameter.name}' has no Field(description=…)"


def _of(arguments: BaseModel) -> Iterable[str]:
    return type(arguments).model_fields


def _said(value: object) -> str:
    text = value if isinstance(value, str) else to_json(value).decode()
    if len(text) <= _KEPT:
        return text
    return f"{text[:_KEPT]}\n… cut: it has {len(text):,} characters. Ask for less of it."


@cache
def _verbs() -> frozenset[str]:
    return frozenset(files("gateway").joinpath("verbs.txt").read_text("utf-8").split())
