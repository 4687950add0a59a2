"""Answers that outlive their request, and who works on them. Knows neither questions nor models."""

from dataclasses import fields

from sqlalchemy import ColumnElement, Update, and_, delete, insert, or_, select, update
from sqlalchemy import Row as Result
from sqlalchemy.exc import IntegrityError

from domain.kept import KeptAnswer
from wiring.state.connection import Database
from wiring.state.tables_kept import kept_answers as table
from wiring.state.times import from_iso, to_iso
from wiring.state.upsert import Row

_NAMES = tuple(field.name for field in fields(KeptAnswer))
_MOMENTS = ("created_at", "held_until", "ended_at")


def encode(kept: KeptAnswer) -> Row:
    row = {name: getattr(kept, name) for name in _NAMES}
    return row | {name: from_iso(row[name]) for name in _MOMENTS if row[name]}


def decode(row: Result[*tuple[object, ...]]) -> KeptAnswer:
    found = {name: getattr(row, name) for name in _NAMES}
    return KeptAnswer(**found | {name: to_iso(found[name]) for name in _MOMENTS if found[name]})


class Kept:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, kept: KeptAnswer) -> bool:
        """False: the tenant has used its key before."""
        try:
            async with self._database.transaction() as connection:
                await connection.execute(insert(table).values(encode(kept)))
        except IntegrityError:
            return False
        return True

    async def find(self, tenant: str, id_: str) -> KeptAnswer | None:
        return await self._one(table.c.tenant == tenant, table.c.id == id_)

    async def of_key(self, tenant: str, key: str) -> KeptAnswer | None:
        return await self._one(table.c.tenant == tenant, table.c.key == key)

    async def take(self, now: str, until: str) -> KeptAnswer | None:
        """The oldest in the background that nobody works on; it is the caller's until then."""
        open_ = or_(table.c.state.in_(("queued", "running")), table.c.callback != "")
        due = and_(table.c.background, table.c.held_until <= from_iso(now), open_)
        oldest = select(table.c.id).where(due).order_by(table.c.created_at).limit(1)
        taken = (
            update(table)
            .where(table.c.id == oldest.scalar_subquery(), due)
            .values(held_until=from_iso(until), attempts=table.c.attempts + 1)
            .returning(table)
        )
        async with self._database.transaction() as connection:
            row = (await connection.execute(taken)).one_or_none()
        return decode(row) if row else None

    async def take_over(self, kept: KeptAnswer, until: str, now: str) -> bool:
        """Whether it is the caller's now: whoever worked on it has let go."""
        mine = table.c.held_until <= from_iso(now)
        taken = self._change(kept).where(mine).values(held_until=from_iso(until))
        async with self._database.transaction() as connection:
            return (await connection.execute(taken)).rowcount == 1

    async def hold(self, kept: KeptAnswer, until: str) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(self._change(kept).values(held_until=from_iso(until)))

    async def put(self, kept: KeptAnswer) -> None:
        """As it is now. One that was forgotten stays forgotten."""
        async with self._database.transaction() as connection:
            await connection.execute(self._change(kept).values(dict(encode(kept))))

    async def forget(self, tenant: str, id_: str) -> bool:
        """Whether it was there."""
        gone = delete(table).where(table.c.tenant == tenant, table.c.id == id_)
        async with self._database.transaction() as connection:
            return (await connection.execute(gone)).rowcount > 0

    async def forget_old(self, before: str) -> None:
        gone = delete(table).where(table.c.created_at < from_iso(before))
        async with self._database.transaction() as connection:
            await connection.execute(gone)

    @staticmethod
    def _change(kept: KeptAnswer) -> Update:
        return update(table).where(table.c.tenant == kept.tenant, table.c.id == kept.id)

    async def _one(self, *where: ColumnElement[bool]) -> KeptAnswer | None:
        async with self._database.transaction() as connection:
            row = (await connection.execute(select(table).where(*where))).one_or_none()
        return decode(row) if row else None
