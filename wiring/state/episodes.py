"""Conversations in short: a summary for each number of turns."""

from collections.abc import Sequence

from sqlalchemy import select

from wiring.state.connection import Database
from wiring.state.sessions import storable
from wiring.state.tables import episodes
from wiring.state.upsert import Row, upsert


class Episodes:
    """An EpisodeLog."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def episodes(self, tenant: str, session: str) -> Sequence[str]:
        query = (
            select(episodes.c.summary)
            .where(episodes.c.tenant == tenant, episodes.c.session == session)
            .order_by(episodes.c.number)
        )
        async with self._database.transaction() as connection:
            return list(await connection.scalars(query))

    async def close_episode(self, tenant: str, session: str, number: int, summary: str) -> None:
        key: Row = {"tenant": tenant, "session": session, "number": number}
        row: Row = {**key, "summary": storable(summary)}
        async with self._database.transaction() as connection:
            stays = {"summary": episodes.c.summary}
            await connection.execute(upsert(connection, episodes, row, change=stays))
