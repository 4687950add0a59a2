"""Runs configurations over data sets: ingest what is new, ask every question, measure, save.

Uses the service's own ingestion and search. Knows neither the files of labels nor the measures.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from answering.question import Question
from domain.answers import SearchResult
from domain.errors import InvalidInput
from domain.hits import Hit
from domain.ingestion import IngestReport, IngestRequest, Progress
from domain.records import CollectionRecord
from eval import provenance, spans
from eval.data import Dataset
from eval.judge import Answered, Judged, answered, judge
from eval.labels import Spans
from eval.result import Made, Result, file_name, save
from eval.trec import read_run, write_run
from wiring.codec import from_json
from wiring.export import ExportedDocument
from wiring.services import Services, open_services
from wiring.settings import Settings

DEPTH = 100  # passages ranked, for recall@100
_WARM_UP = "What is asked before the clock runs?"  # in no data set: questions may be cached


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told where the run is."""

    ingesting: Callable[[], AbstractContextManager[Callable[[Progress], None]]]
    asked: Callable[[str, str, int, int], None]  # data, config, done, total
    note: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class RunConfig:
    out: Path  # where results and run files go
    configs: Sequence[str] = ("default",)
    depth: int = DEPTH
    at_once: int = 1  # questions; more than one spoils the latencies
    rebuild: bool = False  # make the collections anew; vectors come from the cache
    beside: Sequence[Dataset] = ()  # their collections are asked as well


@dataclass(frozen=True, slots=True)
class Opened:
    """A data set that is ingested, its spans placed in the ingested texts."""

    services: Services
    dataset: Dataset
    judgements: str
    collection: CollectionRecord
    documents: int
    chunks: int
    ingest_seconds: float
    embedded: int  # chunks whose vectors were not in the cache
    further: tuple[str, ...] = ()  # collections that are asked as well


async def run(
    settings: Settings, datasets: Sequence[Dataset], config: RunConfig, watch: Watch
) -> list[Result]:
    """Each data set has a data directory of its own, kept, so that a second run is quick."""
    results: list[Result] = []
    for dataset in datasets:
        own = settings.model_copy(update={"data": settings.data / "eval" / dataset.name})
        async with open_services(own, "forebay eval", remember=False) as services:
            opened = await open_dataset(services, dataset, watch, rebuild=config.rebuild)
            beside = [await open_dataset(services, other, watch) for other in config.beside]
            opened = replace(opened, further=tuple(one.collection.name for one in beside))
            for name in config.configs:
                results += [await measure(opened, name, config, watch)]
    return results


async def open_dataset(
    services: Services,
    dataset: Dataset,
    watch: Watch,
    *,
    collection: str | None = None,
    rebuild: bool = False,
) -> Opened:
    tenant, name = services.settings.tenant, collection or f"eval-{dataset.name}"
    request = IngestRequest(
        (str(dataset.corpus),), tenant, name, prune=True, adopt=True, rebuild=rebuild
    )
    start = perf_counter()
    with watch.ingesting() as listener:
        report = await services.ingest(request, on_progress=listener)
    seconds = perf_counter() - start
    record = await services.state.collections.find(name)
    documents = (await services.state.documents.page(tenant, name, offset=0, limit=0)).total
    if record is None or documents > _held(report):
        raise InvalidInput(
            f"{services.settings.data} holds documents of another data set named "
            f"'{dataset.name}': remove that folder, or set FOREBAY_DATA.",
            field="data",
        )
    if report.failed:
        watch.note(f"{dataset.name}: {len(report.failed)} documents could not be read.")
    placed = await _placed(services, dataset.spans, name, watch)
    return Opened(
        services=services,
        dataset=replace(dataset, spans=placed),
        judgements=dataset.fingerprint,
        collection=record,
        documents=documents,
        chunks=await services.store.count(tenant, name),
        ingest_seconds=seconds,
        embedded=report.embedded,
    )


async def measure(opened: Opened, name: str, config: RunConfig, watch: Watch) -> Result:
    """One configuration over one data set; leaves a result and a run file in `config.out`."""
    await _search(opened, _WARM_UP, name, config.depth)
    start = perf_counter()
    found = await _answers(opened, name, config, watch)
    seconds = perf_counter() - start
    named = provenance.settings_of(opened.services, name, opened.collection, config.depth)
    named |= {"search.further": ", ".join(opened.further)} if opened.further else {}
    made = replace(
        provenance.made(named),
        ingest_seconds=opened.ingest_seconds,
        seconds=seconds,
        cost_microdollars=sum(one.cost_microdollars for one in found.values()),
    )
    judged = judge(opened.dataset, found)
    result = _result(opened.dataset, name, judged, made, opened.judgements)
    notes = Counter(note for one in found.values() for note in one.notes)
    result = replace(result, documents=opened.documents, chunks=opened.chunks, notes=notes)
    for note, times in notes.items():
        watch.note(f"{opened.dataset.name} · {name}, {times} questions: {note}")
    save(result, config.out)
    ranking = {query: one.documents for query, one in found.items()}
    write_run(config.out / f"{file_name(result)}.run", ranking, name)
    return result


def measure_run(dataset: Dataset, path: Path, out: Path) -> Result:
    """What another system found, as its run file says."""
    ranking = read_run(path)
    found = {query: Answered(tuple(ranking.get(query, ()))) for query in dataset.queries}
    made = provenance.made({"run": path.name})
    judged = judge(dataset, found)
    result = _result(dataset, path.stem, judged, made, dataset.fingerprint)
    save(result, out)
    return result


def _result(dataset: Dataset, config: str, judged: Judged, made: Made, judgements: str) -> Result:
    return Result(
        data=dataset.name,
        config=config,
        made=made,
        judgements=judgements,
        measures=judged.measures,
        asked=judged.asked,
        texts=judged.texts,
        lost_spans=spans.lost(dataset.spans),
    )


async def _answers(
    opened: Opened, name: str, config: RunConfig, watch: Watch
) -> dict[str, Answered]:
    dataset, slots = opened.dataset, asyncio.Semaphore(config.at_once)
    found: dict[str, Answered] = {}

    async def ask(query: str) -> None:
        async with slots:
            start = perf_counter()
            result = await _search(opened, dataset.queries[query], name, config.depth)
            seconds = perf_counter() - start
        kept = await opened.services.choose(_question(opened, query), result.hits)
        result = replace(result, hits=_apart(opened, result.hits))
        found[query] = answered(dataset, query, result, _apart(opened, kept.shown), seconds)
        watch.asked(dataset.name, name, len(found), len(dataset.queries))

    await asyncio.gather(*map(ask, dataset.queries))
    return {query: found[query] for query in dataset.queries}


async def _search(opened: Opened, text: str, name: str, depth: int) -> SearchResult:
    question = replace(_question(opened, text), limit=depth)
    return await opened.services.search(question, name)


def _question(opened: Opened, text: str) -> Question:
    tenant = opened.services.settings.tenant
    return Question(text, tenant, opened.collection.name, further=opened.further)


def _apart(opened: Opened, hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """Documents of two collections may have one name."""
    return tuple(
        replace(hit, chunk=replace(hit.chunk, source=f"{hit.collection}/{hit.chunk.source}"))
        if hit.collection in opened.further
        else hit
        for hit in hits
    )


async def _placed(services: Services, gold: Spans, collection: str, watch: Watch) -> Spans:
    if not gold:
        return gold
    wanted = {span.source for own in gold.values() for span in own}
    texts: dict[str, str] = {}
    async for block in services.export(collection, services.settings.tenant, "documents"):
        for line in block.splitlines():
            document = from_json(ExportedDocument, line)
            if document.file in wanted:
                texts[document.file] = document.text
    placed = spans.place(gold, texts)
    if lost := spans.lost(placed):
        watch.note(f"{collection}: {lost} gold spans are in no ingested text and count as missed.")
    return placed


def _held(report: IngestReport) -> int:
    return len(report.outcomes) - report.count("removed")
