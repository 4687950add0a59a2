"""Reranks with the local embedding model: each token of the question looks for its like among
the passage's (late interaction, MaxSim). It needs no weights but those that are there.

Passages are read when they are asked about, one by one, several at once. The scores are of a kind
with the first ranking's, so they help beside it and not in its place.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from domain.hits import Reranking
from gateway.embed.cores import cores
from gateway.embed.local import LocalEmbedder
from gateway.rerank.plain import plain

if TYPE_CHECKING:
    from gateway.embed.encoder import Vectors

_BATCH = 4  # passages a thread: between two batches it is seen whether there is time for another


@dataclass(frozen=True, slots=True)
class LateConfig:
    max_tokens: int = 512  # of a passage
    threads: int | None = None  # None: one for each core that this process may use
    batch: int | None = None


class LateReranker:
    """Implements domain.ports.Reranker."""

    def __init__(self, embedder: LocalEmbedder, config: LateConfig) -> None:
        self._embedder = embedder
        self._max_tokens = config.max_tokens
        count = config.threads or cores()
        self._batch = config.batch or _BATCH * count
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="rerank")

    @classmethod
    def open(cls, embedder: LocalEmbedder, config: LateConfig) -> Self:
        """Tries it, so that a model without token vectors does not fail later under a question."""
        embedder.tokens_of_question("a")
        return cls(embedder, config)

    @property
    def name(self) -> str:
        return f"{self._embedder.space.model} (late interaction)"

    @property
    def batch(self) -> int:
        return self._batch

    async def rerank(self, question: str, passages: Sequence[str]) -> Reranking:
        loop = asyncio.get_running_loop()
        tokens = self._embedder.tokens_of_question
        asked = await loop.run_in_executor(self._threads, tokens, plain(question))
        running = [
            loop.run_in_executor(self._threads, self._score, asked, passage) for passage in passages
        ]
        try:
            return Reranking(tuple(await asyncio.gather(*running)))
        finally:
            for one in running:
                one.cancel()  # those not begun, when one failed or nobody waits any more

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)

    def _score(self, asked: "Vectors", passage: str) -> float:
        """How like the likest of the passage's tokens is, on average over the question's."""
        read = self._embedder.tokens_of(plain(passage), self._max_tokens)
        if not (len(asked) and len(read)):
            return 0.0
        return float((asked @ read.T).max(axis=1).mean())
