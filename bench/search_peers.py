"""Hybrid search beside LlamaIndex, Haystack and txtai: the same chunks, vectors and questions.

    python -m bench.search_peers --data FOLDER [--questions N] [--peers FOLDER] [--cache FOLDER]

`--data`: a data set in BEIR's layout. It is ingested as `forebay ingest` does it, and what came of
it, chunks and vectors, is what the others index. Nobody embeds a question while the clock runs:
each has its vector ready. Quality stands beside the time.
"""

import argparse
import asyncio
import json
import os
import platform
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import perf_counter

import numpy as np
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table

from answering.question import Question
from bench.command import Stopped
from bench.corpus import CACHE
from bench.known import Known
from bench.peers.environment import SEARCHERS, Peers, prepare
from domain.documents import Chunk
from domain.ingestion import IngestRequest
from eval.data import Dataset, load
from eval.measures import MAIN, means, measure
from wiring.configs import search_config
from wiring.services import Services, open_services
from wiring.settings import Settings

BAR = 50.0  # times faster than the fastest peer
OURS = "Forebay"
CONFIGS = {OURS: "default", f"{OURS}, fused by rank alone": "rrf"}  # as the peers fuse
_ROUNDS = 2  # the less disturbed of them counts
_LIMIT = 10
_WARM = 20  # questions
_COLLECTION = "bench"


class Searched(BaseModel):
    """One round of one system."""

    built: float = 0.0  # seconds, to index in memory
    seconds: list[float]  # a question each
    found: list[list[str]]  # chunks, best first, a question each

    @property
    def p50(self) -> float:
        return float(np.percentile(self.seconds, 50)) * 1000

    @property
    def p95(self) -> float:
        return float(np.percentile(self.seconds, 95)) * 1000


@dataclass(frozen=True, slots=True)
class Given:
    """What everybody searches."""

    dataset: Dataset
    folder: Path
    sources: Mapping[str, str]  # by chunk
    known: Known


@dataclass(frozen=True, slots=True)
class Row:
    system: str
    p50_ms: float
    p95_ms: float
    times_ours: float
    ndcg_10: float
    built_s: float


async def compare(asked: argparse.Namespace) -> tuple[Given, list[Row]]:
    dataset = load(asked.data, asked.questions)
    folder = asked.cache / "search-peers" / dataset.name
    theirs = Peers(prepare(asked.peers))
    settings = Settings(data=folder)
    async with open_services(settings, "bench.search_peers") as opened:
        given = await _given(opened, dataset, folder)
        services = replace(opened, embedder=given.known)
        depth = search_config(settings, "default").depth
        arguments = ["--folder", str(folder), "--limit", str(_LIMIT), "--depth", str(depth)]
        rounds: dict[str, list[Searched]] = {name: [] for name in (*CONFIGS, *SEARCHERS)}
        for _ in range(_ROUNDS):
            for name, config in CONFIGS.items():
                rounds[name].append(await _ours(services, given, config))
            for peer in SEARCHERS:
                print(f"{peer} …", file=sys.stderr)
                said = await asyncio.to_thread(theirs.search, peer, arguments)
                rounds[peer].append(Searched.model_validate_json(said))
    best = {name: min(some, key=lambda one: one.p50) for name, some in rounds.items()}
    best[f"{OURS}, when new"] = rounds[OURS][0]  # later it has passages at hand that it found
    return given, list(_rows(given, best))


def main() -> int:
    asked = _arguments()
    try:
        given, rows = asyncio.run(compare(asked))
    except Stopped as error:
        print(error, file=sys.stderr)
        return 1
    fastest = min(row.times_ours for row in rows if row.system in SEARCHERS)
    _show(given, rows, fastest)
    return int(fastest < BAR)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--peers", type=Path, help="folder of the peers' environment")
    parser.add_argument("--cache", type=Path, default=CACHE)
    asked = parser.parse_args()
    asked.cache = asked.cache.absolute()
    return asked


async def _given(services: Services, dataset: Dataset, folder: Path) -> Given:
    tenant = services.settings.tenant
    request = IngestRequest((str(dataset.corpus),), tenant, _COLLECTION)
    print(f"Ingesting {dataset.corpus.name} of {dataset.name} …", file=sys.stderr)
    await services.ingest(request)
    chunks = [chunk async for chunk in services.store.scroll(tenant, _COLLECTION)]
    chunks.sort(key=lambda chunk: (chunk.source, chunk.position))
    texts = [chunk.embedded_text for chunk in chunks]
    space = services.embedder.space
    vectors = await services.vectors.find(space, texts)
    if missing := set(texts) - vectors.keys():
        raise Stopped(f"{len(missing)} vectors are not in {folder}: delete it and start again.")
    questions = list(dict.fromkeys(dataset.queries.values()))
    asked = {text: await services.embedder.embed_query(text) for text in questions}
    _write(folder / "chunks", _plain(chunks), [vectors[text] for text in texts])
    _write(folder / "questions", ({"text": text} for text in questions), list(asked.values()))
    sources = {chunk.id: chunk.source for chunk in chunks}
    return Given(dataset, folder, sources, Known(space, asked))


def _plain(chunks: Iterable[Chunk]) -> Iterator[dict[str, str]]:
    return ({"id": chunk.id, "text": chunk.embedded_text} for chunk in chunks)


def _write(path: Path, rows: Iterable[dict[str, str]], vectors: Sequence[object]) -> None:
    lines = (f"{json.dumps(row)}\n" for row in rows)
    path.with_suffix(".jsonl").write_text("".join(lines), "utf-8")
    np.save(path.with_suffix(".npy"), np.array(vectors, dtype=np.float32))


async def _ours(services: Services, given: Given, config: str) -> Searched:
    seconds, found = [], []
    questions = list(given.known.vectors)
    for text in [*questions[:_WARM], *questions]:
        question = Question(text, services.settings.tenant, _COLLECTION, limit=_LIMIT)
        start = perf_counter()
        result = await services.search(question, config)
        seconds.append(perf_counter() - start)
        found.append([hit.chunk.id for hit in result.hits])
    warm = len(questions[:_WARM])
    return Searched(seconds=seconds[warm:], found=found[warm:])


def _rows(given: Given, best: Mapping[str, Searched]) -> Iterator[Row]:
    for name, one in best.items():
        times = one.p50 / best[OURS].p50
        yield Row(name, one.p50, one.p95, times, _ndcg(given, one), one.built)


def _ndcg(given: Given, searched: Searched) -> float:
    """A document stands where its best chunk does."""
    by_text = dict(zip(given.known.vectors, searched.found, strict=True))
    ranking = {
        query: list(dict.fromkeys(given.sources[chunk] for chunk in by_text[text]))
        for query, text in given.dataset.queries.items()
    }
    return means(measure(given.dataset.qrels, ranking).values())[MAIN]


def _show(given: Given, rows: Sequence[Row], fastest: float) -> None:
    what = f"{len(given.sources):,} chunks of {given.dataset.name}"
    title = f"{len(given.dataset.queries)} questions to {what}, {_LIMIT} hits each"
    columns = "p50 ms|p95 ms|times Forebay's|nDCG@10|indexed in s"
    table = Table("", *columns.split("|"), title=title)
    for row in rows:
        numbers = (f"{row.p50_ms:.2f}", f"{row.p95_ms:.2f}", f"{row.times_ours:.1f}")
        built = f"{row.built_s:.1f}" if row.built_s else ""
        table.add_row(row.system, *numbers, f"{row.ndcg_10:.3f}", built)
    met = "met" if fastest >= BAR else "MISSED"
    console = Console(width=120)
    console.print(table, f"Bar: the fastest peer takes at least {BAR:.0f} times as long: {met}.")
    facts = {"cores": len(os.sched_getaffinity(0)), "python": platform.python_version()}
    data = {"data": given.dataset.name, "chunks": len(given.sources)}
    figures = {"bar": BAR, "fastest_peer": fastest, "rows": [asdict(row) for row in rows]}
    print(json.dumps({**facts, **data, **figures}))


if __name__ == "__main__":
    sys.exit(main())
