"""Reads embedded collections point by point, of all tenants, with all vectors.

For who holds the data directory and serves nobody meanwhile. Writes nothing, but ends a
replacement that a crash has cut short, as whoever opens a collection does.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast
from uuid import UUID

import numpy as np
import qdrant_edge as edge

from retrieval import shard_files
from retrieval.collection import Collection
from retrieval.edge_errors import engine_errors
from retrieval.shard import Shard
from retrieval.stored import StoredPoint

PAGE = 256


class EdgePoints:
    """One collection, in the order of the points' ids."""

    def __init__(self, shard: Shard, folder: Path) -> None:
        self._shard = shard
        self._folder = folder

    @property
    def made(self) -> Collection:
        return self._shard.collection

    def count(self) -> int:
        with engine_errors(self.made.name, self._folder):
            return self._shard.engine.count(edge.CountRequest(exact=True))

    def pages(self) -> Iterator[list[StoredPoint]]:
        following: edge.PointId | None = None
        while True:
            request = edge.ScrollRequest(
                offset=following, limit=PAGE, with_payload=True, with_vector=True
            )
            with engine_errors(self.made.name, self._folder):
                records, following = self._shard.engine.scroll(request)
            if records:
                yield [_stored(record) for record in records]
            if following is None:
                return

    def missing(self, ids: Sequence[str]) -> list[str]:
        """Those of these that it does not have."""
        wanted = [UUID(id_) for id_ in ids]
        with engine_errors(self.made.name, self._folder):
            found = self._shard.engine.retrieve(list(wanted), False, False)
        there = {str(record.id) for record in found}
        return [id_ for id_ in ids if id_ not in there]


def names(path: Path) -> list[str]:
    """Of the collections in a folder, without those that are only being rebuilt."""
    folders = path.iterdir() if path.is_dir() else ()
    there = sorted(folder.name for folder in folders if shard_files.is_collection(folder))
    return [name for name in there if not name.endswith("~")]


@contextmanager
def open_points(path: Path, name: str) -> Iterator[EdgePoints]:
    shard = shard_files.load(path / name)
    try:
        yield EdgePoints(shard, path / name)
    finally:
        shard.close()


def _stored(record: edge.Record) -> StoredPoint:
    vectors = cast("dict[str, list[float] | edge.SparseVector]", record.vector)
    sparse = {
        leg: dict(zip(one.indices, one.values, strict=True))
        for leg, one in vectors.items()
        if isinstance(one, edge.SparseVector)
    }
    return StoredPoint(
        str(record.id),
        cast("dict[str, object]", record.payload),
        np.asarray(vectors["dense"], dtype=np.float32),
        sparse,
    )
