"""Questions that are kept for evaluation. Knows neither which nor for how long."""

import json
from collections.abc import Sequence

from pydantic import TypeAdapter
from sqlalchemy import Row as Result
from sqlalchemy import delete, insert, select

from domain.filter_json import filter_from_json, filter_to_json
from domain.traces import Trace
from wiring.state.connection import Database
from wiring.state.tables import traces
from wiring.state.times import from_iso, to_iso
from wiring.state.upsert import Row

_SHOWN = TypeAdapter(tuple[str, ...])


def encode(trace: Trace) -> Row:
    return {
        "tenant": trace.tenant,
        "id": trace.id,
        "at": from_iso(trace.at),
        "collection": trace.collection,
        "question": _storable(trace.question),
        "answer": _storable(trace.answer),
        "found": trace.found,
        "config": trace.config,
        "shown": _SHOWN.dump_json(trace.shown).decode(),
        "filter": json.dumps(filter_to_json(trace.where)),
    }


def decode(row: Result[*tuple[object, ...]]) -> Trace:
    return Trace(
        id=row.id,
        at=to_iso(row.at),
        tenant=row.tenant,
        collection=row.collection,
        question=row.question,
        answer=row.answer,
        found=row.found,
        config=row.config,
        shown=_SHOWN.validate_json(row.shown),
        where=filter_from_json(json.loads(row.filter)),
    )


class Traces:
    """A TraceLog."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, trace: Trace) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(insert(traces).values(encode(trace)))

    async def of(self, tenant: str, collection: str) -> Sequence[Trace]:
        """In the order of time."""
        query = (
            select(traces)
            .where(traces.c.tenant == tenant, traces.c.collection == collection)
            .order_by(traces.c.at, traces.c.id)
        )
        async with self._database.transaction() as connection:
            return [decode(row) for row in await connection.execute(query)]

    async def forget(self, before: str) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(delete(traces).where(traces.c.at < from_iso(before)))

    async def forget_tenant(self, tenant: str) -> int:
        async with self._database.transaction() as connection:
            done = await connection.execute(delete(traces).where(traces.c.tenant == tenant))
            return done.rowcount


def _storable(text: str) -> str:
    """PostgreSQL refuses NUL, both refuse half a surrogate pair; an answer must not fail there."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
