"""What each model call cost, and what a tenant has spent. Never what was said."""

from collections.abc import Sequence

from sqlalchemy import Row as Result
from sqlalchemy import func, insert, select

from domain.completion import Usage
from domain.records import LedgerRow
from wiring.state.connection import Database
from wiring.state.tables import ledger
from wiring.state.times import from_iso, to_iso
from wiring.state.upsert import Row


def encode(row: LedgerRow) -> Row:
    return {
        "at": from_iso(row.at),
        "tenant": row.tenant,
        "endpoint": row.endpoint,
        "model": row.model,
        "prompt_version": row.prompt_version,
        "prefix_fingerprint": row.prefix_fingerprint,
        "input_tokens": row.usage.input,
        "cached_tokens": row.usage.cached,
        "written_tokens": row.usage.written,
        "output_tokens": row.usage.output,
        "reasoning_tokens": row.usage.reasoning,
        "cost_microdollars": row.cost_microdollars,
        "seconds": row.seconds,
        "finish": row.finish,
        "request_id": row.request_id,
    }


def decode(row: Result[*tuple[object, ...]]) -> LedgerRow:
    return LedgerRow(
        at=to_iso(row.at),
        tenant=row.tenant,
        endpoint=row.endpoint,
        model=row.model,
        prompt_version=row.prompt_version,
        prefix_fingerprint=row.prefix_fingerprint,
        usage=Usage(
            input=row.input_tokens,
            cached=row.cached_tokens,
            written=row.written_tokens,
            output=row.output_tokens,
            reasoning=row.reasoning_tokens,
        ),
        cost_microdollars=row.cost_microdollars,
        seconds=row.seconds,
        finish=row.finish,
        request_id=row.request_id,
    )


class SqlLedger:
    """A Ledger."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def book(self, row: LedgerRow) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(insert(ledger).values(encode(row)))

    async def spent_microdollars(self, tenant: str, since: str) -> int:
        """The sum from `since` on, that moment included."""
        query = select(func.sum(ledger.c.cost_microdollars)).where(
            ledger.c.tenant == tenant, ledger.c.at >= from_iso(since)
        )
        async with self._database.transaction() as connection:
            return int(await connection.scalar(query) or 0)

    async def rows(self, tenant: str, since: str) -> Sequence[LedgerRow]:
        """In the order of time."""
        query = (
            select(ledger)
            .where(ledger.c.tenant == tenant, ledger.c.at >= from_iso(since))
            .order_by(ledger.c.at, ledger.c.id)
        )
        async with self._database.transaction() as connection:
            return [decode(row) for row in await connection.execute(query)]
