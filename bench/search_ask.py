"""Asks one collection of the corpus: through the services, through the port, and by hand.

    python -m bench.search_ask CACHE PASSAGES TENANTS

Prints JSON: milliseconds by filter and by way, askers at once, memory, and the time to open.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import perf_counter

import numpy as np
import qdrant_edge as edge
from numpy.typing import NDArray

from answering.question import Question
from bench.by_hand import Asked, Way, fused, legs
from bench.corpus_vectors import Prepared
from bench.known import Known
from bench.search_store import COLLECTION, PACKAGE, Place
from domain.filters import Equals, Exists, Filter, Range
from domain.hits import Fusion, HybridQuery, Rrf
from domain.vectors import VectorSpace
from retrieval.edge import EdgeStore
from wiring.configs import search_config
from wiring.services import Services, open_services

FILTERS: dict[str, Filter] = {
    "": (),
    "text": (Equals("package", PACKAGE),),
    "boolean": (Equals("python", value=True),),
    "number": (Range("chosen", gte=0.5),),
    "exists": (Exists("manual"),),
}
ASKERS = (1, 2, 4)
_AGAIN = 2  # times each question comes after the first
_WARM, _LEAST = 10, 5  # questions
_LONGEST = 30.0  # seconds that one filter may take, either time, when there are a few answers

Vectors = NDArray[np.float32]


async def ask(place: Place) -> dict[str, object]:
    prepared = place.prepared()
    known = dict(zip(prepared.questions, prepared.asked, strict=True))
    before = resident()
    start = perf_counter()
    async with open_services(place.settings) as opened:
        services = replace(opened, embedder=Known(prepared.space, known))
        await services.search(_question(place, 0, prepared.questions[0], ()))
        seconds = perf_counter() - start
        loaded = resident()
        rows = []
        for name, where in FILTERS.items():
            rows.append({"filter": name, **await _in_turns(place, services, prepared, where)})
        after = resident()
        askers = {str(n): await _together(place, services, prepared, n) for n in ASKERS}
        share, alike = await _share(place, services), await _alike(place, services, prepared)
    return {
        "load_seconds": seconds,
        "memory": {"empty": before, "loaded": loaded, "asked": after},
        "filter_share": share,
        "same_hits": alike,
        "rows": rows,
        "askers": askers,
    }


async def _in_turns(
    place: Place, services: Services, prepared: Prepared, where: Filter
) -> dict[str, object]:
    """Milliseconds at the middle and at the 95th part, a way of asking each; and of the search
    when a question comes for the first time. No way asks what another has just asked: it would
    find all that it touches in the processor's caches.
    """
    ways = {
        "search": partial(_search, services, where),
        "store": partial(_store, services, prepared.space, where),
        "fused": partial(_straight, services, fused, where),
        "legs": partial(_straight, services, legs, where),
    }
    times: dict[str, list[float]] = {name: [] for name in ("first", *ways)}
    asked = list(enumerate(zip(prepared.questions, prepared.asked, strict=True)))
    apart = len(asked) // len(ways)

    async def timed(name: str, way: Callable[..., Awaitable[object]], turn: int) -> None:
        number, (text, vector) = asked[turn % len(asked)]
        start = perf_counter()
        await way(place.tenant(number), text, vector)
        times[name].append(perf_counter() - start)

    for turn in _in_time(len(asked)):
        await timed("first", ways["search"], turn)
    for turn in _in_time(_AGAIN * len(asked)):
        for place_in_turn, (name, way) in enumerate(ways.items()):
            await timed(name, way, turn + apart * place_in_turn)
    return {name: percentiles(some[_WARM:]) for name, some in times.items()}


def _in_time(turns: int) -> Iterator[int]:
    until = perf_counter() + _LONGEST
    for turn in range(turns):
        if turn > _WARM + _LEAST and perf_counter() > until:
            return
        yield turn


async def _alike(place: Place, services: Services, prepared: Prepared) -> float:
    """How many of the store's hits the engine finds too, when both fuse alike."""
    shares = []
    for number, text in enumerate(prepared.questions):
        tenant, vector = place.tenant(number), prepared.asked[number]
        ours = await _store(services, prepared.space, (), tenant, text, vector, fusion=Rrf())
        theirs = await _straight(services, fused, (), tenant, text, vector)
        shares.append(len({*ours} & {*theirs}) / max(1, len(ours)))
    return round(float(np.mean(shares)), 3)


async def _together(
    place: Place, services: Services, prepared: Prepared, askers: int
) -> dict[str, float]:
    """So many ask at once, each the next question when it has its answer."""
    times: list[float] = []
    left = iter(list(enumerate(prepared.questions)) * (1 + _AGAIN))

    async def one() -> None:
        for number, text in left:
            start = perf_counter()
            await services.search(_question(place, number, text, ()))
            times.append(perf_counter() - start)

    start = perf_counter()
    await asyncio.gather(*(one() for _ in range(askers)))
    return {**percentiles(times), "a_second": round(len(times) / (perf_counter() - start))}


async def _search(
    services: Services, where: Filter, tenant: str, text: str, _: Vectors
) -> list[str]:
    question = Question(text, tenant, COLLECTION, where)
    return [hit.chunk.id for hit in (await services.search(question)).hits]


async def _store(
    services: Services,
    space: VectorSpace,
    where: Filter,
    tenant: str,
    text: str,
    vector: Vectors,
    fusion: Fusion | None = None,
) -> list[str]:
    limit, depth = _numbers(services)
    query = HybridQuery(vector, text, limit=limit, depth=depth, where=where, space=space)
    if fusion is not None:
        query = replace(query, fusion=fusion)
    return [hit.chunk.id for hit in await services.store.query(tenant, COLLECTION, query)]


async def _straight(
    services: Services, way: Way, where: Filter, tenant: str, text: str, vector: Vectors
) -> list[str]:
    return way(_engine(services), Asked(tenant, text, vector, where, *_numbers(services)))


def _engine(services: Services) -> edge.EdgeShard:
    assert isinstance(services.store, EdgeStore)
    return services.store._shard(COLLECTION).engine  # noqa: SLF001 - only one handle can hold it


def _numbers(services: Services) -> tuple[int, int]:
    config = search_config(services.settings, "default")
    return config.limit, config.depth


def _question(place: Place, number: int, text: str, where: Filter) -> Question:
    return Question(text, place.tenant(number), COLLECTION, where)


async def _share(place: Place, services: Services) -> float:
    """Of the first tenant's chunks."""
    tenant = place.tenant(0)
    some = await services.store.count(tenant, COLLECTION, FILTERS["boolean"])
    return round(some / await services.store.count(tenant, COLLECTION), 4)


def percentiles(seconds: list[float]) -> dict[str, float]:
    p50, p95 = (round(float(np.percentile(seconds, p)) * 1000, 3) for p in (50, 95))
    return {"p50": p50, "p95": p95}


def resident() -> dict[str, int]:
    """Kilobytes of this process: its own, and those of files that the kernel may drop."""
    lines = map(str.split, Path("/proc/self/status").read_text().splitlines())
    sizes = {words[0]: int(words[1]) for words in lines if words[0].startswith("Rss")}
    return {"own": sizes["RssAnon:"], "files": sizes["RssFile:"]}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(ask(Place.from_arguments()))))
