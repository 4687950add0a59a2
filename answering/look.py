"""A search: the passages for a question, or for many in one call.

Where it is asked for, the question is read first and what a model would be shown is selected, as
`ask` does for an answer. Knows no answer, and no conversation.
"""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import perf_counter

from answering.find import SPARE, chosen_of, find, understood
from answering.question import AnswerServices, Question
from answering.stages import Stages
from answering.understand import Searched
from domain.answers import SearchResult, StageTime
from domain.asking import asking
from domain.errors import ForebayError, InvalidInput
from gateway.embed.questions import RememberedQuestions

_AT_ONCE = 8  # of many: between them others have their turn


@dataclass(frozen=True, slots=True)
class LookConfig:
    reads: bool = False  # as `AnswerConfig.understand` says
    selects: bool = False  # as `AnswerConfig.select` says


@dataclass(frozen=True, slots=True)
class Looked:
    """In the order of the questions. `times` are of what was done for all of them together."""

    results: tuple[SearchResult | ForebayError, ...]
    times: tuple[StageTime, ...]


async def look(question: Question, services: AnswerServices, config: LookConfig) -> SearchResult:
    if not (config.reads or config.selects):
        return await find(question, services)
    stages = Stages()
    read = Searched((question.text,))
    if config.reads:
        with stages.stage("understand"):
            read = await understood(question, (), services)
    limit = question.limit or services.config.search.limit
    wanted = SPARE * limit if config.selects else limit
    result = await find(replace(question, limit=wanted), services, read)
    stages.add(*result.times)
    hits, dropped = result.hits, result.dropped
    if config.selects:
        with stages.stage("select"):
            chosen = await chosen_of(hits, replace(question, limit=limit), services)
        hits, dropped = chosen.shown, (*dropped, *chosen.dropped)
    return SearchResult(
        hits,
        stages.times,
        dropped,
        (*read.notes, *result.notes),
        result.cost_microdollars + read.cost_microdollars,
    )


async def look_for_all(
    questions: Sequence[Question], services: AnswerServices, config: LookConfig
) -> Looked:
    """Embedded in one run; what is wrong with one question stands in the place of its result."""
    start = perf_counter()
    known = RememberedQuestions(services.embedder, sys.maxsize)
    if "dense" in services.config.search.legs:
        await _embed(questions, known)
    times = (StageTime("embed", perf_counter() - start),)
    own = replace(services, embedder=known)
    slots = asyncio.Semaphore(_AT_ONCE)

    async def one(question: Question) -> SearchResult | ForebayError:
        async with slots:
            try:
                return await look(question, own, config)
            except ForebayError as error:
                return error

    async with asyncio.TaskGroup() as group:
        running = [group.create_task(one(question)) for question in questions]
    return Looked(tuple(task.result() for task in running), times)


async def _embed(questions: Sequence[Question], known: RememberedQuestions) -> None:
    try:
        with asking(questions[0].account):
            await known.embed_queries([question.text for question in questions])
    except InvalidInput:  # of one question: each is embedded alone then, and says so itself
        return
