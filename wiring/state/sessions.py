"""Conversations: append-only turns, numbered without gaps."""

from collections.abc import Sequence

from sqlalchemy import Row as Result
from sqlalchemy import insert, select

from domain.records import Turn
from wiring.state.connection import Database
from wiring.state.tables import sessions, turns
from wiring.state.times import from_iso, to_iso
from wiring.state.upsert import Row, upsert


def encode(tenant: str, session: str, position: int, turn: Turn) -> Row:
    return {
        "tenant": tenant,
        "session": session,
        "position": position,
        "question": _storable(turn.question),
        "answer": _storable(turn.answer),
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


def _storable(text: str) -> str:
    """PostgreSQL refuses NUL, both refuse half a surrogate pair; an answer must not fail there."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
