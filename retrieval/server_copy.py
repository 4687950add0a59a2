"""Whole collections on a Qdrant server, made from points of another store.

Until `show` they have no alias: a service does not see them, and nothing stands in their way.
Whose they are says the end of their real name; what begins with the same `mark` again goes on
with them. A collection that is shown is the service's, and is not written here any more.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self, cast

import numpy as np
from qdrant_client import AsyncQdrantClient, models

from domain.errors import Misconfigured
from retrieval import fields
from retrieval.collection import Collection, collection_from_json
from retrieval.points import ChunkPayload, from_payload
from retrieval.server import QdrantConfig
from retrieval.server_collection import create, index
from retrieval.server_errors import server_errors
from retrieval.server_fields import make_indexes
from retrieval.server_names import PREFIX, shown, stands_for
from retrieval.stored import StoredPoint

_PAGE = 1024  # ids; without payload and vectors


@dataclass(frozen=True, slots=True)
class Copies:
    """What one migration makes on a server."""

    client: AsyncQdrantClient
    mark: str

    @classmethod
    def open(cls, config: QdrantConfig, mark: str) -> Self:
        return cls(config.connect(), mark)

    async def shown(self) -> dict[str, str]:
        """The collections that a service sees, by name; the value is what each stands for."""
        with server_errors():
            return await shown(self.client)

    def own(self, name: str) -> str:
        return f"{PREFIX}{name}.{self.mark}"

    async def in_the_way(self, names: Iterable[str]) -> list[str]:
        """Names that cannot become aliases, as something on the server is called so."""
        with server_errors():
            return [
                name for name in sorted(names) if await self.client.collection_exists(PREFIX + name)
            ]

    async def copy_of(self, name: str) -> "Copy | None":
        """What this migration has made of it before."""
        return await self.at(self.own(name), name)

    async def at(self, real: str, name: str) -> "Copy | None":
        with server_errors(name):
            if not await self.client.collection_exists(real):
                return None
            info = await self.client.get_collection(real)
        if info.config.metadata is None:
            raise Misconfigured(
                f"The server's collection '{real}' was not made by Forebay. Rename it."
            )
        made = collection_from_json(name, info.config.metadata)
        return Copy(self.client, real, made, fields.paths(info.payload_schema))

    async def make(self, made: Collection) -> "Copy":
        """As it is there, or new. One of an older description gives way."""
        real, there = self.own(made.name), await self.copy_of(made.name)
        with server_errors(made.name):
            if there is not None and there.made != made:
                await self.client.delete_collection(real)
            if there is None or there.made != made:
                await create(self.client, real, made)
            await index(self.client, real)  # also of one whose making was cut short
        return Copy(self.client, real, made, there.indexed if there else set())

    async def show(self, names: Iterable[str]) -> None:
        """All of them in one step."""
        changes = [stands_for(name, self.own(name)) for name in names]
        if changes:
            with server_errors():
                await self.client.update_collection_aliases(
                    change_aliases_operations=list[models.AliasOperations](changes)
                )

    async def close(self) -> None:
        await self.client.close()


@dataclass(frozen=True, slots=True)
class Copy:
    """One collection on the server, by its real name."""

    client: AsyncQdrantClient
    real: str
    made: Collection
    indexed: set[str]  # paths of fields

    async def count(self) -> int:
        with server_errors(self.made.name):
            return (await self.client.count(self.real, exact=True)).count

    async def find(self, ids: Sequence[str]) -> dict[str, StoredPoint]:
        with server_errors(self.made.name):
            records = await self.client.retrieve(
                self.real, ids, with_payload=True, with_vectors=True
            )
        return {str(record.id): _stored(record) for record in records}

    async def write(self, points: Sequence[StoredPoint]) -> None:
        chunks = [from_payload(cast("ChunkPayload", point.payload)) for point in points]
        wanted = fields.of_written(chunks, self.indexed)
        with server_errors(self.made.name):
            await make_indexes(self.client, self.real, wanted)
            self.indexed.update(fields.path(field) for field in wanted)
            await self._update(
                models.UpsertOperation(
                    upsert=models.PointsList(points=[_point(point) for point in points])
                )
            )

    async def remove(self, ids: Sequence[str]) -> None:
        gone = models.PointIdsList(points=list[models.ExtendedPointId](ids))
        with server_errors(self.made.name):
            await self._update(models.DeleteOperation(delete=gone))

    async def ids(self) -> AsyncIterator[list[str]]:
        offset = None
        while True:
            with server_errors(self.made.name):
                records, offset = await self.client.scroll(
                    self.real, limit=_PAGE, offset=offset, with_payload=False
                )
            yield [str(record.id) for record in records]
            if offset is None:
                return

    async def _update(self, operation: models.UpdateOperation) -> None:
        await self.client.batch_update_points(self.real, update_operations=[operation], wait=True)


def _point(point: StoredPoint) -> models.PointStruct:
    sparse = {
        leg: models.SparseVector(indices=list(weights), values=list(weights.values()))
        for leg, weights in point.sparse.items()
    }
    return models.PointStruct(
        id=point.id,
        vector={"dense": point.dense.tolist(), **sparse},
        payload=dict(point.payload),
    )


def _stored(record: models.Record) -> StoredPoint:
    vectors = cast("Mapping[str, list[float] | models.SparseVector]", record.vector)
    sparse = {
        leg: dict(zip(one.indices, one.values, strict=True))
        for leg, one in vectors.items()
        if isinstance(one, models.SparseVector)
    }
    dense = np.asarray(vectors["dense"], dtype=np.float32)
    return StoredPoint(str(record.id), record.payload or {}, dense, sparse)
