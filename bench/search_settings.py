"""Which settings of the engine are right at which size: speed and memory beside what they miss.

    python -m bench.search_settings [--passages N …] [--only SETTING …] [--cache FOLDER]

What `bench.search` has written is opened with other settings, which the engine then applies to
it: the engine alone, so that a setting is tried here before the store has it. Each is applied in
one process and asked in another, so that memory is that of asking. Recall is of the vector leg:
how many of the ten nearest are among its first ten.
"""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from time import perf_counter

import numpy as np
import qdrant_edge as edge
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table

from bench.by_hand import Asked, dense, legs
from bench.command import Stopped, run
from bench.corpus import CACHE
from bench.corpus_vectors import Prepared
from bench.search import Memory, Times, written
from bench.search_ask import percentiles, resident
from bench.search_store import COLLECTION, Place, disk

_SIZES = (10_000, 100_000)
LEAST = 0.95  # of the nearest ten that a setting worth having finds
_LIMIT, _DEPTH = 10, 50
_ROUNDS = 2
_WARM = 50  # questions

_COLD, _PINNED = edge.Memory.Cold, edge.Memory.Pinned
_INT8 = edge.ScalarQuantizationConfig(edge.ScalarType.Int8, quantile=0.99, memory=_PINNED)
_BINARY = edge.BinaryQuantizationConfig(memory=_PINNED)
_FOUR_BITS = edge.TurboQuantQuantizationConfig(bits=edge.TurboQuantBitSize.Bits4, memory=_PINNED)


class Way(BaseModel):
    """One way to search."""

    search: str
    hybrid: Times
    dense: Times
    recall: float


class Tried(BaseModel):
    passages: int
    setting: str
    seconds: float  # to apply it
    peak: int  # kilobytes, while that was done
    disk: int  # bytes
    loaded: Memory
    memory: Memory
    asked: list[Way]


@dataclass(frozen=True, slots=True)
class Setting:
    """What differs from plain vectors, all searched; and how is asked."""

    quantization: "edge.QuantizationConfigType | None" = None
    graph: edge.HnswIndexConfig | None = None
    vectors: edge.Memory | None = None
    words: edge.Memory | None = None
    searches: Mapping[str, edge.SearchParams | None] = field(default_factory=lambda: {"": None})

    def config(self, dimensions: int) -> edge.EdgeConfig:
        vectors = edge.EdgeVectorParams(
            dimensions,
            edge.Distance.Cosine,
            quantization_config=self.quantization,
            hnsw_config=self.graph,
            memory=self.vectors,
        )
        words = edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf, memory=self.words)
        # Of any size a segment is made anew, with a graph where one is wanted.
        built = edge.EdgeOptimizersConfig(indexing_threshold=1)
        return edge.EdgeConfig(
            vectors={"dense": vectors}, sparse_vectors={"bm25": words}, optimizers=built
        )


def _rescored(times: float) -> edge.SearchParams:
    rescore = edge.QuantizationSearchParams(rescore=True, oversampling=times)
    return edge.SearchParams(quantization=rescore)


def _graph(m: int, ef_construct: int, memory: edge.Memory | None = None) -> edge.HnswIndexConfig:
    return edge.HnswIndexConfig(m, ef_construct, full_scan_threshold=10_000, memory=memory)


_NO_GRAPH = _graph(0, 100)
_EF = {f"ef {ef}": edge.SearchParams(hnsw_ef=ef) for ef in (100, 256)}
_RESCORE = {
    "not rescored": edge.SearchParams(quantization=edge.QuantizationSearchParams(rescore=False)),
    "rescored": _rescored(1),
    "rescored of ×3": _rescored(3),
}
SETTINGS: dict[str, Setting] = {
    "all vectors": Setting(graph=_NO_GRAPH),
    "all, int8": Setting(_INT8, _NO_GRAPH, searches=_RESCORE),
    "all, 4 bits": Setting(_FOUR_BITS, _NO_GRAPH, searches=_RESCORE),
    "all, 4 bits, vectors on disk": Setting(_FOUR_BITS, _NO_GRAPH, _COLD, searches=_RESCORE),
    "all, binary": Setting(_BINARY, _NO_GRAPH, searches=_RESCORE),
    "graph": Setting(graph=_graph(16, 100), searches=_EF),
    "graph, m 32": Setting(graph=_graph(32, 200), searches=_EF),
    "graph, 4 bits": Setting(_FOUR_BITS, _graph(16, 100), searches=_RESCORE),
    "graph, all on disk": Setting(
        graph=_graph(16, 100, _COLD), vectors=_COLD, words=_COLD, searches=_EF
    ),
}


def main() -> int:
    asked = _arguments()
    if asked.step:
        place = Place(asked.cache, asked.passages[0], 1)
        print(json.dumps(_STEPS[asked.step](place, asked.only[0])))
        return 0
    tried: list[Tried] = []
    try:
        for size in asked.passages:
            place = Place(asked.cache, size, 1)
            written(place)
            for name in asked.only:
                print(f"{size:,}, {name} …", file=sys.stderr)
                tried.append(_try(place, name))
    except Stopped as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        if tried:
            _show(tried)  # those that there are
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--passages", type=int, nargs="+", default=list(_SIZES))
    parser.add_argument("--only", nargs="+", choices=SETTINGS, default=list(SETTINGS))
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--step", choices=_STEPS, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    asked.cache = asked.cache.absolute()
    return asked


def _try(place: Place, name: str) -> Tried:
    said: dict[str, object] = {"passages": place.passages, "setting": name}
    own = ["--cache", str(place.cache), "--passages", str(place.passages), "--only", name]
    for step in _STEPS:
        command = [sys.executable, "-m", "bench.search_settings", "--step", step, *own]
        said |= json.loads(run(command, {}).printed)
    return Tried.model_validate(said)


def apply(place: Place, name: str) -> dict[str, object]:
    shutil.rmtree(_folder(place, name), ignore_errors=True)
    shutil.copytree(_written(place), _folder(place, name))
    config = SETTINGS[name].config(place.prepared().space.dimensions)
    start = perf_counter()
    engine = edge.EdgeShard.load(str(_folder(place, name)), config)
    engine.optimize()
    engine.close()
    seconds = perf_counter() - start
    peak = getrusage(RUSAGE_SELF).ru_maxrss
    return {"seconds": seconds, "peak": peak, "disk": disk(_folder(place, name))}


def ask(place: Place, name: str) -> dict[str, object]:
    prepared = place.prepared()
    nearest = _nearest(place, prepared)
    engine = edge.EdgeShard.load(str(_folder(place, name)))
    loaded = resident()
    asked = [
        {"search": search, **_times(engine, prepared, nearest, params)}
        for search, params in SETTINGS[name].searches.items()
    ]
    memory = resident()
    engine.close()
    shutil.rmtree(_folder(place, name))
    return {"loaded": loaded, "memory": memory, "asked": asked}


def _times(
    engine: edge.EdgeShard,
    prepared: Prepared,
    nearest: list[list[str]],
    params: edge.SearchParams | None,
) -> dict[str, object]:
    questions = list(_questions(prepared, params))
    for one in questions[:_WARM]:
        legs(engine, one)
    hybrid, alone, shares = [], [], []
    for _ in range(_ROUNDS):
        for one, right in zip(questions, nearest, strict=True):
            start = perf_counter()
            legs(engine, one)
            between = perf_counter()
            found = dense(engine, one)
            alone.append(perf_counter() - between)
            hybrid.append(between - start)
            shares.append(len({*found[:_LIMIT]} & {*right}) / _LIMIT)
    recall = float(np.mean(shares))
    return {"hybrid": percentiles(hybrid), "dense": percentiles(alone), "recall": recall}


def _nearest(place: Place, prepared: Prepared) -> list[list[str]]:
    """The right answers, from a search of all; kept."""
    file = place.folder / "nearest.json"
    if not file.is_file():
        engine = edge.EdgeShard.load(str(_written(place)))
        plain = edge.QuantizationSearchParams(ignore=True)
        exact = edge.SearchParams(exact=True, quantization=plain)
        all_ = [dense(engine, one)[:_LIMIT] for one in _questions(prepared, exact)]
        engine.close()
        file.write_text(json.dumps(all_))
    found: list[list[str]] = json.loads(file.read_text())
    return found


def _questions(prepared: Prepared, params: edge.SearchParams | None) -> Iterator[Asked]:
    for text, vector in zip(prepared.questions, prepared.asked, strict=True):
        yield Asked("tenant-0", text, vector, (), _LIMIT, _DEPTH, params)


def _written(place: Place) -> Path:
    return place.folder / "collections" / COLLECTION / "shard"


def _folder(place: Place, name: str) -> Path:
    return place.cache / "variants" / f"{place.passages}-{name}"


_STEPS = {"apply": apply, "ask": ask}


def _show(tried: Sequence[Tried]) -> None:
    title = f"Settings; recall under {LEAST} in brackets"
    columns = "passages|setting|search|hybrid p50, p95 ms|dense p50, p95|recall@10"
    took = "applied in s|peak MB|disk MB|own + files MB, opened|asked"
    table = Table(*columns.split("|"), *took.split("|"), title=title)
    for one in tried:
        for row in one.asked:
            recall = f"{row.recall:.3f}" if row.recall >= LEAST else f"({row.recall:.3f})"
            table.add_row(
                *(f"{one.passages:,}", one.setting, row.search),
                *(f"{way.p50:.2f}, {way.p95:.2f}" for way in (row.hybrid, row.dense)),
                *(recall, f"{one.seconds:.1f}", f"{one.peak / 1024:,.0f}"),
                *(f"{one.disk / 1e6:,.0f}", _mb(one.loaded), _mb(one.memory)),
            )
    Console(width=170).print(table)
    rows = [one.model_dump() for one in tried]
    print(json.dumps({"cores": len(os.sched_getaffinity(0)), "settings": rows}))


def _mb(memory: Memory) -> str:
    return f"{memory.own / 1024:,.0f} + {memory.files / 1024:,.0f}"


if __name__ == "__main__":
    sys.exit(main())
