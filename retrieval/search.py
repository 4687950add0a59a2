"""The retrieval step: embed the question, ask the store, refine, rerank, say how long each took.

Knows the ports only: neither which store nor which models. Does not select what is shown.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from math import inf, nextafter
from time import perf_counter
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from domain.answers import Dropped, SearchResult, StageTime
from domain.errors import InvalidInput, Misconfigured
from domain.filters import Filter
from domain.hits import Adaptive, Convex, Dbsf, Fusion, Hit, HybridQuery, Leg, Rrf
from domain.ports import ChunkStore, Embedder, Reranker
from retrieval.joined import joined
from retrieval.must import Insist, insisted, keep
from retrieval.refine import Refinement, refine
from retrieval.rerank import RerankConfig, Reranked, rerank

if TYPE_CHECKING:
    from domain.vectors import Vector


@dataclass(frozen=True, slots=True)
class SearchConfig:
    limit: int = 8
    depth: int = 50  # candidates a leg
    fusion: Fusion = field(default_factory=Adaptive)
    legs: tuple[Leg, ...] = ("dense", "bm25")
    refinement: Refinement | None = None  # wants standardised scores of both legs
    insist: Insist = "prefer"  # on quoted phrases and codes
    rerank: RerankConfig | None = None


_DEFAULT = SearchConfig(refinement=Refinement())
CONFIGS: Mapping[str, SearchConfig] = MappingProxyType(
    {
        "default": _DEFAULT,
        "dense": SearchConfig(legs=("dense",)),
        "bm25": SearchConfig(legs=("bm25",)),
        "rrf": SearchConfig(fusion=Rrf(k=60, dense_weight=0.5)),
        "dbsf": SearchConfig(fusion=Dbsf()),
        "convex": SearchConfig(fusion=Convex()),
        "adaptive": SearchConfig(fusion=Adaptive()),
        "refined": _DEFAULT,
        "rerank": replace(_DEFAULT, rerank=RerankConfig()),
    }
)


async def search(
    question: str,
    *,
    tenant: str,
    collection: str,
    store: ChunkStore,
    embedder: Embedder,
    reranker: Reranker | None = None,
    config: SearchConfig = _DEFAULT,
    limit: int | None = None,
    where: Filter = (),
    language: str = "",
    others: Sequence[str] = (),
    passage: str = "",
    said: str = "",
    explain: bool = False,
) -> SearchResult:
    """The passages that fit the question best; `limit` overrides the config's.

    `others`: the question in other words. `passage`: what might answer it; its vector counts
    like the question's. `said`: the question as the user put it, if this is not it. `explain`:
    those that were considered and are not among the passages are named, too.
    """
    if not question.strip():
        raise InvalidInput("The question is empty.", field="question")
    if config.rerank and reranker is None:
        raise Misconfigured("There is no reranker. Set FOREBAY_RERANK__PROVIDER.")
    times: list[StageTime] = []
    wanted = limit or config.limit
    queries: list[HybridQuery] = []
    for text in (question, *others):
        vector = None
        if "dense" in config.legs:
            with _timed("embed", times):
                vector = await _vector(text, "" if queries else passage, embedder)
        queries.append(
            HybridQuery(
                vector=vector,
                text=text if "bm25" in config.legs else None,
                limit=_candidates(wanted, config),
                depth=config.depth,
                where=where,
                language=language,
                fusion=config.fusion,
                space=embedder.space if vector is not None else None,
            )
        )
    hits = await _found(question, queries, tenant, collection, store, config.refinement, times)
    reranked = Reranked(hits)
    if config.rerank and reranker:
        with _timed("rerank", times):
            reranked = await rerank(question, hits, reranker, config.rerank)
    kept = keep(insisted(said or question, question), reranked.hits, config.insist)
    hits = _descending(kept.hits)
    return SearchResult(
        tuple(hits[:wanted]),
        tuple(times),
        (*kept.dropped, *(_behind(hits, wanted) if explain else ())),
        (*reranked.notes, *kept.notes),
        reranked.cost_microdollars,
    )


async def _vector(text: str, passage: str, embedder: Embedder) -> "Vector":
    vector = await embedder.embed_query(text)
    if not passage:
        return vector
    both = vector + (await embedder.embed_documents([passage]))[0]
    mean: Vector = both / np.linalg.norm(both)
    return mean


async def _found(
    question: str,
    queries: Sequence[HybridQuery],
    tenant: str,
    collection: str,
    store: ChunkStore,
    refinement: Refinement | None,
    times: list[StageTime],
) -> list[Hit]:
    with _timed("store", times):
        if refinement is None:
            lists = [await store.query(tenant, collection, query) for query in queries]
            return joined(lists)
        found = [await store.query_with_vectors(tenant, collection, query) for query in queries]
    with _timed("refine", times):
        hits = joined([some for some, _ in found])
        vectors = {
            hit.chunk.id: vector
            for some, own in found
            for hit, vector in zip(some, own, strict=True)
        }
        return refine(question, hits, [vectors[hit.chunk.id] for hit in hits], refinement)


def _candidates(wanted: int, config: SearchConfig) -> int:
    refined = config.refinement.among if config.refinement else 0
    return max(wanted, refined, config.rerank.depth if config.rerank else 0)


def _behind(hits: Sequence[Hit], wanted: int) -> Iterator[Dropped]:
    for rank, hit in enumerate(hits[wanted:], start=wanted + 1):
        yield Dropped(hit, f"rank {rank}; {wanted} are shown")


def _descending(hits: Sequence[Hit]) -> list[Hit]:
    """No passage scores below one that it was put before."""
    ordered = list(hits)
    for i in range(len(ordered) - 2, -1, -1):
        if ordered[i].score < ordered[i + 1].score:
            ordered[i] = replace(ordered[i], score=nextafter(ordered[i + 1].score, inf))
    return ordered


@contextmanager
def _timed(stage: str, times: list[StageTime]) -> Iterator[None]:
    start = perf_counter()
    yield
    times.append(StageTime(stage, perf_counter() - start))
