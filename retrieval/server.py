"""The chunk store on a Qdrant server or cluster. Same points, same BM25, same fusion as embedded.

What a collection was made with is kept in Qdrant's own collection metadata. Knows nothing
of embedding. A collection is an alias, so that a rebuilt one takes its place in one step.
New points of a document stay hidden until all of them are there; then one request shows them
and removes the old ones. A server has no transactions: within that request a query may see both.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from secrets import token_hex
from typing import TYPE_CHECKING, Self

from qdrant_client import AsyncQdrantClient, models

from domain.documents import Chunk, EmbeddedChunk
from domain.errors import InvalidInput, Misconfigured, NotFound
from domain.filters import AnyOf, Filter
from domain.hits import Hit, HybridQuery
from domain.vectors import VectorSpace
from retrieval import fields
from retrieval.collection import Collection, check_name, collection_from_json, new_collection
from retrieval.filter_server import HIDDEN, server_filter
from retrieval.fuse import fuse
from retrieval.points import point_id
from retrieval.server_collection import create, index
from retrieval.server_errors import server_errors
from retrieval.server_fields import holder, make_indexes
from retrieval.server_names import PREFIX, no_more, shown, stands_for
from retrieval.server_points import (
    Points,
    chunk_of,
    ranked,
    to_points,
    to_requests,
    vector_of,
)

if TYPE_CHECKING:
    from domain.vectors import Vector

_BATCH = 256  # points a request: some megabytes of JSON, well below the server's 32
_PAGE = 256


@dataclass(frozen=True, slots=True)
class QdrantConfig:
    url: str
    api_key: str | None = field(default=None, repr=False)
    grpc: bool = False
    timeout: int = 30  # seconds

    def connect(self) -> AsyncQdrantClient:
        return AsyncQdrantClient(
            url=self.url,
            api_key=self.api_key,
            prefer_grpc=self.grpc,
            timeout=self.timeout,
            check_compatibility=False,  # would ask the server from a thread of its own, at once
        )


class QdrantStore:
    """Implements domain.ports.ChunkStore. Owns the client it is given."""

    def __init__(self, client: AsyncQdrantClient) -> None:
        self._client = client
        self._known: dict[str, Collection] = {}
        self._indexed: dict[str, set[str]] = {}  # paths of fields, by known collection

    @classmethod
    def open(cls, config: QdrantConfig) -> Self:
        return cls(config.connect())

    async def open_collection(
        self, collection: str, space: VectorSpace, sample: Sequence[Chunk] = ()
    ) -> None:
        check_name(collection)
        with server_errors(collection):
            if not await self._client.collection_exists(PREFIX + collection):
                await self._create(new_collection(collection, space, sample))
        self._known.pop(collection, None)
        (await self._collection(collection)).expect(space, written=True)

    async def upsert(self, tenant: str, collection: str, chunks: Sequence[EmbeddedChunk]) -> None:
        points = to_points(tenant, await self._collection(collection), chunks)
        await self._index_written(collection, chunks)
        await self._upsert(collection, points)

    async def replace(
        self, tenant: str, collection: str, documents: Mapping[str, Sequence[EmbeddedChunk]]
    ) -> None:
        made = await self._collection(collection)
        items = [item for chunks in documents.values() for item in chunks]
        points = to_points(tenant, made, items, hidden=True)
        await self._index_written(collection, items)
        await self._upsert(collection, points)
        theirs = (AnyOf("document_id", tuple(documents)),)
        ids = [str(point.id) for point in points]
        operations: list[models.UpdateOperation] = []
        if ids:
            shown = models.DeletePayload(keys=[HIDDEN], points=list[models.ExtendedPointId](ids))
            operations.append(models.DeletePayloadOperation(delete_payload=shown))
        outdated = server_filter(tenant, theirs, other_than=ids, hidden=True)
        operations.append(models.DeleteOperation(delete=models.FilterSelector(filter=outdated)))
        await self._update(collection, operations)

    async def delete(self, tenant: str, collection: str, where: Filter) -> None:
        if not where:
            raise InvalidInput(
                "A deletion needs a filter; delete_tenant removes everything.", field="filter"
            )
        await self._delete(tenant, collection, where)

    async def delete_tenant(self, tenant: str, collection: str) -> None:
        await self._delete(tenant, collection, ())

    async def query(self, tenant: str, collection: str, query: HybridQuery) -> Sequence[Hit]:
        return (await self._query(tenant, collection, query, vectors=False))[0]

    async def query_with_vectors(
        self, tenant: str, collection: str, query: HybridQuery
    ) -> "tuple[Sequence[Hit], Sequence[Vector]]":
        return await self._query(tenant, collection, query, vectors=True)

    async def _query(
        self, tenant: str, collection: str, query: HybridQuery, *, vectors: bool
    ) -> "tuple[Sequence[Hit], Sequence[Vector]]":
        known = await self._collection(collection)
        known.expect(query.space)
        await self._index_asked(tenant, collection, query.where)
        requests = to_requests(tenant, known, query, vectors=vectors)
        responses: list[models.QueryResponse] = []
        if requests:
            with server_errors(collection):
                responses = await self._client.query_batch_points(
                    PREFIX + collection, requests=list(requests.values())
                )
        points: Points = {str(one.id): one for response in responses for one in response.points}
        best = fuse(
            ranked(tenant, query, dict(zip(requests, responses, strict=True))),
            query.fusion,
            query.limit,
            depth=query.candidates,
            foreign=known.is_foreign(query),
        )
        if query.words is not None:
            told = [hit.id for hit in best if hit.id not in points]
            points |= await self._retrieved(collection, told, vectors=vectors)
        there = [hit for hit in best if hit.id in points]  # words may be of a moment ago
        found = [points[hit.id] for hit in there]
        hits = [
            Hit(chunk_of(point), hit.score, hit.found_by, collection=collection)
            for hit, point in zip(there, found, strict=True)
        ]
        return hits, [vector_of(point) for point in found] if vectors else []

    async def _retrieved(self, collection: str, ids: Sequence[str], *, vectors: bool) -> "Points":
        """Those of these points that are there and not hidden."""
        with server_errors(collection):
            records = await self._client.retrieve(
                PREFIX + collection,
                ids,
                with_payload=True,
                with_vectors=["dense"] if vectors else False,
            )
        return {str(one.id): one for one in records if HIDDEN not in (one.payload or {})}

    async def chunks(self, tenant: str, collection: str, ids: Sequence[str]) -> Sequence[Chunk]:
        points = [point_id(tenant, id_) for id_ in ids]
        found = await self._retrieved(collection, points, vectors=False)
        return [chunk_of(found[point]) for point in points if point in found]

    async def scroll(
        self, tenant: str, collection: str, where: Filter = ()
    ) -> AsyncIterator[Chunk]:
        offset = None
        while True:
            with server_errors(collection):
                records, offset = await self._client.scroll(
                    PREFIX + collection,
                    scroll_filter=server_filter(tenant, where),
                    limit=_PAGE,
                    offset=offset,
                    with_payload=True,
                )
            for record in records:
                yield chunk_of(record)
            if offset is None:
                return

    async def count(self, tenant: str, collection: str, where: Filter = ()) -> int:
        with server_errors(collection):
            counted = await self._client.count(
                PREFIX + collection, count_filter=server_filter(tenant, where), exact=True
            )
        return counted.count

    async def collections(self) -> Sequence[str]:
        with server_errors():
            return sorted(await shown(self._client))

    async def drop_collection(self, collection: str) -> None:
        await self._collection(collection)
        with server_errors(collection):
            real = await self._real(collection)
            await self._alias([no_more(collection)])
            await self._client.delete_collection(real)
        self._known.pop(collection, None)

    async def swap(self, collection: str, other: str) -> None:
        with server_errors(other):
            new = await self._real(other)
        there = collection in await self.collections()
        with server_errors(collection):
            old = await self._real(collection) if there else None
            away = [no_more(collection)] if there else []
            await self._alias([*away, stands_for(collection, new), no_more(other)])
            if old:
                await self._client.delete_collection(old)
        self._known.pop(collection, None)
        self._known.pop(other, None)

    async def close(self) -> None:
        await self._client.close()

    async def _real(self, name: str) -> str:
        """What an alias stands for."""
        real = (await shown(self._client)).get(name)
        if real is None:
            raise NotFound(f"There is no collection '{name}'. `forebay ingest` makes it.")
        return real

    async def _alias(self, changes: list[models.AliasOperations]) -> None:
        await self._client.update_collection_aliases(change_aliases_operations=changes)

    async def _create(self, made: Collection) -> None:
        real = f"{PREFIX}{made.name}.{token_hex(4)}"
        await create(self._client, real, made)
        await index(self._client, real)
        await self._alias([stands_for(made.name, real)])

    async def _collection(self, name: str) -> Collection:
        """Asked of the server once; what a collection was made with never changes."""
        if name not in self._known:
            with server_errors(name):
                info = await self._client.get_collection(PREFIX + name)
            if info.config.metadata is None:
                raise Misconfigured(
                    f"The server's collection '{PREFIX}{name}' was not made by Forebay. "
                    "Rename it, or choose another name."
                )
            self._known[name] = collection_from_json(name, info.config.metadata)
            self._indexed[name] = fields.paths(info.payload_schema)
        return self._known[name]

    async def _index_written(self, name: str, chunks: Sequence[EmbeddedChunk]) -> None:
        written = fields.of_written([item.chunk for item in chunks], self._indexed[name])
        await self._index(name, written)

    async def _index_asked(self, tenant: str, name: str, where: Filter) -> None:
        for asked in fields.unindexed(where, self._indexed[name]):
            with server_errors(name):
                having = await holder(self._client, PREFIX + name, tenant, asked)
            if having is not None:
                with suppress(Misconfigured):  # a key that may only read
                    await self._index(name, {asked: fields.kind(having, asked)})

    async def _index(self, name: str, wanted: Mapping[str, fields.Kind]) -> None:
        self._indexed[name] |= {fields.path(one) for one in wanted}
        with server_errors(name):
            await make_indexes(self._client, PREFIX + name, wanted)

    async def _upsert(self, name: str, points: list[models.PointStruct]) -> None:
        for start in range(0, len(points), _BATCH):
            batch = models.PointsList(points=points[start : start + _BATCH])
            await self._update(name, [models.UpsertOperation(upsert=batch)])

    async def _delete(self, tenant: str, name: str, where: Filter) -> None:
        matching = models.FilterSelector(filter=server_filter(tenant, where, hidden=True))
        await self._collection(name)
        await self._update(name, [models.DeleteOperation(delete=matching)])

    async def _update(self, name: str, operations: list[models.UpdateOperation]) -> None:
        with server_errors(name):
            await self._client.batch_update_points(
                PREFIX + name, update_operations=operations, wait=True
            )
