"""What is pinned to each collection: which documents, which passages of them. Holds no text."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Row as Result
from sqlalchemy import delete, select

from wiring.state.connection import Database
from wiring.state.tables import pins
from wiring.state.times import from_iso, to_iso
from wiring.state.upsert import Row, upsert


@dataclass(frozen=True, slots=True)
class Pin:
    document_id: str
    source: str
    pinned_at: str  # ISO 8601, UTC
    passage: str = ""  # hash of its text, so that it outlives a new version; empty: all of them
    planned: bool = False  # by `forebay prompts plan`, whose next plan takes its place


def encode(tenant: str, collection: str, pin: Pin) -> Row:
    return {
        "tenant": tenant,
        "collection": collection,
        "document_id": pin.document_id,
        "passage": pin.passage,
        "source": pin.source,
        "planned": pin.planned,
        "pinned_at": from_iso(pin.pinned_at),
    }


def decode(row: Result[*tuple[object, ...]]) -> Pin:
    return Pin(row.document_id, row.source, to_iso(row.pinned_at), row.passage, row.planned)


class Pins:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, tenant: str, collection: str) -> Sequence[Pin]:
        """Those pinned first come first."""
        query = (
            select(pins)
            .where(pins.c.tenant == tenant, pins.c.collection == collection)
            .order_by(pins.c.pinned_at, pins.c.source, pins.c.document_id, pins.c.passage)
        )
        async with self._database.transaction() as connection:
            return [decode(row) for row in await connection.execute(query)]

    async def save(self, tenant: str, collection: str, new: Sequence[Pin]) -> None:
        async with self._database.transaction() as connection:
            for pin in new:
                row = encode(tenant, collection, pin)
                await connection.execute(upsert(connection, pins, row, keep=("pinned_at",)))

    async def remove(self, tenant: str, collection: str, old: Sequence[Pin]) -> None:
        async with self._database.transaction() as connection:
            for pin in old:
                await connection.execute(
                    delete(pins).where(
                        pins.c.tenant == tenant,
                        pins.c.collection == collection,
                        pins.c.document_id == pin.document_id,
                        pins.c.passage == pin.passage,
                    )
                )
