"""Which collections there are, and which vectors and pipeline each was made with."""

from collections.abc import Sequence

from sqlalchemy import Row as Result
from sqlalchemy import delete, select

from domain.records import CollectionRecord
from domain.vectors import VectorSpace
from wiring.state.connection import Database
from wiring.state.tables import collections
from wiring.state.times import from_iso, to_iso
from wiring.state.upsert import Row, upsert


def encode(record: CollectionRecord) -> Row:
    return {
        "name": record.name,
        "model": record.space.model,
        "dimensions": record.space.dimensions,
        "space": record.space.id,
        "max_tokens": record.max_tokens,
        "overlap": record.overlap,
        "created_at": from_iso(record.created_at),
    }


def decode(row: Result[*tuple[object, ...]]) -> CollectionRecord:
    return CollectionRecord(
        name=row.name,
        space=VectorSpace(model=row.model, dimensions=row.dimensions, id=row.space),
        max_tokens=row.max_tokens,
        overlap=row.overlap,
        created_at=to_iso(row.created_at),
    )


class Collections:
    """A CollectionRegistry."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, name: str) -> CollectionRecord | None:
        query = select(collections).where(collections.c.name == name)
        async with self._database.transaction() as connection:
            row = (await connection.execute(query)).one_or_none()
        return decode(row) if row else None

    async def all(self) -> Sequence[CollectionRecord]:
        query = select(collections).order_by(collections.c.name)
        async with self._database.transaction() as connection:
            return [decode(row) for row in await connection.execute(query)]

    async def save(self, record: CollectionRecord) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(upsert(connection, collections, encode(record)))

    async def forget(self, name: str) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(delete(collections).where(collections.c.name == name))
