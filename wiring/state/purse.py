"""What tenants have spent in a month, and what processes hold of the rest.

All who ask about one tenant's month come after each other: its row is locked.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.purse import Taken
from wiring.state.connection import Database
from wiring.state.tables import advances, spending
from wiring.state.times import from_iso
from wiring.state.upsert import Row, upsert


class SqlPurse:
    """A Purse."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(
        self, tenant: str, month: str, *, holder: str, amounts: Sequence[int], cap: int, until: str
    ) -> Taken:
        async with self._database.transaction() as connection:
            spent = await _locked(connection, tenant, month)
            others = await _of_others(connection, tenant, month, holder)
            room = cap - spent - others
            amount = next((one for one in amounts if one <= room), amounts[-1])
            row: Row = {
                "tenant": tenant,
                "month": month,
                "holder": holder,
                "microdollars": amount,
                "until": from_iso(until),
            }
            await connection.execute(upsert(connection, advances, row))
        return Taken(amount, spent, others)

    async def release(self) -> None:
        """What processes that are gone had taken. Only for who is alone on this database."""
        async with self._database.transaction() as connection:
            await connection.execute(delete(advances))


async def _locked(connection: AsyncConnection, tenant: str, month: str) -> int:
    """What is spent; nobody books or takes until we are through."""
    row: Row = {"tenant": tenant, "month": month, "microdollars": 0}
    there = {"microdollars": spending.c.microdollars}
    await connection.execute(upsert(connection, spending, row, change=there))
    spent = select(spending.c.microdollars).where(
        spending.c.tenant == tenant, spending.c.month == month
    )
    return int(await connection.scalar(spent.with_for_update()) or 0)


async def _of_others(connection: AsyncConnection, tenant: str, month: str, holder: str) -> int:
    """Without what has run out, which is forgotten."""
    now = datetime.now(UTC)
    await connection.execute(
        delete(advances).where(advances.c.tenant == tenant, advances.c.until < now)
    )
    held = select(func.sum(advances.c.microdollars)).where(
        advances.c.tenant == tenant, advances.c.month == month, advances.c.holder != holder
    )
    return int(await connection.scalar(held) or 0)
