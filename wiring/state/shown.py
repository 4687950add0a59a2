"""How often each passage was shown on each day, and how many questions there were. No text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, literal_column, select

from wiring.state.connection import Database
from wiring.state.tables import shown
from wiring.state.upsert import Row, upsert

Key = tuple[str, str, str, str]  # tenant, collection, day, chunk; no chunk: the questions


@dataclass(frozen=True, slots=True)
class ShownOn:
    day: str  # ISO 8601, UTC
    chunk_id: str  # empty: the questions
    times: int


class Shown:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, counts: Mapping[Key, int]) -> None:
        rows: list[Row] = [
            {"tenant": t, "collection": c, "day": day, "chunk_id": chunk, "times": times}
            for (t, c, day, chunk), times in sorted(counts.items())  # one order: no deadlock
        ]
        async with self._database.transaction() as connection:
            more = shown.c.times + literal_column("excluded.times")
            counted = upsert(connection, shown, change={"times": more})
            await connection.execute(counted, rows)

    async def of(self, tenant: str, collection: str, since: str) -> Sequence[ShownOn]:
        """From that day on, in the order of days."""
        query = (
            select(shown.c.day, shown.c.chunk_id, shown.c.times)
            .where(
                shown.c.tenant == tenant,
                shown.c.collection == collection,
                shown.c.day >= since,
            )
            .order_by(shown.c.day, shown.c.chunk_id)
        )
        async with self._database.transaction() as connection:
            return [ShownOn(*row) for row in await connection.execute(query)]

    async def forget(self, before: str) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(delete(shown).where(shown.c.day < before))
