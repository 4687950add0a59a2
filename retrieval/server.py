"""The chunk store on a Qdrant server or cluster. Same points, same BM25, same fusion as embedded.

What a collection was made with is kept in Qdrant's own collection metadata. Knows nothing
of embedding. Between the two steps of a replacement, which are one request, a query may
see both versions: a server has no transactions.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Self, cast

from qdrant_client import AsyncQdrantClient, models

from domain.documents import Chunk, EmbeddedChunk
from domain.errors import InvalidInput, Misconfigured
from domain.filters import Equals, Filter
from domain.hits import Hit, HybridQuery, Leg
from domain.vectors import VectorSpace
from retrieval.bm25 import encoder, question_encoder
from retrieval.collection import Collection, check_name, collection_from_json, new_collection
from retrieval.filter_server import server_filter
from retrieval.fuse import fuse
from retrieval.points import INDEXED_FIELDS, ChunkPayload, from_payload, point_id, to_payload
from retrieval.server_errors import server_errors

_PREFIX = "forebay_"
_BATCH = 256  # points a request: some megabytes of JSON, well below the server's 32
_PAGE = 256


@dataclass(frozen=True, slots=True)
class QdrantConfig:
    url: str
    api_key: str | None = field(default=None, repr=False)
    grpc: bool = False
    timeout: int = 30  # seconds


class QdrantStore:
    """Implements domain.ports.ChunkStore. Owns the client it is given."""

    def __init__(self, client: AsyncQdrantClient) -> None:
        self._client = client
        self._known: dict[str, Collection] = {}

    @classmethod
    def open(cls, config: QdrantConfig) -> Self:
        client = AsyncQdrantClient(
            url=config.url,
            api_key=config.api_key,
            prefer_grpc=config.grpc,
            timeout=config.timeout,
            check_compatibility=False,  # would ask the server from a thread of its own, at once
        )
        return cls(client)

    async def open_collection(
        self, collection: str, space: VectorSpace, sample: Sequence[str] = ()
    ) -> None:
        check_name(collection)
        with server_errors(collection):
            if not await self._client.collection_exists(_PREFIX + collection):
                await self._create(new_collection(collection, space, sample))
        self._known.pop(collection, None)
        (await self._collection(collection)).expect(space)

    async def upsert(self, tenant: str, collection: str, chunks: Sequence[EmbeddedChunk]) -> None:
        await self._replace(tenant, collection, None, chunks)

    async def replace(
        self, tenant: str, collection: str, document_id: str, chunks: Sequence[EmbeddedChunk]
    ) -> None:
        await self._replace(tenant, collection, (Equals("document_id", document_id),), chunks)

    async def delete(self, tenant: str, collection: str, where: Filter) -> None:
        if not where:
            raise InvalidInput(
                "A deletion needs a filter; delete_tenant removes everything.", field="filter"
            )
        await self._replace(tenant, collection, where, ())

    async def delete_tenant(self, tenant: str, collection: str) -> None:
        await self._replace(tenant, collection, (), ())

    async def query(self, tenant: str, collection: str, query: HybridQuery) -> Sequence[Hit]:
        if query.space is not None:
            (await self._collection(collection)).expect(query.space)
        requests = _requests(tenant, query)
        with server_errors(collection):
            responses = await self._client.query_batch_points(
                _PREFIX + collection, requests=list(requests.values())
            )
        points = {str(point.id): point for response in responses for point in response.points}
        ranked = {
            leg: [(str(point.id), point.score) for point in response.points]
            for leg, response in zip(requests, responses, strict=True)
        }
        best = fuse(ranked, query.fusion, query.limit)
        return [Hit(_chunk(points[hit.id]), hit.score, hit.found_by) for hit in best]

    async def scroll(
        self, tenant: str, collection: str, where: Filter = ()
    ) -> AsyncIterator[Chunk]:
        offset = None
        while True:
            with server_errors(collection):
                records, offset = await self._client.scroll(
                    _PREFIX + collection,
                    scroll_filter=server_filter(tenant, where),
                    limit=_PAGE,
                    offset=offset,
                    with_payload=True,
                )
            for record in records:
                yield _chunk(record)
            if offset is None:
                return

    async def count(self, tenant: str, collection: str, where: Filter = ()) -> int:
        with server_errors(collection):
            counted = await self._client.count(
                _PREFIX + collection, count_filter=server_filter(tenant, where), exact=True
            )
        return counted.count

    async def collections(self) -> Sequence[str]:
        with server_errors():
            found = await self._client.get_collections()
        names = (collection.name for collection in found.collections)
        return sorted(name.removeprefix(_PREFIX) for name in names if name.startswith(_PREFIX))

    async def drop_collection(self, collection: str) -> None:
        await self._collection(collection)
        with server_errors(collection):
            await self._client.delete_collection(_PREFIX + collection)
        self._known.pop(collection, None)

    async def close(self) -> None:
        await self._client.close()

    async def _create(self, made: Collection) -> None:
        cosine = models.VectorParams(size=made.space.dimensions, distance=models.Distance.COSINE)
        await self._client.create_collection(
            _PREFIX + made.name,
            vectors_config={"dense": cosine},
            sparse_vectors_config={"bm25": models.SparseVectorParams(modifier=models.Modifier.IDF)},
            metadata=dict(made.to_json()),
        )
        keyword = models.KeywordIndexType.KEYWORD
        for name in ("tenant", *INDEXED_FIELDS):
            schema = models.KeywordIndexParams(type=keyword, is_tenant=name == "tenant")
            await self._client.create_payload_index(
                _PREFIX + made.name, field_name=name, field_schema=schema
            )

    async def _collection(self, name: str) -> Collection:
        """Asked of the server once; what a collection was made with never changes."""
        if name not in self._known:
            with server_errors(name):
                info = await self._client.get_collection(_PREFIX + name)
            if info.config.metadata is None:
                raise Misconfigured(
                    f"The server's collection '{_PREFIX}{name}' was not made by Forebay. "
                    "Rename it, or choose another name."
                )
            self._known[name] = collection_from_json(name, info.config.metadata)
        return self._known[name]

    async def _replace(
        self, tenant: str, name: str, where: Filter | None, chunks: Sequence[EmbeddedChunk]
    ) -> None:
        """Writes the chunks; of what matches `where` (None: nothing) only they stay."""
        points = _points(tenant, await self._collection(name), chunks)
        operations: list[models.UpdateOperation] = [
            models.UpsertOperation(upsert=models.PointsList(points=points[start : start + _BATCH]))
            for start in range(0, len(points), _BATCH)
        ]
        if where is not None:
            kept = (str(point.id) for point in points)
            outdated = server_filter(tenant, where, other_than=kept)
            operations.append(models.DeleteOperation(delete=models.FilterSelector(filter=outdated)))
        with server_errors(name):
            # One request, but for documents of many batches: the deletion travels with the last.
            for operation in _in_requests(operations):
                await self._client.batch_update_points(
                    _PREFIX + name, update_operations=operation, wait=True
                )


def _in_requests(
    operations: list[models.UpdateOperation],
) -> list[list[models.UpdateOperation]]:
    first, last = operations[:-2], operations[-2:]
    return [[operation] for operation in first] + ([last] if last else [])


def _points(
    tenant: str, collection: Collection, chunks: Sequence[EmbeddedChunk]
) -> list[models.PointStruct]:
    bm25 = encoder(collection.mean_length)
    points = []
    for item in chunks:
        words = bm25.embed_document(item.chunk.indexed_text)
        points.append(
            models.PointStruct(
                id=point_id(tenant, item.chunk.id),
                vector={
                    "dense": collection.checked(item.vector).tolist(),
                    "bm25": models.SparseVector(indices=words.indices, values=words.values),
                },
                payload=dict(to_payload(tenant, item.chunk)),
            )
        )
    return points


def _requests(tenant: str, query: HybridQuery) -> dict[Leg, models.QueryRequest]:
    """One a leg; the payload comes along, since a second round trip costs more."""
    scope = server_filter(tenant, query.where)
    depth = max(query.depth, query.limit)
    requests: dict[Leg, models.QueryRequest] = {}
    if query.vector is not None:
        requests["dense"] = models.QueryRequest(
            query=query.vector.tolist(), using="dense", filter=scope, limit=depth, with_payload=True
        )
    if query.text is not None:
        words = question_encoder().embed_query(query.text)
        own_idf = models.IdfCorpusParams(corpus=server_filter(tenant))
        requests["bm25"] = models.QueryRequest(
            query=models.SparseVector(indices=words.indices, values=words.values),
            using="bm25",
            filter=scope,
            limit=depth,
            params=models.SearchParams(idf=own_idf),
            with_payload=True,
        )
    return requests


def _chunk(point: models.ScoredPoint | models.Record) -> Chunk:
    return from_payload(cast("ChunkPayload", point.payload))  # written by us, with to_payload
