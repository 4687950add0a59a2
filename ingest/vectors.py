"""Texts → their vectors, each made once: from the cache, else by the embedder, then kept.

What was embedded before a crash is not embedded again. Knows nothing of documents.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import perf_counter
from typing import TYPE_CHECKING, Protocol

from domain.completion import Usage
from domain.documents import Chunk, EmbeddedChunk
from domain.ports import Embedder, SparseEncoder, TokenCounter, VectorCache
from domain.records import LedgerRow
from domain.state_ports import Ledger
from domain.vectors import SparseVector
from ingest.account import Account
from ingest.patience import Patience, patiently

if TYPE_CHECKING:
    from domain.vectors import Vector

ENDPOINT = "ingest"  # in the ledger


class Makers(Protocol):
    """What it takes to make vectors."""

    @property
    def embedder(self) -> Embedder: ...

    @property
    def sparse(self) -> SparseEncoder | None: ...

    @property
    def cache(self) -> VectorCache: ...

    @property
    def tokens(self) -> TokenCounter: ...

    @property
    def ledger(self) -> Ledger: ...


@dataclass(frozen=True, slots=True)
class Embedded:
    """What texts became."""

    vectors: "Mapping[str, Vector]"
    sparse: Mapping[str, SparseVector]

    def chunk(self, chunk: Chunk) -> EmbeddedChunk:
        text = chunk.embedded_text
        return EmbeddedChunk(chunk, self.vectors[text], self.sparse.get(text))


@dataclass(frozen=True, slots=True)
class Vectors:
    tenant: str
    makers: Makers
    account: Account
    patience: Patience
    coming: "dict[str, asyncio.Future[Vector]]" = field(default_factory=dict)  # asked for already

    async def of(self, texts: Sequence[str]) -> "dict[str, Vector]":
        vectors: dict[str, Vector] = {}
        wanted = list(dict.fromkeys(texts))
        for start in range(0, len(wanted), self.makers.embedder.batch):
            vectors |= await self._some(wanted[start : start + self.makers.embedder.batch])
        return vectors

    async def sparse_of(self, texts: Sequence[str]) -> Mapping[str, SparseVector]:
        """None where no learned sparse model is in use."""
        encoder = self.makers.sparse
        if encoder is None:
            return {}
        wanted = list(dict.fromkeys(texts))
        encoded = await patiently(
            lambda: encoder.encode_documents(wanted), self.patience, self.account.wait
        )
        return dict(zip(wanted, encoded, strict=True))

    async def _some(self, texts: Sequence[str]) -> "dict[str, Vector]":
        elsewhere = {text: self.coming[text] for text in texts if text in self.coming}
        own = [text for text in texts if text not in elsewhere]
        loop = asyncio.get_running_loop()
        self.coming.update({text: loop.create_future() for text in own})
        try:
            vectors = await self._cached_or_made(own)
            for text in own:
                self.coming[text].set_result(vectors[text])
            self.account.got_vectors(len(own))
        finally:
            for text in own:
                self.coming.pop(text).cancel()  # does nothing to one that has its result
        for text, vector in elsewhere.items():
            vectors[text] = await vector
        return vectors

    async def _cached_or_made(self, texts: Sequence[str]) -> "dict[str, Vector]":
        space = self.makers.embedder.space
        vectors = dict(await self.makers.cache.find(space, texts))
        missing = [text for text in texts if text not in vectors]
        if missing:
            made = await self._made(missing)
            await self.makers.cache.save(space, made)
            vectors |= made
        return vectors

    async def _made(self, texts: Sequence[str]) -> "dict[str, Vector]":
        start = perf_counter()
        vectors = await patiently(
            lambda: self.makers.embedder.embed_documents(texts), self.patience, self.account.wait
        )
        self.account.embedded += len(texts)
        tokens = await asyncio.to_thread(lambda: sum(map(self.makers.tokens.count, texts)))
        await self._book(tokens, perf_counter() - start)
        return dict(zip(texts, vectors, strict=True))

    async def _book(self, tokens: int, seconds: float) -> None:
        cost = self.makers.embedder.cost_microdollars(tokens)
        self.account.tokens += tokens
        self.account.cost += cost
        if cost:
            await self.makers.ledger.book(
                LedgerRow(
                    at=datetime.now(UTC).isoformat(),
                    tenant=self.tenant,
                    endpoint=ENDPOINT,
                    model=self.makers.embedder.space.model,
                    prompt_version="",
                    prefix_fingerprint="",
                    usage=Usage(input=tokens),
                    cost_microdollars=cost,
                    seconds=seconds,
                    finish="stop",
                )
            )
