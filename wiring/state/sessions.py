"""Conversations: append-only turns, numbered without gaps."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, delete, insert, select, tuple_
from sqlalchemy import Row as Result
from sqlalchemy.exc import IntegrityError

from domain.records import SessionRecord, Turn
from wiring.state.connection import Database
from wiring.state.tables import sessions, traces, turns
from wiring.state.tables_kept import kept_answers
from wiring.state.times import from_iso, to_iso
from wiring.state.upsert import Row, upsert


def encode(tenant: str, session: str, position: int, turn: Turn) -> Row:
    return {
        "tenant": tenant,
        "session": session,
        "position": position,
        "question": storable(turn.question),
        "answer": storable(turn.answer),
        "at": from_iso(turn.at),
    }


def decode(row: Result[*tuple[object, ...]]) -> Turn:
    return Turn(question=row.question, answer=row.answer, at=to_iso(row.at))


class Sessions:
    """A SessionLog."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, tenant: str, session: str, turn: Turn) -> None:
        at = from_iso(turn.at)
        first: Row = {"tenant": tenant, "id": session, "turns": 1, "started_at": at, "last_at": at}
        async with self._database.transaction() as connection:
            # The session's row counts, so two turns at once wait for each other here.
            counted = upsert(
                connection,
                sessions,
                first,
                change={"turns": sessions.c.turns + 1},
                keep=("started_at",),
            )
            count = await connection.scalar(counted.returning(sessions.c.turns))
            assert count is not None
            await connection.execute(insert(turns).values(encode(tenant, session, count, turn)))

    async def turns(self, tenant: str, session: str) -> Sequence[Turn]:
        query = (
            select(turns)
            .where(turns.c.tenant == tenant, turns.c.session == session)
            .order_by(turns.c.position)
        )
        async with self._database.transaction() as connection:
            return [decode(row) for row in await connection.execute(query)]

    async def create(self, tenant: str, session: str, at: str) -> bool:
        """An empty one; False: it is there already."""
        moment = from_iso(at)
        row = {"tenant": tenant, "id": session, "turns": 0}
        row |= {"started_at": moment, "last_at": moment}
        try:
            async with self._database.transaction() as connection:
                await connection.execute(insert(sessions).values(row))
        except IntegrityError:
            return False
        return True

    async def find(self, tenant: str, session: str) -> SessionRecord | None:
        query = select(sessions).where(_is(tenant, session))
        async with self._database.transaction() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return None
        return SessionRecord(row.id, row.turns, to_iso(row.started_at), to_iso(row.last_at))

    async def ids(self, tenant: str, before: str | None = None) -> Sequence[str]:
        """The oldest first; or those alone whose last turn was before that moment."""
        query = select(sessions.c.id).where(sessions.c.tenant == tenant)
        if before is not None:
            query = query.where(sessions.c.last_at < from_iso(before))
        async with self._database.transaction() as connection:
            return [row.id for row in await connection.execute(query.order_by(sessions.c.last_at))]

    async def tenants(self) -> Sequence[str]:
        query = select(sessions.c.tenant).distinct().order_by(sessions.c.tenant)
        async with self._database.transaction() as connection:
            return [row.tenant for row in await connection.execute(query)]

    async def forget(self, tenant: str, session: str) -> bool:
        """Its turns go, and whatever else is kept of them; False: it was not there."""
        said = select(turns.c.question, turns.c.answer).where(
            turns.c.tenant == tenant, turns.c.session == session
        )
        sampled = tuple_(traces.c.question, traces.c.answer).in_(said)
        kept = kept_answers.c.tenant == tenant, kept_answers.c.session == session
        async with self._database.transaction() as connection:
            await connection.execute(delete(traces).where(traces.c.tenant == tenant, sampled))
            await connection.execute(delete(kept_answers).where(*kept))
            gone = await connection.execute(delete(sessions).where(_is(tenant, session)))
            return gone.rowcount > 0


def _is(tenant: str, session: str) -> ColumnElement[bool]:
    return and_(sessions.c.tenant == tenant, sessions.c.id == session)


def storable(text: str) -> str:
    """PostgreSQL refuses NUL, both refuse half a surrogate pair; an answer must not fail there."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
