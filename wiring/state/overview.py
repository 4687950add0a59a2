"""What a tenant has, counted: its collections, its conversations, its days. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, String, and_, case, cast, func, select

from wiring.state.connection import Database
from wiring.state.tables import document_versions as versions
from wiring.state.tables import documents, ledger, sessions, turns
from wiring.state.times import from_iso, to_iso


@dataclass(frozen=True, slots=True)
class CollectionCount:
    name: str
    documents: int
    chunks: int
    size: int  # bytes of the files
    changed_at: str  # ISO 8601, UTC


@dataclass(frozen=True, slots=True)
class Conversation:
    id: str
    turns: int
    started_at: str  # ISO 8601, UTC
    last_at: str
    question: str  # the first one


@dataclass(frozen=True, slots=True)
class Conversations:
    sessions: tuple[Conversation, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Day:
    """The calls of one model for one purpose on one day, in UTC."""

    day: str
    endpoint: str
    model: str
    calls: int
    input: int
    cached: int
    written: int
    output: int
    cost_microdollars: int


@dataclass(frozen=True, slots=True)
class DayTimes:
    """How long the calls of a day took: half of them, and 95 of a hundred, at most so long."""

    day: str
    p50: float
    p95: float


class Overview:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._is_sqlite = database.engine.dialect.name == "sqlite"

    async def collections(self, tenant: str) -> Sequence[CollectionCount]:
        current = and_(
            versions.c.tenant == documents.c.tenant,
            versions.c.collection == documents.c.collection,
            versions.c.document_id == documents.c.id,
            versions.c.version == documents.c.version,
        )
        query = (
            select(
                documents.c.collection.label("name"),
                func.count().label("documents"),
                func.sum(versions.c.chunks).label("chunks"),
                func.sum(versions.c.size).label("size"),
                func.max(versions.c.ingested_at).label("changed_at"),
            )
            .join(versions, current)
            .where(documents.c.tenant == tenant)
            .group_by(documents.c.collection)
            .order_by(documents.c.collection)
        )
        async with self._database.transaction() as connection:
            return [
                CollectionCount(
                    row.name, row.documents, int(row.chunks), int(row.size), to_iso(row.changed_at)
                )
                for row in await connection.execute(query)
            ]

    async def conversations(
        self, tenant: str, *, offset: int, limit: int, within: str = ""
    ) -> Conversations:
        """The last one first, of those whose names begin so."""
        own = and_(
            sessions.c.tenant == tenant, func.substr(sessions.c.id, 1, len(within)) == within
        )
        first = and_(
            turns.c.tenant == sessions.c.tenant,
            turns.c.session == sessions.c.id,
            turns.c.position == 1,
        )
        query = (
            select(sessions, turns.c.question)
            .outerjoin(turns, first)
            .where(own)
            .order_by(sessions.c.last_at.desc(), sessions.c.id)
            .offset(offset)
            .limit(limit)
        )
        count = select(func.count()).select_from(sessions).where(own)
        async with self._database.transaction() as connection:
            found = tuple(
                Conversation(
                    row.id,
                    row.turns,
                    to_iso(row.started_at),
                    to_iso(row.last_at),
                    row.question or "",
                )
                for row in await connection.execute(query)
            )
            return Conversations(found, await connection.scalar(count) or 0)

    async def days(self, tenant: str | None, since: str) -> Sequence[Day]:
        """None: of all tenants together; so below."""
        group = (self._day(), ledger.c.endpoint, ledger.c.model)
        query = (
            select(
                *group,
                func.count().label("calls"),
                func.sum(ledger.c.input_tokens).label("input"),
                func.sum(ledger.c.cached_tokens).label("cached"),
                func.sum(ledger.c.written_tokens).label("written"),
                func.sum(ledger.c.output_tokens).label("output"),
                func.sum(ledger.c.cost_microdollars).label("cost"),
            )
            .where(_calls(tenant, since))
            .group_by(*group)
            .order_by(*group)
        )
        async with self._database.transaction() as connection:
            return [
                Day(*row[:4], *(int(figure) for figure in row[4:]))
                for row in await connection.execute(query)
            ]

    async def times(self, tenant: str | None, since: str) -> Sequence[DayTimes]:
        day = self._day()
        ranked = (
            select(
                day,
                ledger.c.seconds,
                func.row_number().over(partition_by=day, order_by=ledger.c.seconds).label("rank"),
                func.count().over(partition_by=day).label("calls"),
            )
            .where(_calls(tenant, since))
            .subquery()
        )

        def at(share: float) -> ColumnElement[float]:
            """The shortest time within which this share of the calls was done."""
            reached = ranked.c.rank >= share * ranked.c.calls
            return func.min(case((reached, ranked.c.seconds)))

        query = (
            select(ranked.c.day, at(0.5).label("p50"), at(0.95).label("p95"))
            .group_by(ranked.c.day)
            .order_by(ranked.c.day)
        )
        async with self._database.transaction() as connection:
            return [DayTimes(*row) for row in await connection.execute(query)]

    def _day(self) -> ColumnElement[str]:
        """In UTC, whatever the database's own zone is: SQLite keeps UTC and knows no other."""
        at = ledger.c.at if self._is_sqlite else func.timezone("UTC", ledger.c.at)
        return cast(func.date(at), String).label("day")


def _calls(tenant: str | None, since: str) -> ColumnElement[bool]:
    begun = ledger.c.at >= from_iso(since)
    return begun if tenant is None else and_(ledger.c.tenant == tenant, begun)
