"""A cache plan in OpenAI's words: the key, how long, and breakpoints on blocks of content."""

from collections.abc import Iterable, Iterator
from typing import Literal, TypedDict, cast

from domain.completion import CachePlan
from domain.prompt import Message, Prompt

_LONGER = ("30m", "12h")  # a request has one life for all its breakpoints


class Breakpoint(TypedDict):
    mode: Literal["explicit"]


class Options(TypedDict, total=False):
    mode: Literal["implicit", "explicit"]
    ttl: Literal["30m", "12h"]
    prewarm: bool


class Said(TypedDict, total=False):
    """Both APIs call it the same."""

    prompt_cache_key: str
    prompt_cache_retention: Literal["in_memory", "24h"]
    prompt_cache_options: Options


MARK: Breakpoint = {"mode": "explicit"}


def said(plan: CachePlan | None) -> Said:
    found = Said()
    if plan is None:
        return found
    if plan.key:
        found["prompt_cache_key"] = plan.key
    if plan.explicit:
        found["prompt_cache_options"] = {"mode": "explicit"}
        lives = {mark.life for mark in plan.marks}
        if longest := [life for life in _LONGER if life in lives]:
            found["prompt_cache_options"]["ttl"] = cast("Literal['30m', '12h']", longest[-1])
        if plan.prewarm:
            found["prompt_cache_options"]["prewarm"] = True
    elif plan.retention:
        found["prompt_cache_retention"] = cast("Literal['in_memory', '24h']", plan.retention)
    return found


def marked(prompt: Prompt, plan: CachePlan | None) -> set[int]:
    """Which turns, from 0, end in a breakpoint. What the model said itself cannot carry one: the
    mark stands on what was said before it.
    """
    turns = prompt.turns
    return {place for mark in _marks(plan) for place in _before(turns, mark)}


def _marks(plan: CachePlan | None) -> Iterator[int]:
    return (mark.turns - 1 for mark in plan.marks) if plan else iter(())


def _before(turns: Iterable[object], last: int) -> Iterator[int]:
    said_to_it = [
        place
        for place, turn in enumerate(turns)
        if place <= last and isinstance(turn, Message) and turn.role != "assistant"
    ]
    yield from said_to_it[-1:]
