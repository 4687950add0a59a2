"""The outside of ingestion as real doubles: they keep what they are given, and obey the ports."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from domain.documents import Chunk, DocumentRecord, EmbeddedChunk
from domain.errors import VectorSpaceMismatch
from domain.filters import Equals, Filter
from domain.hits import Hit, HybridQuery
from domain.ids import content_hash
from domain.records import CollectionRecord, DocumentPage
from domain.vectors import VectorSpace
from ingest.draft import Parsed
from ingest.parse import parse
from ingest.source import Source

if TYPE_CHECKING:
    from domain.vectors import Vector

Key = tuple[str, str, str]  # tenant, collection, document


class MemoryStore:
    """A ChunkStore of dictionaries. It finds nothing, since nothing here asks."""

    def __init__(self) -> None:
        self.spaces: dict[str, VectorSpace] = {}
        self.samples: dict[str, tuple[Chunk, ...]] = {}
        self.documents: dict[Key, list[EmbeddedChunk]] = {}
        self.writes = 0
        self.fails: list[Exception | None] = []  # what becomes of the next writes

    async def open_collection(
        self, collection: str, space: VectorSpace, sample: Sequence[Chunk] = ()
    ) -> None:
        if self.spaces.setdefault(collection, space) != space:
            raise VectorSpaceMismatch(f"'{collection}' holds vectors of another space.")
        self.samples.setdefault(collection, tuple(sample))

    async def upsert(self, tenant: str, collection: str, chunks: Sequence[EmbeddedChunk]) -> None:
        for one in chunks:
            key = (tenant, collection, one.chunk.document_id)
            self.documents.setdefault(key, []).append(one)

    async def replace(
        self, tenant: str, collection: str, documents: Mapping[str, Sequence[EmbeddedChunk]]
    ) -> None:
        assert collection in self.spaces, "written to before it was opened"
        if self.fails and (error := self.fails.pop(0)):
            raise error
        self.writes += 1
        for id_, chunks in documents.items():
            self.documents[tenant, collection, id_] = list(chunks)
            if not chunks:
                del self.documents[tenant, collection, id_]

    async def delete(self, tenant: str, collection: str, where: Filter) -> None:
        raise NotImplementedError

    async def delete_tenant(self, tenant: str, collection: str) -> None:
        self._keep(key for key in self.documents if key[:2] != (tenant, collection))

    async def query(self, tenant: str, collection: str, query: HybridQuery) -> Sequence[Hit]:
        return []

    async def query_with_vectors(
        self, tenant: str, collection: str, query: HybridQuery
    ) -> "tuple[Sequence[Hit], Sequence[Vector]]":
        return [], []

    async def chunks(self, tenant: str, collection: str, ids: Sequence[str]) -> Sequence[Chunk]:
        return []

    async def scroll(
        self, tenant: str, collection: str, where: Filter = ()
    ) -> AsyncIterator[Chunk]:
        wanted = {condition.value for condition in where if isinstance(condition, Equals)}
        for key, chunks in self.documents.items():
            for one in chunks:
                if key[:2] == (tenant, collection) and (not where or key[2] in wanted):
                    yield one.chunk

    async def count(self, tenant: str, collection: str, where: Filter = ()) -> int:
        return len([chunk async for chunk in self.scroll(tenant, collection, where)])

    async def collections(self) -> Sequence[str]:
        return list(self.spaces)

    async def drop_collection(self, collection: str) -> None:
        del self.spaces[collection], self.samples[collection]
        self._keep(key for key in self.documents if key[1] != collection)

    async def swap(self, collection: str, other: str) -> None:
        self.spaces[collection] = self.spaces.pop(other)
        self.samples[collection] = self.samples.pop(other)
        self._keep(key for key in self.documents if key[1] != collection)
        self.documents = {
            (key[0], collection if key[1] == other else key[1], key[2]): chunks
            for key, chunks in self.documents.items()
        }

    async def close(self) -> None:
        self.documents.clear()

    def _keep(self, keys: Iterable[Key]) -> None:
        self.documents = {key: self.documents[key] for key in keys}


class HashingEmbedder:
    """The same text always gives the same vector. It remembers what it was sent."""

    def __init__(self, name: str = "hashing") -> None:
        self.space = VectorSpace(name, 16, name)
        self.sent: list[str] = []
        self.batch = 4
        self.price = 0  # micro-dollars a token
        self.fails: list[Exception] = []  # of the next calls

    def cost_microdollars(self, tokens: int) -> int:
        return tokens * self.price

    async def embed_documents(self, texts: Sequence[str]) -> "Sequence[Vector]":
        await asyncio.sleep(0)
        if self.fails:
            raise self.fails.pop(0)
        self.sent += texts
        return [self._vector(text) for text in texts]

    async def embed_query(self, text: str) -> "Vector":
        return self._vector(text)

    async def embed_queries(self, texts: Sequence[str]) -> "Sequence[Vector]":
        return [self._vector(text) for text in texts]

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

    async def announce(self, records: Sequence[DocumentRecord]) -> None:
        await self.save([replace(record, version="") for record in records])

    async def save(self, records: Sequence[DocumentRecord]) -> None:
        for record in records:
            self.records[record.tenant, record.collection, record.id] = record

    async def forget(self, tenant: str, collection: str, ids: Sequence[str]) -> None:
        for id_ in ids:
            self.records.pop((tenant, collection, id_), None)

    async def swap(self, collection: str, other: str) -> None:
        moved = [r for r in self.records.values() if r.collection == other]
        self.records = {k: r for k, r in self.records.items() if k[1] not in {collection, other}}
        await self.save([replace(record, collection=collection) for record in moved])


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

    async def forget(self, name: str) -> None:
        self.records.pop(name, None)


class MemoryVectors:
    """A VectorCache."""

    def __init__(self) -> None:
        self.vectors: dict[tuple[str, str], Vector] = {}

    async def find(self, space: VectorSpace, texts: Sequence[str]) -> "Mapping[str, Vector]":
        return {t: self.vectors[space.id, t] for t in texts if (space.id, t) in self.vectors}

    async def save(self, space: VectorSpace, vectors: "Mapping[str, Vector]") -> None:
        self.vectors |= {(space.id, text): vector for text, vector in vectors.items()}


class InlineParser:
    """A Parser in this process, which remembers what it was given."""

    def __init__(self) -> None:
        self.parsed: list[str] = []

    async def parse(self, source: Source) -> Parsed:
        self.parsed.append(source.name)
        return parse(source)
