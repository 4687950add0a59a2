"""Measures every cell of a grid of settings on every data set, each cell once.

Collections are kept, one for each way of chunking, and share the vectors of equal texts. Cells
that find alike and only show otherwise are searched for once. Prints nothing, chooses nothing.
"""

from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from time import perf_counter

from answering.question import Question
from domain.answers import SearchResult
from domain.hits import Hit
from eval import provenance
from eval.budget import document_recall, span_scores
from eval.data import Dataset
from eval.measures import MAIN, Scores, means, measure
from eval.result import Asked, Made, Result, read, save_as
from eval.run import Opened, Watch, open_dataset
from eval.sweep_grid import Cell
from eval.sweep_plan import Plan, by_chunking, by_opening, named, ranked, searches
from wiring.services import open_services
from wiring.settings import ChunkSettings, Settings

_RANKING = (MAIN, "RR@10", "R@10")  # of the measures; the others look further down
_EMBED = "embed"  # the stage: the vector of a question is the same in every cell
_TOGETHER = 8  # searches that are timed side by side; what was measured is saved behind them
_WARM_UP = "What is asked before the clock runs?"  # in no data set


@dataclass(frozen=True, slots=True)
class Measured:
    results: Mapping[str, Mapping[str, Result]]  # by data set, then by cell
    chunks: int  # of the collections that were opened
    embedded: int  # of these, those whose vectors had to be made
    kept: int  # results that were there before


@dataclass(slots=True)
class _Search:
    """Cells that find alike, and what came of the questions so far."""

    cells: list[Cell]
    rankings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    asked: dict[str, dict[str, Asked]] = field(default_factory=lambda: defaultdict(dict))  # by cell
    notes: Counter[str] = field(default_factory=Counter)
    cost: int = 0  # microdollars


async def sweep(settings: Settings, plans: Sequence[Plan], made: Made, watch: Watch) -> Measured:
    """What was interrupted goes on behind the last cell that was measured."""
    chunks = embedded = 0
    notes: Counter[str] = Counter()
    tell = _counting(watch, sum(one.questions for one in plans))
    for one in plans:
        if not one.missing:
            continue
        async with aclosing(_collections(one, settings, watch)) as collections:
            async for opened, cells in collections:
                chunks, embedded = chunks + opened.chunks, embedded + opened.embedded
                for some in _few(searches(cells)):
                    for result in await _measured(opened, some, made, tell):
                        save_as(result, one.files[result.config])
                        notes.update(f"{result.data}: {note}" for note in result.notes)
    for note, times in notes.items():
        watch.note(f"in {times} combinations: {note}")
    kept = sum(len(one.files) - len(one.missing) for one in plans)
    return Measured({one.dataset.name: _read(one) for one in plans}, chunks, embedded, kept)


def _read(one: Plan) -> dict[str, Result]:
    """A cell may have been measured in another grid, under another name."""
    return {name: replace(read(file), config=name) for name, file in one.files.items()}


async def _collections(
    one: Plan, settings: Settings, watch: Watch
) -> AsyncGenerator[tuple[Opened, list[Cell]], None]:
    """One after the other, with the cells that are measured on each."""
    data = settings.data / "eval" / one.dataset.name
    for alike in by_opening(one.missing):
        own = alike[0].settings.model_copy(update={"data": data})
        async with open_services(own, "forebay eval") as services:  # which remembers questions
            for cells in by_chunking(alike):
                chunk = _on_purpose(cells[0].settings.chunk)
                chunked = replace(services, settings=own.model_copy(update={"chunk": chunk}))
                name = _collection(one.dataset.name, chunk)
                yield await open_dataset(chunked, one.dataset, watch, collection=name), cells


def _on_purpose(chunk: ChunkSettings) -> ChunkSettings:
    """So that a collection which was chunked otherwise changes."""
    return ChunkSettings(max_tokens=chunk.max_tokens, overlap=chunk.overlap)


def _collection(data: str, chunk: ChunkSettings) -> str:
    """The default's is that of `eval run`."""
    sizes, usual = (chunk.max_tokens, chunk.overlap), ChunkSettings()
    is_usual = sizes == (usual.max_tokens, usual.overlap)
    return f"eval-{data}" if is_usual else f"eval-{data}-{sizes[0]}-{sizes[1]}"


def _few(found: Sequence[list[Cell]]) -> Iterator[list[_Search]]:
    for start in range(0, len(found), _TOGETHER):
        yield [_Search(cells) for cells in found[start : start + _TOGETHER]]


async def _measured(
    opened: Opened, some: list[_Search], made: Made, tell: Callable[[str], None]
) -> list[Result]:
    """Each question is asked of all before the next: so a busy minute of the machine hits all."""
    await _search(opened, some[0].cells[0], _WARM_UP)
    for number, query in enumerate(opened.dataset.queries):
        first = number % len(some)  # in turn, since what is asked again is found more quickly
        for one in (*some[first:], *some[:first]):
            await _ask(opened, one, query)
            tell(opened.dataset.name)
    return [result for one in some for result in _results(opened, one, made)]


async def _ask(opened: Opened, one: _Search, query: str) -> None:
    """It is searched for once, and each cell chooses what is shown."""
    text = opened.dataset.queries[query]
    start = perf_counter()
    result = await _search(opened, one.cells[0], text)
    searching = perf_counter() - start
    searching -= sum(time.seconds for time in result.times if time.stage == _EMBED)
    one.rankings[query] = tuple(dict.fromkeys(hit.chunk.source for hit in result.hits))
    one.notes.update(result.notes)
    one.cost += result.cost_microdollars
    for cell in one.cells:
        services = replace(opened.services, settings=cell.settings)
        start = perf_counter()
        kept = (await services.choose(_question(opened, text), result.hits)).shown
        one.asked[cell.name][query] = Asked(
            question=text,
            measures=_of_shown(opened.dataset, query, kept),
            top=(),
            gold=(),
            seconds=searching + perf_counter() - start,
            tokens=sum(hit.chunk.tokens for hit in kept),
        )


async def _search(opened: Opened, cell: Cell, text: str) -> SearchResult:
    services = replace(opened.services, settings=cell.settings)
    return await services.search(replace(_question(opened, text), limit=ranked(cell.settings)))


def _of_shown(dataset: Dataset, query: str, hits: Sequence[Hit]) -> Scores:
    relevant = frozenset(name for name, grade in dataset.qrels[query].items() if grade > 0)
    measures = {"Shown R": document_recall(hits, relevant)}
    if dataset.spans.keys() >= dataset.queries.keys():
        measures["Span R"] = span_scores(hits, dataset.spans[query])[0]
    return measures


def _results(opened: Opened, one: _Search, made: Made) -> Iterator[Result]:
    scores = measure(opened.dataset.qrels, one.rankings)
    for cell in one.cells:
        asked = {
            query: replace(own, measures={**_of_ranking(scores[query]), **own.measures})
            for query, own in one.asked[cell.name].items()
        }
        yield Result(
            data=opened.dataset.name,
            config=cell.name,
            made=replace(
                made,
                at=provenance.now(),
                settings=named(cell.settings),
                ingest_seconds=opened.ingest_seconds,
                cost_microdollars=one.cost,
            ),
            judgements=opened.judgements,
            measures=means(own.measures for own in asked.values()),
            asked=asked,
            texts={},
            documents=opened.documents,
            chunks=opened.chunks,
            notes=one.notes,
        )


def _of_ranking(scores: Scores) -> Scores:
    return {name: scores[name] for name in _RANKING}


def _question(opened: Opened, text: str) -> Question:
    return Question(text, opened.services.settings.tenant, opened.collection.name)


def _counting(watch: Watch, total: int) -> Callable[[str], None]:
    numbers = iter(range(1, total + 1))
    return lambda data: watch.asked(data, "sweep", next(numbers), total)
