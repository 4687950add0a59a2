"""A repository: a map of its files and symbols before the boundary, the files that matter behind.

The map is the same for every question until a file changes, so it is read from the cache. Files are
chosen by what a search finds in them, and by being named; they are shown whole, the best first, as
many as fit.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from answering.find import find
from answering.outline import drawn
from answering.question import AnswerServices, Question
from answering.stages import Stages
from answering.strategies.context import Context, Preparing
from answering.strategies.corpus import recent, said
from domain.documents import Chunk
from domain.errors import InvalidInput, NotFound
from domain.hits import Hit
from domain.prompt import Evidence
from prompts.compose import compose

_MAP = 20_000  # tokens
_FILES = 40_000
_AROUND = 12  # tokens of what is written around a passage
_FOUND = 40  # hits that say which files matter
_MOST = 20_000  # chunks of a collection: its map is drawn anew for each question


async def repository(question: Question, services: AnswerServices, stages: Stages) -> Preparing:
    with stages.stage("map"):
        chunks = await _all(question, services)
        files = await asyncio.to_thread(services.outlines.of, chunks)
        text = drawn(files, services.tokens, _MAP)
        prefix = services.prefixes.mapped(services.config.prompt, text)
    result = await find(replace(question, limit=_FOUND), services)
    stages.add(*result.times)
    with stages.stage("compose"):
        wanted = ranked(question.text, result.hits, chunks)
        shown, left = _fitting(wanted, min(_FILES, services.config.context.tokens))
        hits = {hit.chunk.id: hit for hit in result.hits}
        prompt = compose(
            question.text,
            [Evidence(n, one, question.collection) for n, one in enumerate(shown, start=1)],
            prefix=prefix,
            history=recent(await said(question, services), services),
        )
    yield Context(
        prompt,
        "repository",
        tuple(hits.get(c.id) or Hit(c, 0.0, {}, collection=question.collection) for c in shown),
        notes=(*result.notes, *_left_out(left)),
        spent_microdollars=result.cost_microdollars,
    )


def ranked(text: str, hits: Sequence[Hit], chunks: Sequence[Chunk]) -> list[list[Chunk]]:
    """Files, the best first: those that are named, then by the ranks of what was found in them."""
    scores: dict[str, float] = {}
    for rank, hit in enumerate(hits, start=1):
        scores[hit.chunk.source] = scores.get(hit.chunk.source, 0.0) + 1 / rank
    by_source: dict[str, list[Chunk]] = {}
    for chunk in sorted(chunks, key=lambda one: (one.source, one.position)):
        by_source.setdefault(chunk.source, []).append(chunk)
    named = {source for source in by_source if _stands(source, text)}
    order = sorted(
        {*scores, *named} & by_source.keys(),
        key=lambda source: (source not in named, -scores.get(source, 0.0), source),
    )
    return [by_source[source] for source in order]


def _fitting(wanted: Sequence[Sequence[Chunk]], budget: int) -> tuple[list[Chunk], list[str]]:
    """Whole files; a smaller one may follow one that does not fit."""
    shown: list[Chunk] = []
    left: list[str] = []
    for file in wanted:
        needed = sum(chunk.tokens + _AROUND for chunk in file)
        if needed > budget:
            left.append(file[0].source)
            continue
        budget -= needed
        shown += file
    return shown, left


async def _all(question: Question, services: AnswerServices) -> list[Chunk]:
    tenant, collection = question.tenant, question.collection
    number = await services.store.count(tenant, collection, question.where)
    if number > _MOST:
        raise InvalidInput(
            f"The collection '{collection}' has {number:,} passages; a map is drawn of "
            f"{_MOST:,} at most. Ask for a part of it with a filter.",
            field="filter",
        )
    scrolled = services.store.scroll(tenant, collection, question.where)
    found = [chunk async for chunk in scrolled]
    if not found:
        raise NotFound(f"There is nothing in the collection '{collection}' that fits.")
    return found


def _left_out(left: Sequence[str]) -> list[str]:
    return [f"Too long to be shown beside the others: {', '.join(left)}."] if left else []


def _stands(source: str, text: str) -> bool:
    names = {source, PurePosixPath(source).name}
    return any(re.search(rf"(?<![\w/]){re.escape(name)}(?!\w)", text) for name in names)
