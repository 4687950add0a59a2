"""Tools for tests, and answers that call them."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from domain.completion import Completion, Usage
from domain.errors import NotFound
from domain.prompt import ToolCall
from gateway.tools import Run, Tools

Number = Annotated[int, Field(description="Of the order", ge=1)]
USAGE = Usage(input=100, output=10)


@dataclass(frozen=True, slots=True)
class Order:
    number: int
    state: str


async def find_order(
    number: Number,
    detail: Annotated[Literal["all", "state"], Field(description="How much")] = "all",
) -> Order:
    """Finds an order by its number."""
    if number == 404:
        raise NotFound("There is no order 404.")
    return Order(number, detail)


async def wait_long() -> str:
    """Takes its time."""
    await asyncio.sleep(9)
    return "done"


TOOLS = Tools([find_order, wait_long])


def call(name: str = "find_order", arguments: str = '{"number": 7, "detail": null}') -> ToolCall:
    return ToolCall(f"call_{name}", name, arguments)


def calling(*calls: ToolCall, text: str = "", cost: int = 7) -> Completion:
    return Completion(text, "tool_calls", "scripted", USAGE, cost, calls=calls)


def numbered(how_many: int) -> list[Run]:
    """As many tools, all alike but for their names."""

    def made(number: int) -> Run:
        async def run() -> str:
            return str(number)

        run.__name__ = f"get_{number:02d}"
        run.__doc__ = f"Gets thing {number}."
        return run

    return [made(number) for number in range(how_many)]
