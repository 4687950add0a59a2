"""Texts → their vectors, each made once: from the cache, else by the embedder, then kept.

What was embedded before a crash is not embedded again. Knows nothing of documents.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from domain.documents import Chunk, EmbeddedChunk
from domain.ports import Embedder, SparseEncoder, TokenCounter, VectorCache
from domain.vectors import SparseVector
from ingest.account import Account
from ingest.patience import Patience, patiently

if TYPE_CHECKING:
    from domain.vectors import Vector


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
        vectors = await patiently(
            lambda: self.makers.embedder.embed_documents(texts), self.patience, self.account.wait
        )
        self.account.embedded += len(texts)
        tokens = await asyncio.to_thread(lambda: sum(map(self.makers.tokens.count, texts)))
        self.account.tokens += tokens
        self.account.cost += self.makers.embedder.cost_microdollars(tokens)
        return dict(zip(texts, vectors, strict=True))
