"""When a tenant asked, from the ledger: how far apart its questions come. Never what."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from wiring.state.connection import Database
from wiring.state.tables import ledger
from wiring.state.times import from_iso

_MOST = 20_000  # of the latest


async def moments(database: Database, tenant: str, endpoint: str, since: str) -> Sequence[datetime]:
    """The latest of them, in their order."""
    query = (
        select(ledger.c.at)
        .where(
            ledger.c.tenant == tenant,
            ledger.c.endpoint == endpoint,
            ledger.c.at >= from_iso(since),
        )
        .order_by(ledger.c.at.desc())
        .limit(_MOST)
    )
    async with database.transaction() as connection:
        return list(reversed(list(await connection.scalars(query))))
