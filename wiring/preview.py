"""The request that a question would send, block by block, with the boundary drawn in.

Searches and composes as an answer does, and asks no model: neither for the answer nor before it.
"""

from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Literal

from answering.question import AnswerServices, Question
from answering.stages import Stages
from answering.strategies import prepare
from answering.strategies.context import Context
from answering.understand import UnderstandConfig
from domain.ports import TokenCounter
from domain.prompt import Prompt
from gateway.caching.plan import set_apart
from gateway.counting import OVERHEAD
from prompts.prefix import Prefix, prefix_of, rendered
from wiring.tariff import Tariff

Side = Literal["before", "behind"]  # the boundary
_END = "</passages>\n\n"


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    side: Side
    text: str
    tokens: int
    microdollars: int  # not cached
    microdollars_read: int  # from the cache; behind the boundary the same


@dataclass(frozen=True, slots=True)
class Preview:
    version: str
    fingerprint: str
    strategy: str
    model: str
    least: int  # tokens below which it caches nothing
    parts: tuple[Part, ...]
    notes: tuple[str, ...] = ()

    def tokens(self, side: Side) -> int:
        return sum(part.tokens for part in self.parts if part.side == side)


async def preview(
    question: Question, services: AnswerServices, tariff: Tariff, *, isolated: bool = True
) -> Preview:
    """`isolated`: tenants do not share a cache, but for the operator's prefixes."""
    services = replace(services, config=replace(services.config, understand=UnderstandConfig()))
    async with aclosing(prepare(question, services, Stages())) as steps:
        (context,) = [step async for step in steps if isinstance(step, Context)]
    prompt = context.prompt
    if isolated:
        prompt = prompt.continued(set_apart(prompt, question.tenant, tariff.rules))
    before = prefix_of(prompt, len(context.pinned))
    return Preview(
        prompt.version,
        prompt.prefix_fingerprint,
        context.strategy,
        tariff.model,
        tariff.rules.least,
        tuple(_parts(prompt, before, services.tokens, tariff)),
        context.notes,
    )


def _parts(prompt: Prompt, before: Prefix, tokens: TokenCounter, tariff: Tariff) -> Iterator[Part]:
    for block in rendered(before):
        length = tokens.count(block.text) + OVERHEAD
        fresh, read = tariff.fresh(length), tariff.read(length)
        yield Part(block.name, "before", block.text, length, fresh, read)
    for name, text in _behind(prompt):
        length = tokens.count(text) + OVERHEAD
        fresh = tariff.fresh(length)
        yield Part(name, "behind", text, length, fresh, fresh)


def _behind(prompt: Prompt) -> Iterator[tuple[str, str]]:
    if prompt.history:
        yield "history", "\n".join(turn.text for turn in prompt.history)
    passages, end, question = prompt.tail[-1].text.rpartition(_END)
    if end:
        yield "passages", passages + end.rstrip()
    yield "question", question
