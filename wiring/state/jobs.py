"""Jobs, the state they are in, and whose files they need. Knows nothing of running them."""

from collections.abc import Sequence
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Row as Result
from sqlalchemy import Select, delete, func, insert, null, select, update

from domain.ingestion import IngestReport, Progress
from domain.jobs import Job, JobPage, JobState
from wiring.codec import from_json, to_json
from wiring.state.connection import Database
from wiring.state.tables import jobs
from wiring.state.times import from_iso, to_iso
from wiring.state.upsert import Row

T = TypeVar("T", Progress, IngestReport)
_SOURCES = TypeAdapter(tuple[str, ...])
_OPEN: tuple[JobState, ...] = ("queued", "running")


def encode(job: Job) -> Row:
    return {
        "id": job.id,
        "tenant": job.tenant,
        "collection": job.collection,
        "kind": job.kind,
        "sources": _SOURCES.dump_json(job.sources).decode(),
        "created_at": from_iso(job.created_at),
        "adopt": job.adopt,
        "accept_cost": job.accept_cost,
        **_changing(job),
    }


def decode(row: Result[*tuple[object, ...]]) -> Job:
    return Job(
        id=row.id,
        tenant=row.tenant,
        collection=row.collection,
        kind=row.kind,
        sources=_SOURCES.validate_json(row.sources),
        created_at=to_iso(row.created_at),
        state=row.state,
        attempts=row.attempts,
        started_at=row.started_at and to_iso(row.started_at),
        ended_at=row.ended_at and to_iso(row.ended_at),
        error=row.error,
        adopt=row.adopt,
        accept_cost=row.accept_cost,
        progress=_read(Progress, row.progress),
        report=_read(IngestReport, row.report),
    )


class Jobs:
    """A JobRegistry."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, job: Job, owner: str) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(insert(jobs).values({**encode(job), "owner": owner}))

    async def find(self, tenant: str, job_id: str) -> Job | None:
        query = select(jobs).where(jobs.c.tenant == tenant, jobs.c.id == job_id)
        async with self._database.transaction() as connection:
            row = (await connection.execute(query)).one_or_none()
        return decode(row) if row else None

    async def page(
        self,
        tenant: str,
        *,
        state: JobState | None = None,
        collection: str | None = None,
        offset: int,
        limit: int,
    ) -> JobPage:
        columns = [column for column in jobs.columns if column is not jobs.c.report]
        found = select(*columns, null().label("report")).where(jobs.c.tenant == tenant)
        if state is not None:
            found = found.where(jobs.c.state == state)
        if collection is not None:
            found = found.where(jobs.c.collection == collection)
        ordered = found.order_by(jobs.c.number.desc()).offset(offset).limit(limit)
        counted = select(func.count()).select_from(found.subquery())
        async with self._database.transaction() as connection:
            page = tuple(decode(row) for row in await connection.execute(ordered))
            return JobPage(page, await connection.scalar(counted) or 0)

    async def oldest(self, owner: str, state: JobState) -> Job | None:
        query = select(jobs).where(jobs.c.owner == owner, jobs.c.state == state)
        async with self._database.transaction() as connection:
            row = (await connection.execute(query.order_by(jobs.c.number).limit(1))).one_or_none()
        return decode(row) if row else None

    async def waiting(self, owner: str) -> Sequence[str]:
        query = select(jobs.c.id).where(jobs.c.owner == owner, jobs.c.state.in_(_OPEN))
        async with self._database.transaction() as connection:
            return [row.id for row in await connection.execute(query)]

    async def awaits(self, tenant: str, collection: str, source: str) -> bool:
        async with self._database.transaction() as connection:
            rows = await connection.execute(_open(tenant, collection))
            return any(source in _SOURCES.validate_json(row.sources) for row in rows)

    async def save(self, job: Job) -> None:
        known = update(jobs).where(jobs.c.tenant == job.tenant, jobs.c.id == job.id)
        async with self._database.transaction() as connection:
            await connection.execute(known.values(dict(_changing(job))))

    async def forget(self, before: str) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(delete(jobs).where(jobs.c.ended_at < from_iso(before)))


def _changing(job: Job) -> Row:
    return {
        "state": job.state,
        "attempts": job.attempts,
        "started_at": from_iso(job.started_at) if job.started_at else None,
        "ended_at": from_iso(job.ended_at) if job.ended_at else None,
        "error": _storable(job.error),
        "progress": to_json(job.progress).decode() if job.progress else None,
        "report": to_json(job.report).decode() if job.report else None,
    }


def _open(tenant: str, collection: str) -> Select[*tuple[object, ...]]:
    return select(jobs.c.sources).where(
        jobs.c.tenant == tenant, jobs.c.collection == collection, jobs.c.state.in_(_OPEN)
    )


def _read(kind: type[T], text: str | None) -> T | None:
    """What another version of Forebay wrote in another form is left out: it is news of a week."""
    try:
        return from_json(kind, text) if text else None
    except ValidationError:
        return None


def _storable(text: str) -> str:
    """PostgreSQL refuses NUL, both refuse half a surrogate pair; an end must not fail there."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
