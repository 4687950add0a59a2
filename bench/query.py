"""What a hybrid query costs through the chunk store, against the same one given to the engine.

Both search the same Qdrant Edge shard for the same questions, in turns. Vectors are random
unit vectors: only the store is measured, for which it is all one what they mean. A third way
takes a worker thread, as queries over larger collections do.
"""

import asyncio
import gzip
import json
import os
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import perf_counter

import numpy as np
import qdrant_edge as edge
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from domain.documents import Chunk, EmbeddedChunk
from domain.hits import HybridQuery, Rrf
from domain.ids import chunk_id, document_id
from domain.vectors import VectorSpace
from retrieval.bm25 import question_words
from retrieval.edge import EdgeStore
from retrieval.shard_points import RESCORED

BAR = 1.5
QUERIES, ROUNDS = 300, 5
LIMIT, DEPTH = 10, 50
TENANT, COLLECTION = "bench", "bench"
SPACE = VectorSpace("random unit vectors", 384, "random")
DATA = Path(os.environ.get("FOREBAY_BENCH_DATA", "../shared/data/scifact-train"))

Vectors = NDArray[np.float32]


@dataclass
class Times:
    """Seconds of each call, one list a way of asking."""

    awaited: list[float] = field(default_factory=list)
    threaded: list[float] = field(default_factory=list)
    straight: list[float] = field(default_factory=list)
    alike: list[float] = field(default_factory=list)  # share of equal hits, not seconds


@dataclass(frozen=True)
class Figures:
    chunks: int
    queries: int
    rounds: int
    vectors: str
    awaited_ms_p50: float
    awaited_ms_p95: float
    threaded_ms_p50: float
    threaded_ms_p95: float
    straight_ms_p50: float
    straight_ms_p95: float
    ratio_p50: float
    ratio_p95: float
    same_hits: float
    bar: float = BAR


def main() -> int:
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else DATA
    if not (data / "corpus.jsonl.gz").is_file():
        print(f"No corpus.jsonl.gz in {data}: name a folder, or set FOREBAY_BENCH_DATA.")
        return 2
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(measure(data, Path(folder)))
    show(figures)
    print(json.dumps(asdict(figures)))
    return int(figures.ratio_p50 > BAR)


async def measure(data: Path, folder: Path) -> Figures:
    chunks, questions = read(data)
    store = EdgeStore(folder)
    await store.open_collection(COLLECTION, SPACE, chunks)
    vectors = directions(len(chunks), seed=1)
    embedded = [EmbeddedChunk(c, v) for c, v in zip(chunks, vectors, strict=True)]
    await store.upsert(TENANT, COLLECTION, embedded)
    times = Times()
    asked = list(zip(questions, directions(len(questions), seed=2), strict=True))
    await ask_all(store, asked[:50], Times())  # warm
    for _ in range(ROUNDS):
        await ask_all(store, asked, times)
    await store.close()
    return summary(times, len(chunks), len(questions))


async def ask_all(store: EdgeStore, asked: list[tuple[str, Vectors]], times: Times) -> None:
    shard = store._shard(COLLECTION)  # noqa: SLF001 - only one process and one handle can hold it
    for text, vector in asked:
        query = HybridQuery(vector, text, limit=LIMIT, depth=DEPTH, fusion=Rrf(), space=SPACE)
        start = perf_counter()
        hits = await store.query(TENANT, COLLECTION, query)
        times.awaited.append(perf_counter() - start)
        start = perf_counter()
        await store._read(COLLECTION, lambda one: one.query(TENANT, query))  # noqa: B023, SLF001 - see above
        times.threaded.append(perf_counter() - start)
        start = perf_counter()
        found = straight(shard.engine, text, vector)
        times.straight.append(perf_counter() - start)
        ours = {hit.chunk.id for hit in hits}
        times.alike.append(len(ours & set(found)) / len(ours))


def straight(engine: edge.EdgeShard, text: str, vector: Vectors) -> list[str]:
    """The engine's own fused query, with the payload read, as one would write it by hand."""
    tenant = edge.Filter(must=[edge.FieldCondition("tenant", match=edge.MatchValue(TENANT))])
    words = question_words(text)
    dense = edge.Query.Nearest(vector, using="dense")  # type: ignore[arg-type]  # takes arrays
    bm25 = edge.Query.Nearest(words, using="bm25")
    own_idf = edge.SearchParams(idf=edge.IdfParams(corpus=tenant))
    points = engine.query(
        edge.QueryRequest(
            limit=LIMIT,
            prefetches=[
                edge.Prefetch(DEPTH, query=dense, filter=tenant, params=RESCORED),
                edge.Prefetch(DEPTH, query=bm25, filter=tenant, params=own_idf),
            ],
            query=edge.Fusion.Rrf(k=60),  # type: ignore[arg-type]  # the stubs nest it oddly
            with_payload=True,
        )
    )
    return [(point.payload or {})["id"] for point in points]


def read(data: Path) -> tuple[list[Chunk], list[str]]:
    with gzip.open(data / "corpus.jsonl.gz", "rt", encoding="utf-8") as lines:
        chunks = [chunk(json.loads(line)) for line in lines]
    with (data / "queries.jsonl").open(encoding="utf-8") as lines:
        questions = [json.loads(line)["text"] for line in lines]
    return chunks, questions[:QUERIES]


def chunk(row: dict[str, str]) -> Chunk:
    source, text = row["_id"], row["text"]
    document = document_id(TENANT, COLLECTION, source)
    return Chunk(
        id=chunk_id(document, "1", 0),
        document_id=document,
        version="1",
        position=0,
        source=source,
        title=row.get("title", ""),
        text=text,
        start=0,
        end=len(text),
    )


def directions(count: int, *, seed: int) -> Vectors:
    vectors = np.random.default_rng(seed).normal(size=(count, SPACE.dimensions))
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / lengths, dtype=np.float32)


def summary(times: Times, chunks: int, queries: int) -> Figures:
    def ms(values: list[float], percentile: int) -> float:
        return round(float(np.percentile(values, percentile)) * 1000, 3)

    return Figures(
        chunks=chunks,
        queries=queries,
        rounds=ROUNDS,
        vectors=SPACE.model,
        awaited_ms_p50=ms(times.awaited, 50),
        awaited_ms_p95=ms(times.awaited, 95),
        threaded_ms_p50=ms(times.threaded, 50),
        threaded_ms_p95=ms(times.threaded, 95),
        straight_ms_p50=ms(times.straight, 50),
        straight_ms_p95=ms(times.straight, 95),
        ratio_p50=round(ms(times.awaited, 50) / ms(times.straight, 50), 3),
        ratio_p95=round(ms(times.awaited, 95) / ms(times.straight, 95), 3),
        same_hits=round(float(np.mean(times.alike)), 3),
    )


def show(f: Figures) -> None:
    title = f"{f.queries} hybrid queries over {f.chunks} chunks, {f.rounds} rounds ({f.vectors})"
    table = Table("", "p50 ms", "p95 ms", "p50 ratio", title=title)
    rows = (
        ("awaited: store.query", f.awaited_ms_p50, f.awaited_ms_p95),
        ("the same through a thread", f.threaded_ms_p50, f.threaded_ms_p95),
        ("straight to Qdrant Edge", f.straight_ms_p50, f.straight_ms_p95),
    )
    for name, p50, p95 in rows:
        table.add_row(name, f"{p50:.3f}", f"{p95:.3f}", f"{p50 / f.straight_ms_p50:.2f}")
    Console().print(
        table, f"Bar: awaited at most {BAR} times straight. Same hits: {f.same_hits:.1%}"
    )


if __name__ == "__main__":
    sys.exit(main())
