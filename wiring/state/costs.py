"""What the ledger adds up to, by any of its columns and by day or hour. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Text, cast, func, select

from domain.errors import InvalidInput
from wiring.state.connection import Database
from wiring.state.tables import ledger
from wiring.state.times import from_iso

COLUMNS = (
    "tenant", "key", "endpoint", "feature", "provider", "model", "tier", "finish", "tools",
    "prompt_version", "prefix_fingerprint", "cache_key", "cache_why", "request", "input_mark",
)  # fmt: skip
_HOUR, _DAY = 13, 10  # characters of an ISO time


@dataclass(frozen=True, slots=True)
class Sum:
    """Calls of one group in one day or hour (UTC), as in 2026-11-03 or 2026-11-03T09."""

    when: str
    group: tuple[str, ...]
    calls: int
    input: int
    cached: int
    written: int
    output: int
    retries: int
    cost_microdollars: int


async def sums(
    database: Database,
    by: Sequence[str],
    *,
    since: str,
    until: str,
    hourly: bool = False,
    tenant: str | None = None,
) -> Sequence[Sum]:
    """In the order of time. `until` itself is not in it."""
    if unknown := [name for name in by if name not in COLUMNS]:
        raise InvalidInput(
            f"The ledger has no column '{unknown[0]}'; there are {', '.join(COLUMNS)}.", field="by"
        )
    group = [func.coalesce(ledger.c[name], "").label(f"g{n}") for n, name in enumerate(by)]
    when = _when(database, _HOUR if hourly else _DAY)
    numbers = [
        func.sum(ledger.c[name])
        for name in ("input_tokens", "cached_tokens", "written_tokens", "output_tokens",
                     "retries", "cost_microdollars")
    ]  # fmt: skip
    query = (
        select(when, *group, func.count(), *numbers)
        .where(ledger.c.at >= from_iso(since), ledger.c.at < from_iso(until))
        .group_by(when, *group)
        .order_by(when)
    )
    if tenant is not None:
        query = query.where(ledger.c.tenant == tenant)
    async with database.transaction() as connection:
        rows = (await connection.execute(query)).all()
    return [
        Sum(str(row[0]), tuple(map(str, row[1 : 1 + len(by)])), *map(int, row[1 + len(by) :]))
        for row in rows
    ]


def _when(database: Database, length: int) -> ColumnElement[str]:
    if database.engine.dialect.name == "sqlite":
        return func.replace(func.substr(cast(ledger.c.at, Text), 1, length), " ", "T").label("at_")
    form = 'YYYY-MM-DD"T"HH24' if length == _HOUR else "YYYY-MM-DD"
    return func.to_char(func.timezone("UTC", ledger.c.at), form).label("at_")
