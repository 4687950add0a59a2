"""Many documents, all of them read: a mini model notes what each part says of the question.

What it costs is estimated before anything is asked. Notes keep the numbers of their passages, so
that the answer, which is made of the notes alone, cites passages.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from answering.question import Advance, AnswerServices, Question
from answering.stages import Stages
from answering.strategies.aside import TIER, Said, aside
from answering.strategies.context import Context, Preparing
from domain.counted import counted
from domain.documents import Chunk
from domain.errors import CostNotAccepted, InvalidInput, ModelUnreachable, NotFound
from domain.hits import Hit
from domain.prompt import Evidence, Prompt
from prompts.condense import NOTHING, answer_from, read_part

PART = 30_000  # tokens of passages that are read in one go
PARTS = 80  # their notes together are what one prompt takes
_NOTES = 1_000  # tokens of notes on a part
_AROUND = 12  # tokens of what is written around a passage
_FIRST = 500  # tokens of the prompt set and the question
_CITED = 999  # passages at most: numbers of three digits
_AT_ONCE, _SECONDS = 6, 120.0
_NUMBERS = re.compile(r"\s*\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")


@dataclass(frozen=True, slots=True)
class Estimate:
    documents: int
    tokens: int
    parts: int
    microdollars: int


@dataclass(frozen=True, slots=True)
class _Noted:
    """What was said of a part, and the passages that its numbers name."""

    said: Said
    prompt: Prompt

    @property
    def lines(self) -> list[str]:
        found = (line.strip() for line in self.said.text.splitlines())
        return [line for line in found if line and line.strip(".") != NOTHING]


async def synthesis(question: Question, services: AnswerServices, stages: Stages) -> Preparing:
    if not services.generates:
        raise InvalidInput(
            "The strategy 'synthesis' has documents read by a chat model, and there is none. Set "
            "OPENAI_API_KEY, or ask with the strategy 'corpus'.",
            field="strategy",
        )
    with stages.stage("scan"):
        parts = await scanned(question, services)
    refuse_unasked(question, services, parts)
    noted: list[_Noted] = []
    with stages.stage("read"):
        async with aclosing(_read(question, services, parts)) as steps:
            async for step in steps:
                if isinstance(step, Advance):
                    yield step
                else:
                    noted.append(step)
    yield _context(question, parts, noted)


async def scanned(question: Question, services: AnswerServices) -> list[list[Chunk]]:
    """All that fits the question's filter, in parts."""
    found = [
        chunk
        for name in question.collections
        async for chunk in services.store.scroll(question.tenant, name, question.where)
    ]
    if not found:
        raise NotFound(
            f"The collection '{question.collection}' has no documents"
            + (" that fit the filter." if question.where else ".")
        )
    return packed(found)


def packed(chunks: Sequence[Chunk]) -> list[list[Chunk]]:
    """Parts of whole documents, where these are not longer than a part."""
    parts: list[list[Chunk]] = []
    room = 0
    for document in _documents(chunks):
        size = sum(map(_size, document))
        if parts and size <= room:
            parts[-1] += document
            room -= size
            continue
        room = 0
        for chunk in document:
            if _size(chunk) > room:
                parts.append([])
                room = PART
            parts[-1].append(chunk)
            room -= _size(chunk)
    return parts


def estimated(parts: Sequence[Sequence[Chunk]], services: AnswerServices) -> Estimate:
    """As if every part had as much to say as fits."""
    read = [sum(map(_size, part)) + _FIRST for part in parts]
    reading = sum(services.priced(TIER, tokens, _NOTES) for tokens in read)
    output = services.config.max_output_tokens
    answering = services.priced("", _FIRST + _NOTES * len(parts), output)
    documents = len({chunk.document_id for part in parts for chunk in part})
    return Estimate(documents, sum(read), len(parts), reading + answering)


def refuse_unasked(
    question: Question, services: AnswerServices, parts: Sequence[Sequence[Chunk]]
) -> None:
    it = estimated(parts, services)
    documents = counted(it.documents, "document")
    read = f"{documents} ({it.tokens:,} tokens) in {counted(it.parts, 'part')}"
    if it.parts > PARTS:
        raise InvalidInput(
            f"Reading {read} is too much: at most {PARTS} parts are read for one answer. Ask for "
            "fewer with a filter.",
            field="filter",
        )
    unasked = services.config.context.unasked_microdollars
    if it.microdollars > unasked and not question.accept_cost:
        raise CostNotAccepted(
            f"Reading {read} costs about ${it.microdollars / 1_000_000:,.2f}; "
            f"${unasked / 1_000_000:g} may be spent unasked. Ask again with `accept_cost` (the "
            "command: --yes), ask for fewer with a "
            "filter, or raise FOREBAY_CONTEXT__UNASKED_DOLLARS."
        )


async def _read(
    question: Question, services: AnswerServices, parts: Sequence[Sequence[Chunk]]
) -> AsyncGenerator[Advance | _Noted, None]:
    """All parts, some at once; what was noted comes in their order, at the end."""
    slots = asyncio.Semaphore(_AT_ONCE)

    async def one(part: Sequence[Chunk]) -> _Noted:
        prompt = read_part(question.text, part)
        async with slots:
            said = await aside(
                prompt,
                question,
                services,
                endpoint="synthesis",
                output_tokens=_NOTES,
                seconds=_SECONDS,
            )
        return _Noted(said, prompt)

    running = [asyncio.ensure_future(one(part)) for part in parts]
    spent = 0
    try:
        yield Advance(0, len(parts), "reading", spent)
        for done, ended in enumerate(asyncio.as_completed(running), start=1):
            spent += (await ended).said.cost_microdollars
            yield Advance(done, len(parts), "reading", spent)
        for task in running:
            yield task.result()
    finally:  # whoever waits no longer pays for no further part
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def _context(
    question: Question, parts: Sequence[Sequence[Chunk]], noted: Sequence[_Noted]
) -> Context:
    faults = [one.said.fault for one in noted if one.said.fault]
    if len(faults) == len(noted):
        raise ModelUnreachable(f"No part of the documents could be read: {faults[0]}.")
    numbers = _Numbers()
    lines = [numbers.renumbered(line, one.prompt) for one in noted for line in one.lines]
    evidence = tuple(replace(item, collection=question.collection) for item in numbers.evidence)
    notes = [f"{counted(sum(map(len, parts)), 'passage')} read, in {counted(len(parts), 'part')}."]
    if faults:
        notes.append(f"{len(faults)} of {len(noted)} parts could not be read: {faults[0]}.")
    return Context(
        answer_from(question.text, lines, evidence),
        "synthesis",
        shown=tuple(Hit(e.chunk, 0.0, {}, collection=e.collection) for e in evidence),
        notes=tuple(notes),
        spent_microdollars=sum(one.said.cost_microdollars for one in noted),
    )


class _Numbers:
    """Each passage that any note names has one number in all of them."""

    def __init__(self) -> None:
        self._labels: dict[str, int] = {}
        self.evidence: list[Evidence] = []

    def renumbered(self, line: str, prompt: Prompt) -> str:
        chunks = {item.label: item.chunk for item in prompt.evidence}

        def again(match: re.Match[str]) -> str:
            named = [chunks[n] for n in map(int, match[1].split(",")) if n in chunks]
            labels = [label for chunk in named if (label := self._label(chunk))]
            return "".join(f" [{label}]" for label in labels)

        return _NUMBERS.sub(again, line)

    def _label(self, chunk: Chunk) -> int | None:
        if chunk.id not in self._labels and len(self.evidence) < _CITED:
            self._labels[chunk.id] = len(self.evidence) + 1
            self.evidence.append(Evidence(self._labels[chunk.id], chunk))
        return self._labels.get(chunk.id)


def _documents(chunks: Sequence[Chunk]) -> Iterator[list[Chunk]]:
    by_document: dict[str, list[Chunk]] = {}
    for chunk in sorted(chunks, key=lambda one: (one.source, one.document_id, one.position)):
        by_document.setdefault(chunk.document_id, []).append(chunk)
    yield from by_document.values()


def _size(chunk: Chunk) -> int:
    return chunk.tokens + _AROUND
