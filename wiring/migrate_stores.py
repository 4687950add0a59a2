"""Moves what an embedded installation keeps to servers: chunks to Qdrant, the state to PostgreSQL.

Collections come first, unseen by any service. The state goes over in one transaction, and just
before that is settled the collections are shown: who is cut short, at any moment, has no state
there without its chunks, and never a part of either. The source stays as it is.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import InvalidInput, Unavailable
from retrieval.edge_points import open_points
from wiring.migrate_stores_chunks import compare_points, copy_points
from wiring.migrate_stores_left import Left, left, size
from wiring.migrate_stores_places import Places, StateMove, open_places
from wiring.migrate_stores_state import compare_rows, copy_rows, counts
from wiring.migrate_stores_tally import Compared, Listener
from wiring.settings import Settings
from wiring.state.migrate import bring_up_to_date


@dataclass(frozen=True, slots=True)
class Part:
    kind: Literal["collection", "table"]
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Plan:
    parts: tuple[Part, ...]
    chunks_size: int  # bytes on the disk, here
    state_size: int
    left: tuple[Left, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    parts: tuple[Compared, ...]
    left: tuple[Left, ...]

    @property
    def same(self) -> bool:
        return all(part.same for part in self.parts)


async def plan(settings: Settings, file: Path | None) -> Plan:
    """What would be copied. Writes nothing."""
    async with open_places(settings, file) as places:
        shown = await _check_chunks(places)
        names = [name for name in places.names() if name not in shown]
        parts, state_size = [], 0
        for name in names:
            with open_points(places.collections, name) as points:
                parts.append(Part("collection", name, points.count()))
        if places.state:
            async with _both(places.state) as (source, target):
                if not await _is_there(places.state, source, target):
                    state_size = size(places.state.file)
                    parts += [Part("table", *one) for one in (await counts(source)).items()]
        chunks_size = sum(size(places.collections / name) for name in names)
        return Plan(tuple(parts), chunks_size, state_size, _left(places))


async def migrate(settings: Settings, file: Path | None, tell: Listener) -> Outcome:
    """Goes on where an earlier one was cut short. What is not the same at the end is not shown."""
    async with open_places(settings, file, begin=True) as places:
        shown = await _check_chunks(places)
        if places.state:
            await bring_up_to_date(places.state.target)
            async with _both(places.state) as (source, target):
                await _is_there(places.state, source, target)
        new = [name for name in places.names() if name not in shown]
        for name in new:
            assert places.copies
            with open_points(places.collections, name) as points:
                await copy_points(points, places.copies, tell)
        parts = await _compare_chunks(places, tell)
        if all(part.same for part in parts):
            parts += await _finish(places, new, tell)
        return Outcome(tuple(parts), _left(places))


async def verify(settings: Settings, file: Path | None, tell: Listener) -> Outcome:
    """Compares, and writes nothing."""
    async with open_places(settings, file) as places:
        parts = await _compare_chunks(places, tell)
        if places.state:
            async with _both(places.state) as (source, target):
                parts += await compare_rows(source, target, tell)
        return Outcome(tuple(parts), _left(places))


async def _check_chunks(places: Places) -> dict[str, str]:
    """The collections of this migration that are shown already; any other is in the way."""
    if places.copies is None or not places.names():
        return {}
    shown = await places.copies.shown()
    others = [name for name, real in shown.items() if real != places.copies.own(name)]
    others += await places.copies.in_the_way(set(places.names()) - shown.keys())
    if others:
        raise InvalidInput(
            f"The Qdrant server holds collections already: {_some(others)}. A migration replaces "
            "nothing. Set FOREBAY_QDRANT__URL to an empty server, or delete them there.",
            field="target",
        )
    return shown


async def _compare_chunks(places: Places, tell: Listener) -> list[Compared]:
    if places.copies is None:
        return []
    compared, shown = [], await places.copies.shown()
    for name in places.names():
        real = shown.get(name, places.copies.own(name))
        with open_points(places.collections, name) as points:
            copy = await places.copies.at(real, name)
            compared.append(await compare_points(points, copy, tell))
    return compared


async def _is_there(state: StateMove, source: AsyncConnection, target: AsyncConnection) -> bool:
    """Whether an earlier run has moved it. What else is in the database is in the way."""
    full = [name for name, count in (await counts(target)).items() if count]
    if not full:
        return False
    compared = await compare_rows(source, target, lambda _: None)
    if not all(part.same for part in compared):
        raise InvalidInput(
            f"The {state.target.where} is not empty, and not what is in {state.file}: it has rows "
            f"in {_some(full)}. A migration replaces nothing. Set FOREBAY_DATABASE__URL to an "
            "empty database; `forebay migrate --verify` shows what differs.",
            field="target",
        )
    return True


async def _finish(places: Places, new: list[str], tell: Listener) -> list[Compared]:
    """The state, and with it the collections."""
    if places.state is None:
        await _show(places, new)
        return []
    try:
        async with _both(places.state) as (source, target):
            if not await _is_there(places.state, source, target):
                await copy_rows(source, target, tell)
            compared = await compare_rows(source, target, tell)
            if all(part.same for part in compared):
                await _show(places, new)
            else:
                await target.rollback()
    except IntegrityError as error:
        raise Unavailable(
            f"Something else writes to the {places.state.target.where} ({error.orig}). End it, "
            "empty the database, and run the command again."
        ) from error
    return compared


async def _show(places: Places, new: list[str]) -> None:
    if places.copies:
        await _check_chunks(places)  # somebody else may have come first
        await places.copies.show(new)


@asynccontextmanager
async def _both(state: StateMove) -> AsyncIterator[tuple[AsyncConnection, AsyncConnection]]:
    """Nobody writes to the source meanwhile."""
    async with (
        state.source.transaction(seconds=None) as source,
        state.target.transaction(seconds=None) as target,
    ):
        yield source, target


def _left(places: Places) -> tuple[Left, ...]:
    return left(places.data, chunks=places.copies is not None, state=places.state is not None)


def _some(names: list[str]) -> str:
    return f"{', '.join(names[:3])}{f' and {len(names) - 3} more' if names[3:] else ''}"
