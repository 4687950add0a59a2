"""What the prompt caches did, summed up from the ledger by whatever one asks. Never a text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, Label, Row, String, case, cast, extract, func, literal, select

from domain.completion import CacheMiss
from gateway.canary import CHAIN
from wiring.state.connection import Database
from wiring.state.tables import ledger
from wiring.state.times import from_iso, to_iso

By = Literal["version", "tenant", "model", "hour", "day", "endpoint"]
_HIT, _CHANGED = "hit", "changed"


@dataclass(frozen=True, slots=True)
class Miss:
    why: CacheMiss
    calls: int
    says: str = ""  # of a prefix that changed: in which block


@dataclass(frozen=True, slots=True)
class CacheFigures:
    group: tuple[str, ...]  # a value for each of what was asked
    calls: int = 0
    prefix: int = 0  # tokens before the boundary, of all calls; so below
    input: int = 0
    cached: int = 0
    written: int = 0
    cacheable: int = 0
    read: int = 0  # of these
    saved_microdollars: int = 0
    saved_naive_microdollars: int = 0
    misses: tuple[Miss, ...] = ()

    @property
    def efficiency(self) -> float | None:
        return self.read / self.cacheable if self.cacheable else None


async def cache_figures(
    database: Database, by: Sequence[By], since: str, tenant: str | None = None
) -> list[CacheFigures]:
    """In the order of their names. Of the calls whose model has a cache that is known."""
    c = ledger.c
    async with database.transaction() as connection:
        at = func.timezone("UTC", c.at) if connection.dialect.name == "postgresql" else c.at
        columns: dict[By, ColumnElement[str] | ColumnElement[int]] = {
            "version": c.prompt_version,
            "tenant": c.tenant,
            "model": c.model,
            "hour": extract("hour", at),
            "day": cast(func.date(at), String),
            "endpoint": c.endpoint,
        }
        says = case((c.cache_why == _CHANGED, c.cache_says), else_=literal("")).label("says")
        keys = [columns[one].label(f"by_{one}") for one in by]
        query = (
            select(*keys, c.cache_why.label("why"), says, func.count().label("calls"), *_sums())
            .where(c.cache_why.is_not(None), c.at >= from_iso(since))
            .group_by(*keys, c.cache_why, says)
        )
        if tenant:
            query = query.where(c.tenant == tenant)
        rows = (await connection.execute(query)).all()
    found: dict[tuple[str, ...], CacheFigures] = {}
    for row in rows:
        group = tuple(_named(value) for value in row[: len(by)])
        found[group] = _added(found.get(group, CacheFigures(group)), row)
    return [found[group] for group in sorted(found)]


def _sums() -> list[Label[int]]:
    c = ledger.c
    read = case((c.cached_tokens < c.cacheable_tokens, c.cached_tokens), else_=c.cacheable_tokens)
    summed = {
        "prefix": c.prefix_tokens,
        "input": c.input_tokens,
        "cached": c.cached_tokens,
        "written": c.written_tokens,
        "cacheable": c.cacheable_tokens,
        "read": read,
        "saved_microdollars": c.saved_microdollars,
        "saved_naive_microdollars": c.saved_naive_microdollars,
    }
    return [func.sum(column).label(name) for name, column in summed.items()]


def _added(to: CacheFigures, row: Row[*tuple[object, ...]]) -> CacheFigures:
    misses = to.misses if row.why == _HIT else (*to.misses, Miss(row.why, row.calls, row.says))
    return CacheFigures(
        group=to.group,
        calls=to.calls + row.calls,
        prefix=to.prefix + int(row.prefix),
        input=to.input + int(row.input),
        cached=to.cached + int(row.cached),
        written=to.written + int(row.written),
        cacheable=to.cacheable + int(row.cacheable),
        read=to.read + int(row.read),
        saved_microdollars=to.saved_microdollars + int(row.saved_microdollars),
        saved_naive_microdollars=to.saved_naive_microdollars + int(row.saved_naive_microdollars),
        misses=tuple(sorted(misses, key=lambda miss: (-miss.calls, miss.why, miss.says))),
    )


def _named(value: object) -> str:
    """An hour in two digits, so that it sorts."""
    return value if isinstance(value, str) else f"{value:02.0f}:00"


@dataclass(frozen=True, slots=True)
class Prefixes:
    """Of one prompt version: how many tokens stood before the boundary, and were found."""

    version: str
    calls: int
    tokens: int  # as far as they can be found
    found: int


async def prefixes(
    database: Database, tenant: str, endpoint: str, since: str, *, least: int, step: int
) -> list[Prefixes]:
    """Of the calls whose prefix has so many tokens; so many, and multiples of it, can be found.
    What is found behind the boundary does not count.
    """
    c = ledger.c
    whole = c.prefix_tokens - c.prefix_tokens % step
    found = case((c.cached_tokens < whole, c.cached_tokens), else_=whole)
    query = (
        select(c.prompt_version, func.count(), func.sum(whole), func.sum(found))
        .where(c.tenant == tenant, c.endpoint == endpoint, c.at >= from_iso(since))
        .where(c.cache_why.is_not(None), c.prefix_tokens >= least)
        .group_by(c.prompt_version)
    )
    async with database.transaction() as connection:
        rows = (await connection.execute(query)).all()
    return [Prefixes(version, calls, int(of), int(read)) for version, calls, of, read in rows]


@dataclass(frozen=True, slots=True)
class Asked:
    """One call with a certain prefix."""

    at: str  # ISO 8601, UTC
    endpoint: str
    why: CacheMiss
    first_seconds: float | None


async def asked_with(
    database: Database, tenant: str, fingerprint: str, since: str, *, tried: bool
) -> list[Asked]:
    """In the order of time. `tried`: of models on trial, or else of all others."""
    c = ledger.c
    whose = c.tier == CHAIN if tried else c.tier != CHAIN
    query = (
        select(c.at, c.endpoint, c.cache_why, c.first_seconds)
        .where(c.tenant == tenant, c.prefix_fingerprint == fingerprint, c.at >= from_iso(since))
        .where(c.cache_why.is_not(None), whose)
        .order_by(c.at)
    )
    async with database.transaction() as connection:
        rows = await connection.execute(query)
        return [Asked(to_iso(r.at), r.endpoint, r.cache_why, r.first_seconds) for r in rows]


async def busy(database: Database, since: str) -> list[str]:
    """The tenants that have asked something."""
    query = select(ledger.c.tenant).where(ledger.c.at >= from_iso(since)).distinct()
    async with database.transaction() as connection:
        return sorted(
            (await connection.scalars(query.where(ledger.c.cache_why.is_not(None)))).all()
        )
