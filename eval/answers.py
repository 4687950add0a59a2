"""Asks every question of a data set as a user would, and measures the answers.

Through the service's own path: search, selection, prompt, model, citations. Knows neither the
measures (eval/answers_score.py) nor where right answers come from (eval/answers_gold.py).
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from answering.examine import Examiner
from answering.question import Question
from domain.answers import Answer, SearchResult
from domain.documents import Chunk
from domain.hits import Hit
from eval import provenance, run
from eval.answers_gold import AnswerSet
from eval.answers_score import judged, scores
from eval.data import Dataset
from eval.judge import Answered, answered, judge
from eval.measures import MAIN, means
from eval.result import Asked, Result, Said, save
from eval.run import Opened, Watch
from wiring.sampling import EVALUATION
from wiring.services import Services, open_services
from wiring.settings import Settings

_WARM_UP = "What is asked before the clock runs?"
_OF_SHOWN = (MAIN, "Shown R", "Span R")  # what rankings are measured by, where that is judged


@dataclass(frozen=True, slots=True)
class AnswersConfig:
    out: Path
    configs: Sequence[str] = ("default",)
    at_once: int = 1  # questions; more than one spoils the latencies
    judge: bool = False  # a model checks as well


@dataclass(frozen=True, slots=True)
class _One:
    """What came of a question."""

    answer: Answer
    ranked: Answered
    measures: Mapping[str, float]
    notes: tuple[str, ...]


async def run_answers(
    settings: Settings, sets: Sequence[AnswerSet], config: AnswersConfig, watch: Watch
) -> list[Result]:
    """Beside the rankings of `run`, in the same data directories."""
    results: list[Result] = []
    for one in sets:
        own = settings.model_copy(update={"data": settings.data / "eval" / one.dataset.name})
        async with open_services(own, "forebay eval", remember=False) as services:
            opened = await run.open_dataset(services, one.dataset, watch)
            opened = replace(opened, dataset=_padded(opened.dataset))
            for name in config.configs:
                results += [await _measure(opened, one, name, config, watch)]
    return results


async def _measure(
    opened: Opened, asked: AnswerSet, name: str, config: AnswersConfig, watch: Watch
) -> Result:
    services, collection = opened.services, opened.collection
    await services.search(_question(opened, _WARM_UP), name)
    start = perf_counter()
    found = await _answers(opened, asked, name, config, watch)
    limit = services.settings.search.limit
    made = replace(
        provenance.made(provenance.settings_of(services, name, collection, limit)),
        ingest_seconds=opened.ingest_seconds,
        seconds=perf_counter() - start,
        cost_microdollars=sum(one.answer.cost_microdollars for one in found.values()),
    )
    ranked = judge(opened.dataset, {query: one.ranked for query, one in found.items()})
    rows = {query: _asked(opened, query, found[query], own) for query, own in ranked.asked.items()}
    result = Result(
        data=asked.name,
        config=name,
        made=made,
        judgements=asked.fingerprint,
        measures=means(row.measures for row in rows.values()),
        asked=rows,
        texts=ranked.texts,
        documents=opened.documents,
        chunks=opened.chunks,
        notes=Counter(note for one in found.values() for note in one.notes),
    )
    save(result, config.out)
    return result


async def _answers(
    opened: Opened, asked: AnswerSet, name: str, config: AnswersConfig, watch: Watch
) -> dict[str, _One]:
    slots = asyncio.Semaphore(config.at_once)
    queries, found = opened.dataset.queries, dict[str, _One]()
    examiner = _examiner(opened.services) if config.judge else None

    async def ask(query: str) -> None:
        async with slots:
            found[query] = await _ask(opened, asked, query, name, examiner)
        watch.asked(asked.name, name, len(found), len(queries))

    await asyncio.gather(*map(ask, queries))
    return {query: found[query] for query in queries}


async def _ask(
    opened: Opened, asked: AnswerSet, query: str, name: str, examiner: Examiner | None
) -> _One:
    gold, relevant = asked.gold[query], frozenset(_relevant(opened, query))
    start = perf_counter()
    answer = await opened.services.ask(_question(opened, opened.dataset.queries[query]), name)
    seconds = perf_counter() - start
    measures, notes = scores(answer, gold, relevant), answer.notes
    if examiner is not None:
        more, missing = await judged(answer, gold, examiner)
        measures |= more
        notes += ("the model gave no verdict that can be read",) * missing
    shown = read(answer, await _pinned(opened, answer))
    ranked = answered(opened.dataset, query, SearchResult(shown, answer.times), shown, seconds)
    return _One(answer, ranked, measures, notes)


def read(answer: Answer, pinned: Sequence[Chunk]) -> tuple[Hit, ...]:
    """All that the model had before it: what was found in the order of finding, pinned or not,
    then what is pinned to every question.
    """
    if not pinned:
        return answer.shown
    ids = {chunk.id for chunk in pinned}
    standing = [one.hit for one in answer.dropped if one.hit.chunk.id in ids]
    found = sorted([*answer.shown, *standing], key=lambda hit: -hit.score)
    known = {hit.chunk.id for hit in found}
    return (*found, *(Hit(chunk, 0.0, {}) for chunk in pinned if chunk.id not in known))


async def _pinned(opened: Opened, answer: Answer) -> Sequence[Chunk]:
    services = opened.services
    return await services.store.chunks(
        services.settings.tenant, opened.collection.name, answer.pinned
    )


def _asked(opened: Opened, query: str, one: _One, ranked: Asked) -> Asked:
    answer, known = one.answer, _relevant(opened, query)
    of_shown = {name: ranked.measures[name] for name in _OF_SHOWN if name in ranked.measures}
    return replace(
        ranked,
        measures={**one.measures, **(of_shown if known else {})},
        said=Said(
            text=answer.text,
            found=answer.found,
            cited=tuple(citation.source for citation in answer.citations),
            cost_microdollars=answer.cost_microdollars,
            input_tokens=answer.usage.input,
            output_tokens=answer.usage.output,
        ),
    )


def _padded(dataset: Dataset) -> Dataset:
    """Rankings of questions that nobody judged are worth nothing, and are left out later."""
    qrels = {query: dataset.qrels.get(query, {}) for query in dataset.queries}
    return replace(dataset, qrels=qrels)


def _relevant(opened: Opened, query: str) -> list[str]:
    grades = opened.dataset.qrels[query]
    return [document for document, grade in grades.items() if grade > 0]


def _examiner(services: Services) -> Examiner:
    return Examiner(services.chat, services.settings.tenant)


def _question(opened: Opened, text: str) -> Question:
    tenant = opened.services.settings.tenant
    return Question(text, tenant, opened.collection.name, endpoint=EVALUATION)
