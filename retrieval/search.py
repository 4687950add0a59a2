"""The retrieval step: embed the question, ask the store, refine, boost, rerank, keep the time.

Knows the ports only: neither which store nor which models. Does not select what is shown.
"""

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import inf, nextafter
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from domain.answers import Dropped, SearchResult, StageTime
from domain.boosts import Boosts
from domain.errors import InvalidInput, Misconfigured, ModelError
from domain.filters import Filter
from domain.hits import Hit, HybridQuery, Leg
from domain.ports import ChunkStore, Embedder, Reranker, SparseEncoder
from domain.vectors import VectorSpace
from retrieval.configs import DEFAULT, Refinement, SearchConfig
from retrieval.formula import boosted
from retrieval.joined import joined
from retrieval.lexical import RankBm25Indexes
from retrieval.must import insisted, keep
from retrieval.refine import refine
from retrieval.rerank import Reranked, rerank
from retrieval.several import together

if TYPE_CHECKING:
    from domain.vectors import Vector

    _Answer = tuple[Sequence[Hit], Sequence[Vector]]


async def search(
    question: str,
    *,
    tenant: str,
    collection: str,
    further: Sequence[str] = (),
    store: ChunkStore,
    embedder: Embedder,
    sparse: SparseEncoder | None = None,
    lexical: RankBm25Indexes | None = None,
    reranker: Reranker | None = None,
    config: SearchConfig = DEFAULT,
    limit: int | None = None,
    where: Filter = (),
    language: str = "",
    others: Sequence[str] = (),
    passage: str = "",
    said: str = "",
    explain: bool = False,
) -> SearchResult:
    """The passages that fit the question best; `limit` overrides the config's.

    `further`: collections that are asked as well. `lexical`: ranks by words instead of the store.
    `others`: the question in other words. `passage`: what might answer it; its vector counts like
    the question's. `said`: the question as the user put it, if this is not it. `explain`: those
    that were considered and are not among the passages are named, too.
    """
    _check(question, config, reranker, sparse)
    times: list[StageTime] = []
    wanted = limit or config.limit
    collections = tuple(dict.fromkeys((collection, *further)))
    asked = HybridQuery(
        limit=_candidates(wanted, config, collections),
        depth=config.depth,
        where=where,
        language=language,
        fusion=config.fusion,
    )
    texts = (question, *others)
    queries, lacking = await _legs(asked, texts, passage, embedder, sparse, config.legs, times)
    places = _Places(tenant, collections, store, lexical)
    found = await _found(question, queries, places, config.refinement, times)
    ordered = await _ordered(question, found, reranker, config, times)
    kept = keep(insisted(said or question, question), ordered.hits, config.insist)
    hits = _descending(kept.hits)
    return SearchResult(
        tuple(hits[:wanted]),
        tuple(times),
        (*kept.dropped, *(_behind(hits, wanted) if explain else ())),
        (*lacking, *ordered.notes, *kept.notes),
        ordered.cost_microdollars,
    )


def _check(
    question: str, config: SearchConfig, reranker: Reranker | None, sparse: SparseEncoder | None
) -> None:
    if not question.strip():
        raise InvalidInput("The question is empty.", field="question")
    if config.rerank and reranker is None:
        raise Misconfigured("There is no reranker. Set FOREBAY_RERANK__PROVIDER.")
    if "sparse" in config.legs and sparse is None:
        raise Misconfigured("There is no sparse encoder. Set FOREBAY_SPARSE__PROVIDER.")


async def _legs(
    asked: HybridQuery,
    texts: Sequence[str],
    passage: str,
    embedder: Embedder,
    sparse: SparseEncoder | None,
    legs: Sequence[Leg],
    times: list[StageTime],
) -> tuple[Sequence[HybridQuery], tuple[str, ...]]:
    """One query a text, with what each leg looks for; and what is to be said of it."""
    queries = [replace(asked, text=text if "bm25" in legs else None) for text in texts]
    if "dense" in legs:
        with _timed("embed", times):
            vectors = await _vectors(texts, passage, embedder)
        queries = [
            replace(query, vector=vector, space=embedder.space)
            for query, vector in zip(queries, vectors, strict=True)
        ]
    if "sparse" in legs and sparse:
        with _timed("sparse", times):
            return await _weighed(queries, texts, sparse, embedder.space)
    return queries, ()


async def _vectors(texts: Sequence[str], passage: str, embedder: Embedder) -> "Sequence[Vector]":
    vectors = [*await embedder.embed_queries(texts)]
    if passage:
        both = vectors[0] + (await embedder.embed_documents([passage]))[0]
        vectors[0] = both / np.linalg.norm(both)
    return vectors


async def _weighed(
    queries: Sequence[HybridQuery], texts: Sequence[str], sparse: SparseEncoder, space: VectorSpace
) -> tuple[Sequence[HybridQuery], tuple[str, ...]]:
    """A model that fails leaves its leg out, unless there is no other."""
    try:
        weights = await asyncio.gather(*map(sparse.encode_query, texts))
    except ModelError as error:
        if queries[0].vector is None and queries[0].text is None:
            raise
        return queries, (f"The sparse leg is left out: {error}",)
    own = space.with_sparse(sparse.name)
    found = zip(queries, weights, strict=True)
    return [replace(query, sparse=one, space=own) for query, one in found], ()


@dataclass(frozen=True, slots=True)
class _Places:
    """Where passages are looked for."""

    tenant: str
    collections: Sequence[str]
    store: ChunkStore
    lexical: RankBm25Indexes | None

    async def ask(self, collection: str, query: HybridQuery, *, vectors: bool) -> "_Answer":
        if self.lexical and query.text is not None:
            words = await self.lexical.rank(self.tenant, collection, query)
            query = replace(query, words=words)
        if vectors:
            return await self.store.query_with_vectors(self.tenant, collection, query)
        return await self.store.query(self.tenant, collection, query), ()


async def _found(
    question: str,
    queries: Sequence[HybridQuery],
    places: _Places,
    refinement: Refinement | None,
    times: list[StageTime],
) -> list[Hit]:
    wanted = refinement is not None
    names = places.collections
    with _timed("store", times):
        answers = await _all(
            [places.ask(name, query, vectors=wanted) for query in queries for name in names]
        )
        lists = [hits for hits, _ in answers]
        by_query = [lists[i : i + len(names)] for i in range(0, len(lists), len(names))]
        hits = joined([together(*one) for one in zip(by_query, queries, strict=True)])
    if refinement is None:
        return hits
    with _timed("refine", times):
        vectors = {
            hit.chunk.id: vector
            for some, own in answers
            for hit, vector in zip(some, own, strict=True)
        }
        return refine(question, hits, [vectors[hit.chunk.id] for hit in hits], refinement)


async def _ordered(
    question: str,
    hits: Sequence[Hit],
    reranker: Reranker | None,
    config: SearchConfig,
    times: list[StageTime],
) -> Reranked:
    """By boosts and, where it is set, by the reranker; what it read is boosted anew."""
    now = datetime.now(UTC)
    lifted, notes = boosted(hits, config.boosts, now)
    if not (config.rerank and reranker):
        return Reranked(lifted, notes)
    with _timed("rerank", times):
        reranked = await rerank(question, lifted, reranker, config.rerank)
    ordered = _read_boosted(reranked.hits, config.boosts, now)
    return Reranked(ordered, (*notes, *reranked.notes), reranked.cost_microdollars)


async def _all(asked: "Sequence[Coroutine[None, None, _Answer]]") -> "Sequence[_Answer]":
    """At the same time; one alone needs no task of its own."""
    return [await asked[0]] if len(asked) == 1 else await asyncio.gather(*asked)


def _candidates(wanted: int, config: SearchConfig, collections: Sequence[str]) -> int:
    """A boost, or what other collections hold, may lift what stands further down."""
    refined = min(config.refinement.among, config.depth) if config.refinement else 0
    lifted = config.depth if config.boosts or len(collections) > 1 else 0
    return max(wanted, refined, lifted, config.rerank.depth if config.rerank else 0)


def _read_boosted(hits: Sequence[Hit], boosts: Boosts, now: datetime) -> list[Hit]:
    """Those that the reranker read, by its scores; the others stay behind them."""
    read = [hit for hit in hits if hit.reranked]
    return [*boosted(read, boosts, now)[0], *hits[len(read) :]]


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
