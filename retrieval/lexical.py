"""BM25 in memory: the reference for the store's BM25, and a backend for small corpora.

`rank-bm25` scores the analyser's very tokens, with the true mean length. Of its variants
BM25Plus with delta 0 is the comparable one: plain BM25 term weights and an IDF of
log((N + 1) / n), where the store has log((N + 1) / (n + 0.5)). BM25Okapi's IDF turns
negative for frequent words. Over 5,183 abstracts a question takes ten times the store's time.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from rank_bm25 import BM25Plus

from domain.documents import Chunk
from domain.errors import Misconfigured
from domain.filters import Filter
from domain.hits import Found, Hit, HybridQuery
from domain.ports import ChunkStore
from retrieval.bm25 import K1, STEMMED, B, main_language, question_words, tokens
from retrieval.matching import holds

if TYPE_CHECKING:
    from numpy.typing import NDArray

Mark = Callable[[str, str], Awaitable[str]]  # of tenant and collection; another after a change

_MOST = 20_000  # chunks in memory, of all tenants together: some 200 MB


class RankBm25:
    """The chunks stay in memory and do not change."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self.chunks = tuple(chunks)
        self._language = main_language(chunks)
        words = [tokens(one.indexed_text, self._spoken(one)) for one in self.chunks]
        # The library divides by the number of words.
        self._model = BM25Plus(words, k1=K1, b=B, delta=0) if any(words) else None

    def search(
        self, text: str, limit: int = 10, *, where: Filter = (), language: str = ""
    ) -> list[Hit]:
        """Chunks that share a word with the question, best first."""
        if self._model is None:
            return []
        spoken = (self._language, language)
        asked = sorted(question_words(text, spoken).indices)
        found = self._best(self._model.get_scores(asked), limit, where)
        return [
            Hit(self.chunks[i], score, {"bm25": Found(rank, score)})
            for rank, (i, score) in enumerate(found, start=1)
        ]

    def _best(
        self, scores: "NDArray[np.float64]", limit: int, where: Filter
    ) -> list[tuple[int, float]]:
        best: list[tuple[int, float]] = []
        for i in np.argsort(-scores, kind="stable"):
            if scores[i] <= 0 or len(best) == limit:
                break
            if holds(where, self.chunks[i]):
                best.append((int(i), float(scores[i])))
        return best

    def _spoken(self, chunk: Chunk) -> str:
        return chunk.language if chunk.language in STEMMED else self._language


class RankBm25Indexes:
    """One a tenant and collection, read from the store at the first question and again at the
    first one after a change. Those that were asked least lately make room for others.
    """

    def __init__(self, store: ChunkStore, mark: Mark, most: int = _MOST) -> None:
        self._store = store
        self._mark = mark
        self._most = most
        self._made: dict[tuple[str, str], tuple[str, RankBm25]] = {}  # the latest last
        self._making = asyncio.Lock()

    async def rank(
        self, tenant: str, collection: str, query: HybridQuery
    ) -> tuple[tuple[str, float], ...]:
        """Chunk ids with their scores, for the query's words."""
        index = await self._index(tenant, collection)
        hits = await asyncio.to_thread(
            index.search,
            query.text or "",
            query.candidates,
            where=query.where,
            language=query.language,
        )
        return tuple((hit.chunk.id, hit.score) for hit in hits)

    async def _index(self, tenant: str, collection: str) -> RankBm25:
        async with self._making:  # once, for however many questions
            mark = await self._mark(tenant, collection)
            known, index = self._made.pop((tenant, collection), ("", None))
            if index is None or known != mark:
                chunks = await self._chunks(tenant, collection)
                index = await asyncio.to_thread(RankBm25, chunks)
            self._made[tenant, collection] = mark, index
            self._make_room()
            return index

    async def _chunks(self, tenant: str, collection: str) -> list[Chunk]:
        there = await self._store.count(tenant, collection)
        if there > self._most:
            raise Misconfigured(
                f"Collection '{collection}' has {there:,} chunks of tenant '{tenant}', and "
                f"rank-bm25 holds {self._most:,} in memory at most. Set "
                "FOREBAY_SEARCH__LEXICAL=store."
            )
        return [chunk async for chunk in self._store.scroll(tenant, collection)]

    def _make_room(self) -> None:
        while sum(len(index.chunks) for _, index in self._made.values()) > self._most:
            del self._made[next(iter(self._made))]
