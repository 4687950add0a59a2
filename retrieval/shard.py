"""One collection in the embedded engine, called synchronously, from any thread.

A write is on disk when it returns, and a query never sees half of one. Knows nothing of
asyncio and of other collections; the engine's exceptions end here.
"""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from time import perf_counter
from typing import cast
from uuid import UUID

import qdrant_edge as edge

from domain.documents import Chunk, EmbeddedChunk
from domain.errors import DataDirectoryBusy, NotFound, Unavailable
from domain.filters import Filter
from domain.hits import Hit, HybridQuery, Leg
from retrieval.bm25 import encoder, question_encoder
from retrieval.collection import Collection, collection_from_json
from retrieval.filter_edge import edge_filter
from retrieval.fuse import fuse
from retrieval.points import INDEXED_FIELDS, ChunkPayload, from_payload, point_id, to_payload
from retrieval.readers_writer import ReadersWriter

_DESCRIPTION = "collection.json"  # written last: a folder without it is not a collection
_ENGINE = "shard"
_BATCH = 512  # points an engine operation
_PAGE = 256
_QUICK = 0.002  # seconds that an event loop can be kept waiting

Ranked = list[tuple[int, float]]  # UUIDs as their numbers, which hash and sort faster


class Shard:
    """Opened by `create` or `load`. Only one process can hold it."""

    def __init__(self, folder: Path, collection: Collection, engine: edge.EdgeShard) -> None:
        self.collection = collection
        self.engine = engine
        self._folder = folder
        self._bm25 = encoder(collection.mean_length)
        self._lock = ReadersWriter()
        self._writer = Lock()  # held by a write from its first change until it is on disk
        self._last_query = _QUICK  # seconds; the first query after opening may read from disk

    def upsert(self, tenant: str, chunks: Sequence[EmbeddedChunk]) -> None:
        points = [self._point(tenant, item) for item in chunks]
        with self._writing():
            self._upsert(points)

    def replace(self, tenant: str, where: Filter, chunks: Sequence[EmbeddedChunk]) -> None:
        """What matches makes room for the chunks, in one step as queries see it.

        A process that dies in between leaves both: the same call again puts it right.
        """
        points = [self._point(tenant, item) for item in chunks]
        kept = [point_id(tenant, item.chunk.id) for item in chunks]
        outdated = edge_filter(tenant, where, other_than=kept)
        with self._writing():
            self._upsert(points)
            self.engine.update(edge.UpdateOperation.delete_points_by_filter(outdated))

    def query(self, tenant: str, query: HybridQuery) -> list[Hit]:
        if query.space is not None:
            self.collection.expect(query.space)
        start = perf_counter()
        requests = self._requests(tenant, query)
        with self._reading():
            best = fuse(self._ranked(requests), query.fusion, query.limit)
            chunks = self._chunks([fused.id for fused in best])
        self._last_query = perf_counter() - start
        return [Hit(chunks[fused.id], fused.score, fused.found_by) for fused in best]

    def is_quick(self, query: HybridQuery) -> bool:
        """Whether it should take a millisecond: the last one did, no write is under way, and
        no filter makes the engine read payloads.
        """
        return self._last_query < _QUICK and not query.where and not self._writer.locked()

    def page(
        self, tenant: str, where: Filter, offset: "edge.PointId | None"
    ) -> "tuple[list[Chunk], edge.PointId | None]":
        """Chunks from `offset` on, and where the next page starts."""
        scope = edge_filter(tenant, where)
        request = edge.ScrollRequest(offset=offset, limit=_PAGE, filter=scope, with_payload=True)
        with self._reading():
            records, following = self.engine.scroll(request)
        return [_chunk(record) for record in records], following

    def count(self, tenant: str, where: Filter) -> int:
        scope = edge_filter(tenant, where)
        with self._reading():
            return self.engine.count(edge.CountRequest(exact=True, filter=scope))

    def optimize(self) -> None:
        with self._writer, self._translating():
            self.engine.optimize()

    def close(self) -> None:
        with self._writer, self._lock.writing(), self._translating():
            self.engine.close()

    def _upsert(self, points: list[edge.Point]) -> None:
        for start in range(0, len(points), _BATCH):
            batch = points[start : start + _BATCH]
            self.engine.update(edge.UpdateOperation.upsert_points(batch))

    def _point(self, tenant: str, item: EmbeddedChunk) -> edge.Point:
        vectors = {
            "dense": self.collection.checked(item.vector),
            "bm25": self._bm25.embed_document(item.chunk.indexed_text),
        }
        # The engine takes arrays as they are, 2.4 times faster than lists; its stubs do not say so.
        return edge.Point(
            point_id(tenant, item.chunk.id),
            vectors,  # type: ignore[arg-type]
            dict(to_payload(tenant, item.chunk)),
        )

    def _requests(self, tenant: str, query: HybridQuery) -> dict[Leg, edge.QueryRequest]:
        """One a leg."""
        scope = edge_filter(tenant, query.where)
        depth = max(query.depth, query.limit)
        requests: dict[Leg, edge.QueryRequest] = {}
        if query.vector is not None:
            vector = self.collection.checked(query.vector)
            nearest = edge.Query.Nearest(vector, using="dense")  # type: ignore[arg-type]
            requests["dense"] = edge.QueryRequest(depth, query=nearest, filter=scope)
        if query.text is not None:
            words = question_encoder().embed_query(query.text)
            nearest = edge.Query.Nearest(words, using="bm25")
            own_idf = edge.SearchParams(idf=edge.IdfParams(corpus=edge_filter(tenant)))
            requests["bm25"] = edge.QueryRequest(depth, query=nearest, filter=scope, params=own_idf)
        return requests

    def _ranked(self, requests: dict[Leg, edge.QueryRequest]) -> dict[Leg, Ranked]:
        found = self.engine.query_batch(edge.QueryBatchRequest(list(requests.values())))
        return {
            leg: [(_number(point.id), point.score) for point in points]
            for leg, points in zip(requests, found, strict=True)
        }

    def _chunks(self, ids: list[int]) -> dict[int, Chunk]:
        # Fetched for the winners only: payload for all candidates of both legs takes 2.5 times
        # as long as the whole of ranking, fusing and this.
        records = self.engine.retrieve([UUID(int=id_) for id_ in ids], True, False)
        return {_number(record.id): _chunk(record) for record in records}

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with self._lock.reading(), self._translating():
            yield

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._writer, self._translating():
            with self._lock.writing():
                yield
            self.engine.flush()  # queries need not wait for the disk

    @contextmanager
    def _translating(self) -> Iterator[None]:
        with _engine_errors(self.collection.name, self._folder):
            yield


def create(folder: Path, collection: Collection) -> Shard:
    """A new, empty collection in `folder`. Left-overs of an unfinished creation go."""
    remove(folder)
    (folder / _ENGINE).mkdir(parents=True)
    config = edge.EdgeConfig(
        vectors={"dense": edge.EdgeVectorParams(collection.space.dimensions, edge.Distance.Cosine)},
        sparse_vectors={"bm25": edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)},
    )
    with _engine_errors(collection.name, folder):
        engine = edge.EdgeShard.create(str(folder / _ENGINE), config)
        tenant = edge.KeywordIndexParams(is_tenant=True)
        engine.update(edge.UpdateOperation.create_field_index("tenant", tenant))
        for field in INDEXED_FIELDS:
            keyword = edge.PayloadSchemaType.Keyword
            engine.update(edge.UpdateOperation.create_field_index(field, keyword))
        engine.flush()
    _describe(folder, collection)
    return Shard(folder, collection, engine)


def load(folder: Path) -> Shard:
    description = json.loads((folder / _DESCRIPTION).read_text("utf-8"))
    collection = collection_from_json(folder.name, description)
    with _engine_errors(collection.name, folder):
        engine = edge.EdgeShard.load(str(folder / _ENGINE))
    return Shard(folder, collection, engine)


def is_collection(folder: Path) -> bool:
    return (folder / _DESCRIPTION).is_file()


def remove(folder: Path) -> None:
    """Its description first, so that what is half removed is no collection."""
    (folder / _DESCRIPTION).unlink(missing_ok=True)
    if folder.exists():
        shutil.rmtree(folder)


def _describe(folder: Path, collection: Collection) -> None:
    draft = folder / f"{_DESCRIPTION}.draft"
    with draft.open("w", encoding="utf-8") as file:
        json.dump(collection.to_json(), file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / _DESCRIPTION)


def _number(id_: "edge.PointId") -> int:
    return cast("UUID", id_).int  # all our points are named by UUIDs


def _chunk(record: edge.Record) -> Chunk:
    return from_payload(cast("ChunkPayload", record.payload))  # written by us, with to_payload


@contextmanager
def _engine_errors(collection: str, folder: Path) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if type(error) is not Exception:  # the engine raises bare Exceptions; others are ours
            raise
        raise _translated(collection, folder, str(error)) from error


def _translated(collection: str, folder: Path, said: str) -> NotFound | Unavailable:
    if "WouldBlock" in said:
        return DataDirectoryBusy(
            f"Another process holds collection '{collection}' in {folder}. Wait until it ends, "
            "or set FOREBAY_DATA to another directory, or FOREBAY_QDRANT__URL to share a server."
        )
    if "not initialized" in said:  # dropped while this call waited
        return NotFound(f"There is no collection '{collection}' any more.")
    return Unavailable(
        f"The embedded store failed on collection '{collection}' in {folder}: {said}."
    )
