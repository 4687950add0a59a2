"""Prompts of a traced day, and how they are laid out: as Forebay does, and as others do."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Literal

from bench.cache_trace import Asked, Mix, filler, trace
from domain.completion import Account, CachePlan, ChatRequest
from domain.documents import Chunk
from domain.prompt import Evidence, Message, Prompt
from domain.records import Turn
from prompts.compose import compose
from prompts.prefix import Prefix, prefix
from prompts.sets import Library
from tests.provider.prompt_cache import Block

Layout = Callable[[Prompt, Asked, CachePlan], list[Block]]
Requests = Sequence[tuple[Asked, ChatRequest]]

_START = datetime(2026, 3, 2, tzinfo=UTC)
_PASSAGE = 200  # tokens, about
_POOL = 400
_SECONDS = {"5m": 300.0, "1h": 3600.0, "30m": 1800.0, "12h": 43200.0}


def ours(prompt: Prompt, _: Asked, plan: CachePlan) -> list[Block]:
    lives = {mark.turns: _SECONDS[mark.life] for mark in plan.marks}
    return [
        Block(f"{message.role}\n{message.text}", lives.get(number))
        for number, message in enumerate(prompt.messages, start=1)
    ]


def plain(prompt: Prompt, _: Asked, __: CachePlan) -> list[Block]:
    return [Block(f"{message.role}\n{message.text}") for message in prompt.messages]


def naive(prompt: Prompt, asked: Asked, _: CachePlan) -> list[Block]:
    """As two peers do it: rules, date and all passages in the system message, the retrieved ones
    first; then the conversation.
    """
    today = _START + timedelta(seconds=asked.at)
    *rules, static = (message.text for message in prompt.prefix)
    passages, question = prompt.tail[-1].text.rsplit("\n\n", 1)
    system = "\n".join(["system", *rules, f"Today is {today:%Y-%m-%d}.", ""])
    said = [Block(f"{message.role}\n{message.text}") for message in _said(prompt)]
    return [Block(system), Block(passages), Block(static), *said, Block(f"user\n{question}")]


def _said(prompt: Prompt) -> list[Message]:
    return [turn for turn in prompt.history if isinstance(turn, Message)]


Static = Literal["rules", "own documents", "same documents"]


def composed(mix: Mix, share: float, static: Static = "rules") -> list[tuple[Asked, ChatRequest]]:
    """Prompts of which about that share is the prefix: the rules, then more of them, which are
    everybody's, or what each tenant has pinned: documents of its own, or all tenants the same.
    """
    pool = [chunk(f"passage-{number:03}", number) for number in range(_POOL)]
    tail = mix.passages * (_PASSAGE + 12) + 30
    wanted = max(1, round(tail * share / (1 - share) / (_PASSAGE + 12)) - 1)
    rules, befores = Library().read("answer/v1"), dict[str, Prefix]()
    more = Message("developer", filler(Random("rules"), wanted * (_PASSAGE - 8)))
    everybodys = prefix(replace(rules, messages=(*rules.messages, more)))
    turns: dict[str, list[Turn]] = {}
    found = []
    for asked in trace(replace(mix, pool=_POOL)):
        whose = asked.tenant if static == "own documents" else ""
        if whose not in befores:
            befores[whose] = prefix(rules, [chunk(f"pin-{whose}{n}", n) for n in range(wanted)])
        said = turns.setdefault(asked.session, [])
        before = everybodys if static == "rules" else befores[whose]
        found.append((asked, request_of(asked, before, pool, said)))
        said.append(Turn(asked.question, asked.answer, ""))
    return found


def request_of(
    asked: Asked, before: Prefix, pool: Sequence[Chunk], said: Sequence[Turn]
) -> ChatRequest:
    first = len(before.evidence) + 1
    evidence = [Evidence(first + n, pool[number]) for n, number in enumerate(asked.passages)]
    prompt = compose(asked.question, evidence, history=said, prefix=before)
    return ChatRequest(prompt, account=Account(tenant=asked.tenant, session=asked.session))


def chunk(name: str, seed: int) -> Chunk:
    text = filler(Random(f"{name} {seed}"), _PASSAGE - 20)
    return Chunk(
        id=name, document_id=name, version="1", source=f"{name}.md", position=0, title=name,
        text=text, start=0, end=len(text),
    )  # fmt: skip
