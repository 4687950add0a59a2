"""What is searched for a question: itself, standing alone, in other words, or its likely answer.

Each is one call to a chat model, or none. When the model fails for now, is late, or says nothing
that can be used, the question is searched as it is and a note says why. Does not search.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import astuple, dataclass, field, replace
from time import perf_counter
from typing import Literal

from answering.understand_words import joined
from domain.answers import NOT_FOUND
from domain.completion import Account, ChatRequest, Completion, Usage
from domain.deadline import Deadline
from domain.errors import DeadlineExceeded, ModelRateLimited, ModelUnreachable, Unavailable
from domain.ports import ChatModel
from domain.prompt import Prompt
from domain.records import Turn
from prompts import questions
from retrieval.must import folded

_LONGEST = 400  # characters of a wording; of a long question, three times its own
_TIMES = 3
_PASSAGE = 2_000  # characters: what embedders read
_BULLET = re.compile(r"^\s*(?:[-*•–]|\(?\d{1,2}[.):])\s+")
_INSIDE = re.compile(r"<question>(.*?)</question>", re.DOTALL)  # models repeat what they see
_NO_WORD = re.compile(r"\W+")
_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Asking:
    """How a model is asked, and for whom."""

    account: Account = field(default_factory=Account)
    seconds: float = _SECONDS
    output_tokens: int = 1_500  # models think before they answer


@dataclass(frozen=True, slots=True)
class UnderstandConfig:
    rewrite: Literal["off", "words", "model"] = "off"  # of a question in a conversation
    wordings: int = 0  # beside its own
    passage: bool = False  # a hypothetical answer, to be embedded
    seconds: float = _SECONDS  # each call may take


@dataclass(frozen=True, slots=True)
class Call:
    """What the ledger books."""

    prompt: Prompt
    completion: Completion
    seconds: float


@dataclass(frozen=True, slots=True)
class Understood:
    texts: tuple[str, ...]
    notes: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()

    @property
    def usage(self) -> Usage:
        tokens = (astuple(call.completion.usage) for call in self.calls)
        return Usage(*map(sum, zip(*tokens, strict=True)))

    @property
    def cost_microdollars(self) -> int:
        return sum(call.completion.cost_microdollars for call in self.calls)


@dataclass(frozen=True, slots=True)
class Searched:
    """All of it for one question: `texts` of which the first is the question, and a passage."""

    texts: tuple[str, ...]
    passage: str = ""  # hypothetical: its vector is averaged with the question's
    notes: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()

    @property
    def cost_microdollars(self) -> int:
        return sum(call.completion.cost_microdollars for call in self.calls)


_ASKING = Asking()


async def understand(
    question: str,
    turns: Sequence[Turn],
    model: ChatModel,
    config: UnderstandConfig,
    *,
    account: Account | None = None,
    language: str = "",
) -> Searched:
    """What the config asks for; other wordings and the passage are of the rewritten question."""
    asking = Asking(account or Account(), config.seconds)
    alone = Understood((question,))
    if config.rewrite == "model":
        alone = await standalone(question, turns, model, asking)
    elif config.rewrite == "words":
        alone = joined_with(question, turns, language)
    others, passage = await _both(alone.texts[0], model, config, asking)
    return Searched(
        others.texts,
        "".join(passage.texts),
        (*alone.notes, *others.notes, *passage.notes),
        (*alone.calls, *others.calls, *passage.calls),
    )


async def standalone(
    question: str, turns: Sequence[Turn], model: ChatModel, asking: Asking = _ASKING
) -> Understood:
    """One text: the question so that it can be read without its conversation."""
    if not turns:
        return Understood((question,))
    said = await _ask(questions.rewrite(question, turns), model, asking)
    text = _unwrapped(said.text)
    if fault := said.fault or said.cut or _misfit(text, question):
        note = f"The question was not rewritten with its conversation: {fault}."
        return Understood((question,), (note,), said.calls)
    unchanged = text.strip(" .") == questions.UNCHANGED
    return Understood((question if unchanged else text,), calls=said.calls)


def joined_with(question: str, turns: Sequence[Turn], language: str = "") -> Understood:
    """The same without a model: a question that refers back gets words of those before it."""
    words = joined(question, [turn.question for turn in turns], language)
    if not words:
        return Understood((question,))
    text = " ".join((question, *words))
    note = f"The question refers to earlier ones: it was searched with {', '.join(words)}."
    return Understood((text,), (note,))


async def several(
    question: str, model: ChatModel, number: int, asking: Asking = _ASKING
) -> Understood:
    """The question, then up to `number` other wordings."""
    said = await _ask(questions.reword(question, number), model, asking)
    lines = said.text.splitlines()[: -1 if said.cut else None]
    distinct = {_key(question): question}
    for line in (_BULLET.sub("", line).strip() for line in lines):
        if _key(line) and not line.endswith((":", "：")) and not _misfit(line, question):
            distinct.setdefault(_key(line), line)
    if len(distinct) > 1:
        return Understood(tuple(distinct.values())[: number + 1], calls=said.calls)
    fault = said.fault or said.cut or "its answer has no other wording"
    note = f"The question was searched in its own words alone: {fault}."
    return Understood((question,), (note,), said.calls)


async def hypothetical(question: str, model: ChatModel, asking: Asking = _ASKING) -> Understood:
    """A passage that might answer it; no text when there is none."""
    said = await _ask(questions.suppose(question), model, asking)
    if said.fault:
        note = f"The question was searched without a hypothetical passage: {said.fault}."
        return Understood((), (note,), said.calls)
    return Understood((said.text[:_PASSAGE],), calls=said.calls)


async def _both(
    question: str, model: ChatModel, config: UnderstandConfig, asking: Asking
) -> tuple[Understood, Understood]:
    """At the same time. The first failure ends both, and so does who waits no longer."""
    if config.wordings < 1 and not config.passage:
        return Understood((question,)), Understood(())  # no way through the event loop for nothing

    async def wordings() -> Understood:
        if config.wordings < 1:
            return Understood((question,))
        return await several(question, model, config.wordings, asking)

    async def passage() -> Understood:
        return await hypothetical(question, model, asking) if config.passage else Understood(())

    running = [asyncio.ensure_future(wordings()), asyncio.ensure_future(passage())]
    try:
        others, supposed = await asyncio.gather(*running)
    finally:
        for one in running:
            one.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    return others, supposed


@dataclass(frozen=True, slots=True)
class _Said:
    """`fault`: why there is no text; `cut`: why it lacks its end. Half sentences both."""

    text: str = ""
    fault: str = ""
    cut: str = ""
    calls: tuple[Call, ...] = ()


async def _ask(prompt: Prompt, model: ChatModel, asking: Asking) -> _Said:
    whose = replace(asking.account, endpoint="understand")
    deadline = Deadline.after(asking.seconds)
    request = ChatRequest(prompt, asking.output_tokens, account=whose, deadline=deadline)
    started = perf_counter()
    try:
        async with asyncio.timeout(asking.seconds):
            completion = await model.complete(request)
    except (TimeoutError, DeadlineExceeded):
        return _Said(fault=f"{model.name} did not answer within {asking.seconds:g} s")
    except (ModelRateLimited, ModelUnreachable, Unavailable) as error:
        return _Said(fault=str(error).rstrip("."))
    calls = (Call(prompt, completion, perf_counter() - started),)
    text = completion.text.strip()
    if completion.finish == "refusal":
        return _Said(fault=f"{model.name} refuses", calls=calls)
    if text in {"", NOT_FOUND}:
        return _Said(fault=f"{model.name} gave no answer", calls=calls)
    ended = completion.finish != "length"
    cut = "" if ended else f"its answer was cut at {asking.output_tokens:,} tokens"
    return _Said(text, cut=cut, calls=calls)


def _unwrapped(text: str) -> str:
    inside = _INSIDE.search(text)
    return inside[1].strip() if inside else text


def _misfit(text: str, question: str) -> str:
    """Why a text cannot be a wording of the question, as half a sentence."""
    longest = max(_LONGEST, _TIMES * len(question))
    if len(text) > longest:
        return f"its answer has {len(text):,} characters, {longest:,} are enough"
    if len(text.splitlines()) > len(question.splitlines()):
        return f"its answer has {len(text.splitlines())} lines"
    return "" if text else "its answer is empty"


def _key(text: str) -> str:
    """Equal for texts that differ in signs, case or accents alone."""
    return _NO_WORD.sub(" ", folded(text)).strip()
