"""A model that plays what it is told, call by call, and remembers how each call ended."""

import asyncio
from collections import deque
from collections.abc import Sequence

from domain.completion import ChatRequest, Completion, Delta, Usage
from domain.errors import ForebayError
from domain.records import LedgerRow
from gateway.policy.send import Items
from prompts.compose import compose

USAGE = Usage(input=100, output=10)
DONE = Completion("It is so.", "stop", "scripted", USAGE, 7)
REQUEST = ChatRequest(compose("How long?", []))

Step = Delta | Completion | Exception | float  # a number: silence, in seconds


class Scripted:
    """Implements domain.ports.ChatModel."""

    def __init__(self, *calls: Sequence[Step], name: str = "scripted") -> None:
        self.name = name
        self.calls = deque(calls)
        self.asked: list[ChatRequest] = []
        self.under_way = 0

    async def complete(self, request: ChatRequest) -> Completion:
        async for item in self.stream(request):
            if isinstance(item, Completion):
                return item
        raise AssertionError("the script has no end")

    async def stream(self, request: ChatRequest) -> Items:
        self.asked.append(request)
        self.under_way += 1
        try:
            for step in self.calls.popleft():
                if isinstance(step, Exception):
                    raise step
                if isinstance(step, float):
                    await asyncio.sleep(step)
                else:
                    yield step
        finally:
            self.under_way -= 1

    async def check(self) -> None:
        return


class MemoryLedger:
    """Implements domain.state_ports.Ledger."""

    def __init__(self) -> None:
        self.rows: list[LedgerRow] = []

    async def book(self, *rows: LedgerRow) -> None:
        self.rows.extend(rows)

    async def spent_microdollars(self, tenant: str, since: str) -> int:
        return sum(r.cost_microdollars for r in self.rows if r.tenant == tenant and r.at >= since)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def said(*texts: str) -> list[Step]:
    """A stream that ends well."""
    whole = Completion("".join(texts), "stop", "scripted", USAGE, 7)
    return [*(Delta(text) for text in texts), whole]


async def all_of(items: Items) -> list[Delta | Completion]:
    return [item async for item in items]


async def heard(items: Items) -> tuple[list[str], ForebayError | None]:
    """The words until the end, and the error that was the end."""
    words = []
    try:
        async for item in items:
            if isinstance(item, Delta):
                words.append(item.text)  # noqa: PERF401 - an error would take all of them away
    except ForebayError as error:
        return words, error
    return words, None
