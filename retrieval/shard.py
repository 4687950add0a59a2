"""One collection in the embedded engine, called synchronously, from any thread.

A write is on disk when it returns, and a query never sees half of one. Knows nothing of
asyncio and of other collections; the engine's exceptions end here.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from struct import pack
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING, cast
from uuid import UUID

import numpy as np
import qdrant_edge as edge

from domain.documents import Chunk, EmbeddedChunk
from domain.errors import DataDirectoryBusy, NotFound, Unavailable
from domain.filters import AnyOf, Filter
from domain.hits import Hit, HybridQuery, Leg
from retrieval import journal
from retrieval.bm25 import passage_words, question_words
from retrieval.collection import Collection
from retrieval.filter_edge import edge_filter
from retrieval.fuse import fuse
from retrieval.points import ChunkPayload, from_payload, point_id, to_payload
from retrieval.readers_writer import ReadersWriter

if TYPE_CHECKING:
    from domain.vectors import Vector

_BATCH = 512  # points an engine operation
_PAGE = 256
_QUICK = 0.002  # seconds that an event loop can be kept waiting

Ranked = list[tuple[int, float]]  # UUIDs as their numbers, which hash and sort faster


class Shard:
    """Opened by `shard_files`. Only one process can hold it."""

    def __init__(self, folder: Path, collection: Collection, engine: edge.EdgeShard) -> None:
        self.collection = collection
        self.engine = engine
        self._folder = folder
        self._lock = ReadersWriter()
        self._writer = Lock()  # held by a write from its first change until it is on disk
        self._last_query = _QUICK  # seconds; the first query after opening may read from disk

    def upsert(self, tenant: str, chunks: Sequence[EmbeddedChunk]) -> None:
        points = [self._point(tenant, item) for item in chunks]
        with self._writing():
            self._upsert(points)

    def replace(self, tenant: str, documents: Mapping[str, Sequence[EmbeddedChunk]]) -> None:
        """The documents' chunks make room for these, in one step as queries see it, and also
        for who opens the shard after this process has died in the midst of it.
        """
        items = [item for chunks in documents.values() for item in chunks]
        points = [self._point(tenant, item) for item in items]
        kept = {
            id_: [point_id(tenant, item.chunk.id) for item in chunks]
            for id_, chunks in documents.items()
        }
        journal.write(self._folder, [journal.Entry(tenant, id_, new) for id_, new in kept.items()])
        with self._writing():
            self._upsert(points)
            self._delete(_others(tenant, kept))
        journal.clear(self._folder)

    def delete(self, tenant: str, where: Filter) -> None:
        with self._writing():
            self._delete(edge_filter(tenant, where))

    def recover(self) -> None:
        """Ends what a process that died had begun: a document that had all its new points
        keeps those, any other its old ones.
        """
        for entry in journal.read(self._folder):
            new = [UUID(id_) for id_ in entry.points]
            whole = len(self.engine.retrieve(list(new), False, False)) == len(new)
            with self._writing():
                if whole:
                    self._delete(_others(entry.tenant, {entry.document: entry.points}))
                elif new:
                    self.engine.update(edge.UpdateOperation.delete_points(list(new)))
        journal.clear(self._folder)

    def query(
        self, tenant: str, query: HybridQuery, *, vectors: bool = False
    ) -> "tuple[list[Hit], list[Vector]]":
        self.collection.expect(query.space)
        start = perf_counter()
        requests = self._requests(tenant, query)
        with self._reading():
            best = fuse(
                self._ranked(requests),
                query.fusion,
                query.limit,
                depth=query.candidates,
                foreign=self.collection.is_foreign(query),
            )
            records = self._records([fused.id for fused in best], vectors=vectors)
        self._last_query = perf_counter() - start
        found = [records[fused.id] for fused in best]
        hits = [
            Hit(_chunk(record), fused.score, fused.found_by)
            for fused, record in zip(best, found, strict=True)
        ]
        return hits, [_vector(record) for record in found] if vectors else []

    def chunks(self, tenant: str, ids: Sequence[str]) -> list[Chunk]:
        points = [UUID(point_id(tenant, id_)) for id_ in ids]
        with self._reading():
            records = self._records([point.int for point in points])
        return [_chunk(records[point.int]) for point in points if point.int in records]

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

    def _delete(self, outdated: edge.Filter) -> None:
        self.engine.update(edge.UpdateOperation.delete_points_by_filter(outdated))

    def _upsert(self, points: list[edge.Point]) -> None:
        for start in range(0, len(points), _BATCH):
            batch = points[start : start + _BATCH]
            self.engine.update(edge.UpdateOperation.upsert_points(batch))

    def _point(self, tenant: str, item: EmbeddedChunk) -> edge.Point:
        vectors = {
            "dense": self.collection.checked(item.vector),
            "bm25": passage_words(
                item.chunk, self.collection.mean_length, self.collection.language
            ),
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
        requests: dict[Leg, edge.QueryRequest] = {}
        if query.vector is not None:
            vector = self.collection.checked(query.vector)
            nearest = edge.Query.Nearest(vector, using="dense")  # type: ignore[arg-type]
            requests["dense"] = edge.QueryRequest(query.candidates, query=nearest, filter=scope)
        if query.text is not None:
            words = question_words(query.text, (self.collection.language, query.language))
            nearest = edge.Query.Nearest(words, using="bm25")
            own_idf = edge.SearchParams(idf=edge.IdfParams(corpus=edge_filter(tenant)))
            requests["bm25"] = edge.QueryRequest(
                query.candidates, query=nearest, filter=scope, params=own_idf
            )
        return requests

    def _ranked(self, requests: dict[Leg, edge.QueryRequest]) -> dict[Leg, Ranked]:
        found = self.engine.query_batch(edge.QueryBatchRequest(list(requests.values())))
        return {
            leg: [(_number(point.id), point.score) for point in points]
            for leg, points in zip(requests, found, strict=True)
        }

    def _records(self, ids: list[int], *, vectors: bool = False) -> dict[int, edge.Record]:
        # Fetched for the winners only: payload for all candidates of both legs takes 2.5 times
        # as long as the whole of ranking, fusing and this.
        wanted = ["dense"] if vectors else False
        records = self.engine.retrieve([UUID(int=id_) for id_ in ids], True, wanted)
        return {_number(record.id): record for record in records}

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
        with engine_errors(self.collection.name, self._folder):
            yield


def _others(tenant: str, kept: Mapping[str, Sequence[str]]) -> edge.Filter:
    """The points of these documents but for those that are kept."""
    ids = (id_ for some in kept.values() for id_ in some)
    return edge_filter(tenant, (AnyOf("document_id", tuple(kept)),), other_than=ids)


def _number(id_: "edge.PointId") -> int:
    return cast("UUID", id_).int  # all our points are named by UUIDs


def _vector(record: edge.Record) -> "Vector":
    values = cast("dict[str, list[float]]", record.vector)["dense"]
    # Three times as fast as NumPy's own way from a list.
    return np.frombuffer(pack(f"{len(values)}f", *values), dtype=np.float32)


def _chunk(record: edge.Record) -> Chunk:
    return from_payload(cast("ChunkPayload", record.payload))  # written by us, with to_payload


@contextmanager
def engine_errors(collection: str, folder: Path) -> Iterator[None]:
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
