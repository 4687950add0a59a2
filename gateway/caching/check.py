"""Finds out by asking: does a model's cache hit, up to how long a tail, from which length on?

What is sent are random words, new ones for every finding, so that nothing was cached before. A
beginning counts as found when any of two requests after the first reads it: providers lose one now
and then. Knows no wire format and no price.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from time import monotonic
from typing import Literal

from domain.completion import Account, CacheMark, CachePlan, ChatRequest
from domain.ports import ChatModel
from domain.prompt import Message, Prompt
from gateway.caching.measured import Finding
from gateway.caching.rules import CacheRules

ENDPOINT = "cache-check"
OUTPUT = 16  # tokens; OpenAI takes no fewer
TRIES = 3
_TAILS = (50, 300, 1_000, 3_000)
_FINER = 2  # halvings between the longest that was found and the shortest that was not
_SPARE = 150  # tokens beyond a minimum: steps, and what stands around messages
_LEASTS = (0.5, 1.0, 2.0)  # times the documented minimum
_USUAL = 1_024
_WORDS = (
    "time year people way day man thing woman life child world school state family student group "
    "country problem hand part place case week company system program question work number night"
).split()

Of = Literal["tail", "length", "life"]


@dataclass(frozen=True, slots=True)
class Row:
    """One finding. `tokens`: of the tail, of the whole prompt, or none for the life."""

    of: Of
    tokens: int
    found: bool
    cached: int  # tokens that were read
    after: float = 0.0  # seconds since it was sent


@dataclass(frozen=True, slots=True)
class Checked:
    model: str  # provider/model
    rows: tuple[Row, ...]
    finding: Finding
    calls: int
    cost_microdollars: int


@dataclass(slots=True)
class Check:
    chat: ChatModel
    rules: CacheRules
    run: str  # no two runs share a beginning
    tenant: str = "default"
    cost_microdollars: int = 0
    calls: int = 0
    _sent: dict[str, float] = field(default_factory=dict)

    async def rows(self) -> AsyncIterator[Row]:
        good, bad, finer = 0, 0, 0
        tails = list(_TAILS)
        while tails:
            row = await self._row("tail", self.static, tails.pop(0))
            yield row
            good, bad = (row.tokens, bad) if row.found else (good, row.tokens)
            if bad:
                tails = [(good + bad) // 2] if good and finer < _FINER else []
                finer += 1
        for length in self.lengths:
            row = await self._row("length", length + _SPARE, 0)
            yield row
            if row.found:
                break

    async def again(self) -> Row:
        """The first beginning of all, once more: is it still there?"""
        name, at = next(iter(self._sent.items()))
        cached = await self._ask(name, self.static, f"{name} at last", _TAILS[0])
        return Row("life", 0, found=cached > 0, cached=cached, after=monotonic() - at)

    @property
    def static(self) -> int:
        return max(self.rules.least, _USUAL) + 2 * _SPARE

    @property
    def lengths(self) -> list[int]:
        least = self.rules.least or _USUAL
        return [round(times * least) for times in _LEASTS]

    async def _row(self, of: Of, static: int, tail: int) -> Row:
        name, cached = f"{self.run} {of} {static} {tail}", 0
        for number in range(TRIES):
            cached = await self._ask(name, static, f"{name} {number}", tail)
            if cached:
                break
        return Row(of, tail if of == "tail" else static - _SPARE, found=cached > 0, cached=cached)

    async def _ask(self, name: str, static: int, tail_name: str, tail: int) -> int:
        self._sent.setdefault(name, monotonic())
        prefix = Message("system", f"{_words(name, static)}\nReply with OK.")
        prompt = Prompt(
            ENDPOINT, (prefix,), (), (Message("user", f"{_words(tail_name, tail)}OK?"),), "OK?", ()
        )
        completion = await self.chat.complete(
            ChatRequest(
                prompt,
                OUTPUT,
                cache=self._plan(name),
                account=Account(self.tenant, endpoint=ENDPOINT),
            )
        )
        self.cost_microdollars += completion.cost_microdollars
        self.calls += 1
        return completion.usage.cached

    def _plan(self, name: str) -> CachePlan:
        marks = (CacheMark(1, self.rules.lives[0].name),) if self.rules.lives else ()
        key = name.replace(" ", "-") if self.rules.rate else None
        return CachePlan(key, marks=marks, explicit=self.rules.kind == "marks")


def finding_of(rows: Sequence[Row], at: str) -> Finding:
    found = [row.tokens for row in rows if row.of == "tail" and row.found]
    missed = any(row.of == "tail" and not row.found for row in rows)
    return Finding(
        at,
        hits=bool(found),
        tail=max(found, default=0) if missed else None,
        least=next((row.tokens for row in rows if row.of == "length" and row.found), None),
    )


def most(rules: CacheRules) -> Iterator[int]:
    """Tokens of every request that there can be."""
    check = max(rules.least, _USUAL) + 2 * _SPARE
    tails = [*_TAILS, *[_TAILS[-1]] * _FINER]
    lengths = [round(times * (rules.least or _USUAL)) + _SPARE for times in _LEASTS]
    yield from [check + tail + 20 for tail in tails for _ in range(TRIES)]
    yield from [length + 20 for length in lengths for _ in range(TRIES)]
    yield check + _TAILS[0] + 20


def _words(seed: str, tokens: int) -> str:
    """Each a token of every vocabulary."""
    return " ".join(Random(seed).choices(_WORDS, k=tokens)) + (" " if tokens else "")  # noqa: S311
