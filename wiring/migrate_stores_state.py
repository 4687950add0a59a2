"""Copies the state's tables from SQLite to PostgreSQL: all of it in one transaction, or nothing.

So there is no half of it that a service could meet, and nothing to go on with: a copy that was
cut short is begun again.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, Table, func, insert, inspect, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import InvalidInput
from wiring.migrate_stores_tally import Compared, Listener, Step, Tally
from wiring.state.tables_kept import kept_answers  # a table of each file knows all of them

Value = str | int | float | bytes | datetime | None

_BATCH = 1000
TABLES: Sequence[Table] = kept_answers.metadata.sorted_tables  # what others refer to comes first


async def counts(connection: AsyncConnection) -> dict[str, int]:
    """Rows by table; a table that is not there yet has none."""
    there = set(await connection.run_sync(_names))
    return {
        table.name: await _count(connection, table) if table.name in there else 0
        for table in TABLES
    }


async def copy_rows(source: AsyncConnection, target: AsyncConnection, tell: Listener) -> None:
    """Into tables that are there, and empty."""
    for table in TABLES:
        total, done = await _count(source, table), 0
        async for rows in _rows(source, table):
            tell(_step("copying", table, done, total))
            names = [column.name for column in table.columns]
            new = [dict(zip(names, row, strict=True)) for row in rows]
            await target.execute(insert(table), new)
            done += len(rows)
        await _count_on(target, table)
        tell(_step("copying", table, done, total))


async def compare_rows(
    source: AsyncConnection, target: AsyncConnection, tell: Listener
) -> list[Compared]:
    there = set(await target.run_sync(_names))
    compared = []
    for table in TABLES:
        mine = await _tally(source, table, tell)
        theirs = await _tally(target, table, tell) if table.name in there else Tally()
        compared.append(Compared("table", table.name, mine, theirs))
    return compared


async def _tally(connection: AsyncConnection, table: Table, tell: Listener) -> Tally:
    tally, total = Tally(), await _count(connection, table)
    async for rows in _rows(connection, table):
        tell(_step("comparing", table, tally.count, total))
        tally = tally.plus(_digest(row) for row in rows)
    tell(_step("comparing", table, tally.count, total))
    return tally


async def _rows(
    connection: AsyncConnection, table: Table
) -> AsyncIterator[list[tuple[Value, ...]]]:
    found = await connection.stream(select(table))
    async for rows in found.partitions(_BATCH):
        yield [tuple(map(_storable, row)) for row in rows]


def _storable(value: Value) -> Value:
    """PostgreSQL has no zero byte in a text; SQLite does."""
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) else value


def _digest(row: tuple[Value, ...]) -> bytes:
    return hashlib.sha256(json.dumps(row, default=_said).encode()).digest()


def _said(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    raise InvalidInput(f"A value of the state is of a kind that cannot be moved: {type(value)}.")


async def _count(connection: AsyncConnection, table: Table) -> int:
    return await connection.scalar(select(func.count()).select_from(table)) or 0


async def _count_on(connection: AsyncConnection, table: Table) -> None:
    """Rows that come later are numbered from here on."""
    column = table.autoincrement_column
    if column is None or connection.dialect.name != "postgresql":
        return
    last = select(func.max(column)).scalar_subquery()
    if (highest := await connection.scalar(select(last))) is not None:
        sequence = func.pg_get_serial_sequence(table.name, column.name)
        await connection.execute(select(func.setval(sequence, highest)))


def _names(connection: Connection) -> list[str]:
    return inspect(connection).get_table_names()


def _step(doing: str, table: Table, done: int, total: int) -> Step:
    return Step(f"{doing} table {table.name}", done, total, "rows")
