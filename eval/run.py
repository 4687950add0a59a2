"""Runs configurations over data sets: ingest what is new, ask every question, measure."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from answering.ask import Question
from domain.answers import SearchResult
from domain.hits import Hit
from domain.ingestion import IngestRequest, Progress
from eval.data import Dataset, load
from eval.measures import measure
from wiring.services import Services, open_services
from wiring.settings import Settings

_DEPTH = 100  # documents that are ranked, for recall@100
_COLLECTION = "eval"


@dataclass(frozen=True, slots=True)
class RunResult:
    data: str
    config: str
    queries: int
    documents: int
    measures: dict[str, float]
    query_ms_p50: float
    store_ms_p50: float
    embedder: str


@dataclass(frozen=True, slots=True)
class Runs:
    runs: tuple[RunResult, ...]


async def run(
    settings: Settings,
    folders: Sequence[Path],
    configs: Sequence[str],
    on_progress: Callable[[Progress], None],
) -> Runs:
    """Each data set has a data directory of its own, kept, so that a second run is quick."""
    results: list[RunResult] = []
    for dataset in [load(folder) for folder in folders]:
        own = settings.model_copy(update={"data": settings.data / "eval" / dataset.name})
        async with open_services(own, "forebay eval") as services:
            collection = f"{_COLLECTION}-{dataset.name}"
            request = IngestRequest((str(dataset.corpus),), settings.tenant, collection)
            await services.ingest(request, on_progress=on_progress)
            results += [await _run(services, dataset, collection, name) for name in configs]
    return Runs(tuple(results))


async def _run(services: Services, dataset: Dataset, collection: str, config: str) -> RunResult:
    tenant = services.settings.tenant
    ranked: dict[str, dict[str, float]] = {}
    whole, store = [], []
    for query, text in dataset.queries.items():
        start = perf_counter()
        found = await services.search(Question(text, tenant, collection, limit=_DEPTH), config)
        whole.append(perf_counter() - start)
        store.append(_stage(found, "store"))
        ranked[query] = by_document(found.hits)
    documents = await services.state.documents.page(tenant, collection, offset=0, limit=0)
    return RunResult(
        data=dataset.name,
        config=config,
        queries=len(dataset.queries),
        documents=documents.total,
        measures=measure(dataset.qrels, ranked),
        query_ms_p50=statistics.median(whole) * 1000,
        store_ms_p50=statistics.median(store) * 1000,
        embedder=services.embedder.space.model,
    )


def by_document(hits: Iterable[Hit]) -> dict[str, float]:
    """A document is as good as its best chunk."""
    best: dict[str, float] = {}
    for hit in hits:
        source = hit.chunk.source
        best[source] = max(hit.score, best.get(source, hit.score))
    return best


def _stage(result: SearchResult, name: str) -> float:
    return sum(time.seconds for time in result.times if time.stage == name)
