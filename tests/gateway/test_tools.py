"""Functions as tools: how they are told to a model, and what comes back of each call."""

import json
from collections.abc import Awaitable, Callable
from typing import Annotated

import pytest
from pydantic import Field

from domain.errors import Misconfigured
from domain.prompt import ToolCall
from gateway.tools import Tools
from tests.gateway.toolbox import TOOLS, Number, call, find_order, wait_long


def test_a_tool_is_told_by_its_types_and_its_docstring() -> None:
    told = TOOLS.told[0]
    assert (told.name, told.description) == ("find_order", "Finds an order by its number.")
    assert json.loads(told.parameters) == {
        "type": "object",
        "properties": {
            "number": {"type": "integer", "minimum": 1, "description": "Of the order"},
            "detail": {
                "anyOf": [
                    {"type": "string", "enum": ["all", "state"], "description": "How much"},
                    {"type": "null"},
                ]
            },
        },
        "required": ["number", "detail"],
        "additionalProperties": False,
    }
    assert told.strict


def test_tools_stand_in_the_order_of_their_names() -> None:
    assert Tools([wait_long, find_order]).told == TOOLS.told


async def test_what_a_function_gives_goes_back_as_json() -> None:
    result = await TOOLS.result(call(), 1)
    assert (json.loads(result.text), result.failed) == ({"number": 7, "state": "all"}, False)


FAULTS: dict[str, tuple[ToolCall, str, str]] = {
    "a name that is not there": (call("find_oder"), "unknown_tool", "there are find_order"),
    "no JSON": (call(arguments="{"), "invalid_arguments", "no JSON"),
    "a wrong type": (call(arguments='{"number": "x"}'), "invalid_arguments", "number"),
    "out of range": (call(arguments='{"number": 0}'), "invalid_arguments", "greater"),
    "missing": (call(arguments="{}"), "invalid_arguments", "number"),
    "too many": (call(arguments='{"number": 1, "x": 1}'), "invalid_arguments", "x"),
    "an error of its own": (call(arguments='{"number": 404}'), "failed", "no order 404"),
    "too slow": (call("wait_long", ""), "timeout", "longer than 0.01 s"),
}


@pytest.mark.parametrize(("asked", "kind", "words"), FAULTS.values(), ids=FAULTS)
async def test_what_went_wrong_is_told_to_the_model(asked: ToolCall, kind: str, words: str) -> None:
    result = await TOOLS.result(asked, 0.01)
    error = json.loads(result.text)["error"]
    assert (result.failed, result.call, error["kind"]) == (True, asked.id, kind)
    assert words in error["message"]


async def test_a_long_result_is_cut_and_says_so() -> None:
    async def get_all() -> str:
        """Gets all."""
        return "x" * 100_000

    result = await Tools([get_all]).result(call("get_all", "{}"), 1)
    assert result.text.endswith("… cut: it has 100,000 characters. Ask for less of it.")
    assert len(result.text) < 61_000


async def FindOrder() -> str:  # noqa: N802
    """Finds it."""
    return ""


async def finder_of_orders() -> str:
    """Finds it."""
    return ""


async def find_it() -> str:
    return ""


async def find_one(number: int) -> str:
    """Finds one."""
    return str(number)


async def find_any(number) -> str:  # type: ignore[no-untyped-def]
    """Finds any."""
    return str(number)


async def find_thing(what: Annotated[dict[str, int], Field(description="What")]) -> str:
    """Finds a thing."""
    return str(what)


WRONG: dict[str, tuple[Callable[..., Awaitable[object]], str]] = {
    "capitals": (FindOrder, "snake_case"),
    "no verb": (finder_of_orders, "'finder' is no verb"),
    "no docstring": (find_it, "no docstring"),
    "no description of a parameter": (find_one, r"'number' has no Field\(description=…\)"),
    "no type": (find_any, "'number' has no type"),
}


@pytest.mark.parametrize(("run", "says"), WRONG.values(), ids=WRONG)
def test_what_a_model_would_have_to_guess_is_refused(
    run: Callable[..., Awaitable[object]], says: str
) -> None:
    with pytest.raises(Misconfigured, match=says):
        Tools([run])


def test_parameters_that_cannot_be_kept_to_strictly_are_refused() -> None:
    with pytest.raises(Misconfigured, match=r"find_thing.*any names"):
        Tools([find_thing])


def test_two_tools_of_one_name_are_refused() -> None:
    with pytest.raises(Misconfigured, match="same name"):
        Tools([find_order, find_order])


def test_a_constraint_of_a_parameter_is_a_constraint_of_the_tool() -> None:
    async def cancel_order(number: Number) -> str:
        """Cancels an order."""
        return str(number)

    (told,) = Tools([cancel_order]).told
    assert json.loads(told.parameters)["properties"]["number"]["minimum"] == 1
