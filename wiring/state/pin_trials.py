"""What is on trial to be pinned to a collection, and for which share of the conversations."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Row as Result
from sqlalchemy import delete, select

from wiring.codec import from_json, to_json
from wiring.state.connection import Database
from wiring.state.pins import Pin
from wiring.state.tables import pin_trials
from wiring.state.times import from_iso, to_iso
from wiring.state.upsert import Row, upsert


@dataclass(frozen=True, slots=True)
class PinTrial:
    share: float
    begun_at: str  # ISO 8601, UTC
    pins: tuple[Pin, ...]  # in the place of those that a plan pinned


def encode(tenant: str, collection: str, trial: PinTrial) -> Row:
    return {
        "tenant": tenant,
        "collection": collection,
        "share": trial.share,
        "begun_at": from_iso(trial.begun_at),
        "pins": to_json(trial.pins).decode(),
    }


def decode(row: Result[*tuple[object, ...]]) -> PinTrial:
    return PinTrial(row.share, to_iso(row.begun_at), from_json(tuple[Pin, ...], row.pins.encode()))


class PinTrials:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, tenant: str) -> Mapping[str, PinTrial]:
        """By the collection."""
        query = select(pin_trials).where(pin_trials.c.tenant == tenant)
        async with self._database.transaction() as connection:
            return {row.collection: decode(row) for row in await connection.execute(query)}

    async def save(self, tenant: str, collection: str, trial: PinTrial) -> None:
        row = encode(tenant, collection, trial)
        async with self._database.transaction() as connection:
            await connection.execute(upsert(connection, pin_trials, row))

    async def remove(self, tenant: str, collection: str) -> None:
        of = pin_trials.c
        async with self._database.transaction() as connection:
            await connection.execute(
                delete(pin_trials).where(of.tenant == tenant, of.collection == collection)
            )
