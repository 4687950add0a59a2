"""What each model call cost, and what a tenant has spent. Never what was said."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import Row as Result
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.completion import CacheOutcome, Usage
from domain.keys import purse_of
from domain.records import LedgerRow
from wiring.state.connection import Database
from wiring.state.tables import ledger, spending
from wiring.state.times import from_iso, month_of, to_iso
from wiring.state.upsert import Insert, Row, upsert


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
        "request": row.request,
        "key": row.key,
        "feature": row.feature,
        "provider": row.provider,
        "tier": row.tier,
        "cache_key": row.cache_key,
        "tools": ",".join(row.tools),
        "input_mark": row.input_mark,
        "written_long_tokens": row.usage.written_long,
        "retries": row.retries,
        "first_seconds": row.first_seconds,
        "counted_input_tokens": row.counted_input,
        "arm": row.arm,
        "trial": row.trial,
        "found": row.found,
        **_cache_row(row.cache),
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
            written_long=row.written_long_tokens,
        ),
        cost_microdollars=row.cost_microdollars,
        seconds=row.seconds,
        finish=row.finish,
        request_id=row.request_id,
        request=row.request,
        key=row.key,
        feature=row.feature,
        provider=row.provider,
        tier=row.tier,
        cache_key=row.cache_key,
        tools=tuple(filter(None, row.tools.split(","))),
        retries=row.retries,
        first_seconds=row.first_seconds,
        input_mark=row.input_mark,
        counted_input=row.counted_input_tokens,
        cache=_cache_of(row),
        arm=row.arm,
        trial=row.trial,
        found=row.found,
    )


_CACHE = (
    "prefix_tokens",
    "cacheable_tokens",
    "cache_why",
    "cache_says",
    "saved_microdollars",
    "saved_naive_microdollars",
)


def _cache_row(found: CacheOutcome | None) -> Row:
    """All empty where nothing is known of a cache."""
    if found is None:
        return dict.fromkeys(_CACHE)
    saved = found.saved_microdollars, found.saved_naive_microdollars
    values = (found.prefix, found.cacheable, found.why, found.says, *saved)
    return dict(zip(_CACHE, values, strict=True))


def _cache_of(row: Result[*tuple[object, ...]]) -> CacheOutcome | None:
    if row.cache_why is None:
        return None
    return CacheOutcome(
        prefix=row.prefix_tokens,
        cacheable=row.cacheable_tokens,
        why=row.cache_why,
        says=row.cache_says,
        saved_microdollars=row.saved_microdollars,
        saved_naive_microdollars=row.saved_naive_microdollars,
    )


class SqlLedger:
    """A Ledger."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def book(self, *rows: LedgerRow) -> None:
        """And the months' sums with them, of tenants and keys, in one order: two processes may book
        at once.
        """
        spent: Counter[tuple[str, str]] = Counter()
        for row in rows:
            month = month_of(row.at)
            spent[row.tenant, month] += row.cost_microdollars
            if row.key:
                spent[purse_of(row.tenant, row.key), month] += row.cost_microdollars
        async with self._database.transaction() as connection:
            await connection.execute(insert(ledger), [encode(row) for row in rows])
            for (tenant, month), cost in sorted(spent.items()):
                await connection.execute(_added(connection, tenant, month, cost))

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


def _added(connection: AsyncConnection, tenant: str, month: str, cost: int) -> Insert:
    total = {"microdollars": spending.c.microdollars + cost}
    row: Row = {"tenant": tenant, "month": month, "microdollars": cost}
    return upsert(connection, spending, row, change=total)
