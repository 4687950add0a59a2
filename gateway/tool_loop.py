"""A chat model that uses tools: it is asked, its calls are run, it is asked again with the results.

All of it is one answer: one stream, one Completion with what all calls to the model cost, within
one deadline. Rounds and money are capped: then the model is told so, and answers with what it has.
Knows no tool: those are in a registry (`tools.py`).
"""

import asyncio
import re
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from pydantic import BaseModel

from domain.completion import ChatRequest, Completion, Delta
from domain.deadline import Deadline
from domain.errors import DeadlineExceeded, ModelError
from domain.ports import ChatModel
from domain.prompt import Prompt, Tool, ToolCall, ToolResult, ToolRound
from gateway.policy.send import Items, Send, completion_of, whole
from gateway.structured import Parsed, judged, of_model
from gateway.tools import Tools, failed
from gateway.total import total

MOST_TOOLS = 12  # in a request: with more, models choose worse
_SPARE = 1.2  # of the output cap: arguments are written beside the answer
_GAP = "\n\n"  # between what is said beside calls and what is said after them
_PICKING_TOKENS = 500
_WORD = re.compile(r"\w{3,}")

# The prompt in which a small model picks tools for a question, this many at most.
Pick = Callable[[str, Sequence[Tool], int], Prompt]


@dataclass(frozen=True, slots=True)
class LoopConfig:
    rounds: int = 6
    calls: int = 16  # run in one round
    at_once: int = 4
    tool_seconds: float = 20  # each call
    seconds: float = 180  # all of it, for a request that brings no deadline
    microdollars: int = 500_000
    picking_seconds: float = 5


class _Names(BaseModel):
    tools: list[str]


_NAMES = of_model(_Names)


class ToolUser:
    """Implements domain.ports.ChatModel."""

    def __init__(
        self, chat: ChatModel, tools: Tools, pick: Pick, config: LoopConfig | None = None
    ) -> None:
        self._chat = chat
        self._tools = tools
        self._pick = pick
        self._config = config or LoopConfig()
        self.name = chat.name

    async def complete(self, request: ChatRequest) -> Completion:
        return await completion_of(self._rounds(request, whole(self._chat)))

    def stream(self, request: ChatRequest) -> Items:
        return self._rounds(request, self._chat.stream)

    async def check(self) -> None:
        await self._chat.check()

    async def _rounds(self, request: ChatRequest, ask: Send) -> Items:
        deadline = request.deadline or Deadline.after(self._config.seconds)
        request = replace(request, deadline=deadline)
        tools, heard = await self._chosen(request)
        request = _equipped(request, tools)
        rounds, told = 0, ""
        while True:
            async with aclosing(ask(request)) as items:
                async for item in items:
                    if isinstance(item, Completion):
                        last = item
                    else:
                        yield item
            heard.append(last)
            if last.finish != "tool_calls" or told:
                break
            told = self._limit(rounds, heard)
            results = await self._results(last.calls, deadline, told)
            request = _after(request, last, results)
            rounds += 1
            if last.text:
                yield Delta(_GAP)
        yield _together(heard, told)

    def _limit(self, rounds: int, heard: Sequence[Completion]) -> str:
        """Why no tool is run any more; another call to the model has to be paid for as well."""
        if rounds >= self._config.rounds:
            return f"Tools were used in {rounds} rounds, which is the limit."
        spent = sum(one.cost_microdollars for one in heard)
        if spent + 2 * heard[-1].cost_microdollars > self._config.microdollars:
            return f"${spent / 1_000_000:.2f} are spent on this question, which is the limit."
        return ""

    async def _results(
        self, calls: Sequence[ToolCall], deadline: Deadline, told: str
    ) -> tuple[ToolResult, ...]:
        """In the order of the calls."""
        slots = asyncio.Semaphore(self._config.at_once)

        async def one(place: int, call: ToolCall) -> ToolResult:
            if told:
                return failed(call, "limit", f"{told} Answer with what you have.")
            if place >= self._config.calls:
                return failed(call, "limit", f"{self._config.calls} calls at once are the most.")
            async with slots:
                return await self._tools.result(call, min(self._config.tool_seconds, deadline.left))

        async with asyncio.TaskGroup() as group:
            running = [group.create_task(one(*numbered)) for numbered in enumerate(calls)]
        return tuple(task.result() for task in running)

    async def _chosen(self, request: ChatRequest) -> tuple[Sequence[Tool], list[Completion]]:
        """Those that the prompt names, or all; of too many, those that a small model picks."""
        tools = request.prompt.tools or self._tools.told
        if len(tools) <= MOST_TOOLS:
            return tools, []
        deadline = request.deadline
        left = min(self._config.picking_seconds, deadline.left) if deadline else 0.0
        prompt = self._pick(request.prompt.question, tools, MOST_TOOLS)
        asked = ChatRequest(
            replace(prompt, schema=_NAMES.schema),
            _PICKING_TOKENS,
            tier="nano",
            account=replace(request.account, endpoint="tools"),
            deadline=Deadline.after(left),
        )
        try:
            async with asyncio.timeout(left):
                said = await self._chat.complete(asked)
        except (TimeoutError, DeadlineExceeded, ModelError):
            return _likely(request.prompt.question, tools), []
        result = judged((said,), _NAMES)
        wanted = result.value.tools if isinstance(result, Parsed) else []
        picked = [tool for tool in tools if tool.name in wanted][:MOST_TOOLS]
        return picked or _likely(request.prompt.question, tools), [said]


def _likely(question: str, tools: Sequence[Tool]) -> Sequence[Tool]:
    """Without a model: those that share most words with the question, in their own order."""
    asked = set(_WORD.findall(question.lower()))

    def shared(tool: Tool) -> int:
        words = f"{tool.name.replace('_', ' ')} {tool.description}".lower()
        return len(asked & set(_WORD.findall(words)))

    best = sorted(tools, key=shared, reverse=True)[:MOST_TOOLS]
    return [tool for tool in tools if tool in best]


def _equipped(request: ChatRequest, tools: Sequence[Tool]) -> ChatRequest:
    return replace(
        request,
        prompt=replace(request.prompt, tools=tuple(tools)),
        max_output_tokens=round(request.max_output_tokens * _SPARE),
    )


def _after(request: ChatRequest, last: Completion, results: tuple[ToolResult, ...]) -> ChatRequest:
    """With the round, and with what is left of its money."""
    made = ToolRound(last.calls, results, last.text, last.carry)
    prompt = replace(request.prompt, rounds=(*request.prompt.rounds, made))
    most = request.most_microdollars
    if most is not None:
        most = max(0, most - last.cost_microdollars)
    return replace(request, prompt=prompt, most_microdollars=most)


def _together(heard: Sequence[Completion], told: str) -> Completion:
    """One answer, with what was said beside its calls."""
    whole = total(heard)
    said = "".join(
        f"{one.text}{_GAP}" for one in heard[:-1] if one.finish == "tool_calls" and one.text
    )
    whole = replace(whole, text=said + whole.text)
    if not told:
        return whole
    ended = whole.finish if whole.finish != "tool_calls" else "length"  # nobody runs them
    notes = (*whole.notes, f"No more tools were run: {told}")
    return replace(whole, finish=ended, calls=(), notes=notes)
