"""The outside of ingestion as real doubles: they keep what they are given, and obey the ports."""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from domain.documents import Chunk, DocumentRecord, EmbeddedChunk
from domain.errors import VectorSpaceMismatch
from domain.filters import Filter
from domain.hits import Hit, HybridQuery
from domain.ids import content_hash
from domain.records import CollectionRecord, DocumentPage
from domain.vectors import VectorSpace

if TYPE_CHECKING:
    from domain.vectors import Vector

Key = tuple[str, str, str]  # tenant, collection, document


class MemoryStore:
    """A ChunkStore of dictionaries. It finds nothing, since nothing here asks."""

    def __init__(self) -> None:
        self.spaces: dict[str, VectorSpace] = {}
        self.samples: dict[str, tuple[str, ...]] = {}
        self.documents: dict[Key, list[EmbeddedChunk]] = {}
        self.writes = 0

    async def open_collection(
        self, collection: str, space: VectorSpace, sample: Sequence[str] = ()
    ) -> None:
        if self.spaces.setdefault(collection, space) != space:
            raise VectorSpaceMismatch(f"'{collection}' holds vectors of another space.")
        self.samples.setdefault(collection, tuple(sample))

    async def upsert(self, tenant: str, collection: str, chunks: Sequence[EmbeddedChunk]) -> None:
        for one in chunks:
            key = (tenant, collection, one.chunk.document_id)
            self.documents.setdefault(key, []).append(one)

    async def replace(
        self, tenant: str, collection: str, document_id: str, chunks: Sequence[EmbeddedChunk]
    ) -> None:
        assert collection in self.spaces, "written to before it was opened"
        self.writes += 1
        self.documents[tenant, collection, document_id] = list(chunks)

    async def delete(self, tenant: str, collection: str, where: Filter) -> None:
        raise NotImplementedError

    async def delete_tenant(self, tenant: str, collection: str) -> None:
        self._keep(key for key in self.documents if key[:2] != (tenant, collection))

    async def query(self, tenant: str, collection: str, query: HybridQuery) -> Sequence[Hit]:
        return []

    async def scroll(
        self, tenant: str, collection: str, where: Filter = ()
    ) -> AsyncIterator[Chunk]:
        for key, chunks in self.documents.items():
            for one in chunks:
                if key[:2] == (tenant, collection):
                    yield one.chunk

    async def count(self, tenant: str, collection: str, where: Filter = ()) -> int:
        return len([chunk async for chunk in self.scroll(tenant, collection, where)])

    async def collections(self) -> Sequence[str]:
        return list(self.spaces)

    async def drop_collection(self, collection: str) -> None:
        del self.spaces[collection], self.samples[collection]
        self._keep(key for key in self.documents if key[1] != collection)

    async def close(self) -> None:
        self.documents.clear()

    def _keep(self, keys: Iterable[Key]) -> None:
        self.documents = {key: self.documents[key] for key in keys}


class HashingEmbedder:
    """The same text always gives the same vector. It remembers what it was sent."""

    def __init__(self, name: str = "hashing") -> None:
        self.space = VectorSpace(name, 16, name)
        self.sent: list[str] = []

    async def embed_documents(self, texts: Sequence[str]) -> "Sequence[Vector]":
        self.sent += texts
        return [self._vector(text) for text in texts]

    async def embed_query(self, text: str) -> "Vector":
        return self._vector(text)

    def _vector(self, text: str) -> "Vector":
        seed = int(content_hash(text.encode())[:8], 16)
        drawn = np.random.default_rng(seed).normal(size=self.space.dimensions)
        return np.asarray(drawn / np.linalg.norm(drawn), dtype=np.float32)


class MemoryDocuments:
    """A DocumentRegistry."""

    def __init__(self) -> None:
        self.records: dict[Key, DocumentRecord] = {}

    async def find(self, tenant: str, collection: str, document_id: str) -> DocumentRecord | None:
        return self.records.get((tenant, collection, document_id))

    async def all(self, tenant: str, collection: str | None = None) -> Sequence[DocumentRecord]:
        return [
            record
            for record in self.records.values()
            if record.tenant == tenant and collection in {None, record.collection}
        ]

    async def page(
        self, tenant: str, collection: str | None, *, offset: int, limit: int
    ) -> DocumentPage:
        found = await self.all(tenant, collection)
        return DocumentPage(tuple(found[offset : offset + limit]), len(found))

    async def tenants(self, collection: str) -> Sequence[str]:
        return list({r.tenant for r in self.records.values() if r.collection == collection})

    async def save(self, record: DocumentRecord) -> None:
        self.records[record.tenant, record.collection, record.id] = record

    async def forget(self, tenant: str, collection: str, document_id: str) -> None:
        self.records.pop((tenant, collection, document_id), None)


class MemoryCollections:
    """A CollectionRegistry."""

    def __init__(self) -> None:
        self.records: dict[str, CollectionRecord] = {}

    async def find(self, name: str) -> CollectionRecord | None:
        return self.records.get(name)

    async def all(self) -> Sequence[CollectionRecord]:
        return list(self.records.values())

    async def save(self, record: CollectionRecord) -> None:
        self.records[record.name] = record
