"""One collection in the embedded engine, called synchronously, from any thread.

A write is on disk when it returns, and a query never sees half of one. Knows nothing of
asyncio and of other collections; the engine's exceptions end here.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING
from uuid import UUID

import qdrant_edge as edge

from domain.documents import Chunk, EmbeddedChunk
from domain.filters import AnyOf, Exists, Filter
from domain.hits import Hit, HybridQuery, Leg
from retrieval import fields, journal
from retrieval.collection import Collection
from retrieval.durable import copy_sparsely
from retrieval.edge_errors import engine_errors
from retrieval.filter_edge import edge_filter
from retrieval.fuse import fuse
from retrieval.points import field_path, point_id
from retrieval.readers_writer import ReadersWriter
from retrieval.recent import Known, Recent
from retrieval.shard_points import (
    Ranked,
    chunk_of,
    number_of,
    to_point,
    to_requests,
    told,
    vector_of,
)

if TYPE_CHECKING:
    from domain.vectors import Vector

_BATCH = 512  # points an engine operation
_PAGE = 256
_REMEMBERED = 128 * 2**20  # bytes of chunks that were found lately, a collection
_INDEXES: Mapping[fields.Kind, edge.PayloadSchemaType] = {
    "keyword": edge.PayloadSchemaType.Keyword,
    "float": edge.PayloadSchemaType.Float,
}
_QUICK = 0.002  # seconds that an event loop can be kept waiting


class Shard:
    """Opened by `shard_files`. Only one process can hold it."""

    def __init__(self, folder: Path, collection: Collection, engine: edge.EdgeShard) -> None:
        self.collection = collection
        self.engine = engine
        self._folder = folder
        self._lock = ReadersWriter()
        self._writer = Lock()  # held by a write from its first change until it is on disk
        self._recent = Recent(_REMEMBERED)
        self._indexed = fields.paths(engine.info().payload_schema)
        self._written = False  # since it was opened
        self._last_query = _QUICK  # seconds; the first query after opening may read from disk

    def upsert(self, tenant: str, chunks: Sequence[EmbeddedChunk]) -> None:
        points = [to_point(tenant, self.collection, item) for item in chunks]
        with self._writing():
            self._index(fields.of_written([item.chunk for item in chunks], self._indexed))
            self._upsert(points)

    def replace(self, tenant: str, documents: Mapping[str, Sequence[EmbeddedChunk]]) -> None:
        """The documents' chunks make room for these, in one step as queries see it, and also
        for who opens the shard after this process has died in the midst of it.
        """
        items = [item for chunks in documents.values() for item in chunks]
        points = [to_point(tenant, self.collection, item) for item in items]
        kept = {
            id_: [point_id(tenant, item.chunk.id) for item in chunks]
            for id_, chunks in documents.items()
        }
        journal.write(self._folder, [journal.Entry(tenant, id_, new) for id_, new in kept.items()])
        with self._writing():
            self._index(fields.of_written([item.chunk for item in items], self._indexed))
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

    def query(self, tenant: str, query: HybridQuery) -> "tuple[list[Hit], list[Vector]]":
        """The hits, and beside them their dense vectors."""
        self.collection.expect(query.space)
        self._index_asked(tenant, query.where)
        start = perf_counter()
        requests = to_requests(tenant, self.collection, query)
        words = told(tenant, query)
        with self._reading():
            # Of what somebody else ranked nobody knows that it is still there.
            self._recent.drop(id_ for ranked in words.values() for id_, _ in ranked)
            best = fuse(
                self._ranked(requests) | words,
                query.fusion,
                query.limit,
                depth=query.candidates,
                foreign=self.collection.is_foreign(query),
            )
            known = self._known([fused.id for fused in best])
        self._last_query = perf_counter() - start
        there = [fused for fused in best if fused.id in known]  # words may be of a moment ago
        found = [known[fused.id] for fused in there]
        hits = [
            Hit(one.chunk, fused.score, fused.found_by, collection=self.collection.name)
            for fused, one in zip(there, found, strict=True)
        ]
        return hits, [one.vector for one in found]

    def chunks(self, tenant: str, ids: Sequence[str]) -> list[Chunk]:
        points = [UUID(point_id(tenant, id_)) for id_ in ids]
        with self._reading():
            found = self.engine.retrieve(list(points), True, False)
        records = {number_of(record.id): record for record in found}
        return [chunk_of(records[point.int]) for point in points if point.int in records]

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
        return [chunk_of(record) for record in records], following

    def count(self, tenant: str, where: Filter) -> int:
        scope = edge_filter(tenant, where)
        with self._reading():
            return self.engine.count(edge.CountRequest(exact=True, filter=scope))

    def tidy(self) -> None:
        """Gives back the room of what was deleted, once it is a fifth. Not while anybody is served:
        the engine keeps Python's lock, some ten seconds for 100,000 chunks.
        """
        if self._written:
            with self._writer, self._translating():
                self.engine.optimize()

    def copy(self, folder: Path) -> None:
        with self._writer, self._translating():
            self.engine.flush()
            shutil.copytree(self._folder, folder, copy_function=copy_sparsely)

    def close(self) -> None:
        with self._writer, self._lock.writing(), self._translating():
            self.engine.close()

    def _index_asked(self, tenant: str, where: Filter) -> None:
        """Takes a second for 100,000 chunks, once a field. One that nobody has gets no index."""
        for field in fields.unindexed(where, self._indexed):
            holders = edge_filter(tenant, (Exists(field),))
            with self._reading():
                some, _ = self.engine.scroll(
                    edge.ScrollRequest(limit=1, filter=holders, with_payload=True)
                )
            if some:
                with self._writing():
                    self._index({field: fields.kind(chunk_of(some[0]), field)})

    def _index(self, wanted: Mapping[str, fields.Kind]) -> None:
        for field, kind in wanted.items():
            path, schema = field_path(field), _INDEXES[kind]
            self.engine.update(edge.UpdateOperation.create_field_index(path, schema))
            self._indexed.add(fields.path(field))

    def _delete(self, outdated: edge.Filter) -> None:
        self.engine.update(edge.UpdateOperation.delete_points_by_filter(outdated))

    def _upsert(self, points: list[edge.Point]) -> None:
        self._recent.drop(number_of(point.id) for point in points)
        for start in range(0, len(points), _BATCH):
            batch = points[start : start + _BATCH]
            self.engine.update(edge.UpdateOperation.upsert_points(batch))

    def _ranked(self, requests: dict[Leg, edge.QueryRequest]) -> dict[Leg, Ranked]:
        batch = edge.QueryBatchRequest(list(requests.values()))
        found = self.engine.query_batch(batch) if requests else []
        return {
            leg: [(number_of(point.id), point.score) for point in points]
            for leg, points in zip(requests, found, strict=True)
        }

    def _known(self, ids: list[int]) -> dict[int, Known]:
        # Fetched for the winners only: payload for all candidates of both legs takes 2.5 times
        # as long as the whole of ranking, fusing and this.
        known = self._recent.find(ids)
        missing = [UUID(int=id_) for id_ in ids if id_ not in known]
        if not missing:
            return known
        records = self.engine.retrieve(list(missing), True, ["dense"])
        fresh = {number_of(one.id): Known(chunk_of(one), vector_of(one)) for one in records}
        self._recent.add(fresh)
        return known | fresh

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with self._lock.reading(), self._translating():
            yield

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._writer, self._translating():
            self._written = True
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
