"""Insert rows, or change those that have their keys: one atomic statement on both databases."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

Row = Mapping[str, str | int | float | bytes | datetime | None]
Insert = postgresql.Insert | sqlite.Insert


def upsert(
    connection: AsyncConnection,
    table: Table,
    row: Row | None = None,
    change: Mapping[str, ColumnElement[int] | ColumnElement[bytes]] | None = None,
    keep: tuple[str, ...] = (),
) -> Insert:
    """Of a row that is there, every column takes its new value, but `keep` stays and
    `change` is computed. Without `row` the statement is executed with a list of them.
    """
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    insert: Insert = dialect.insert(table)
    if row is not None:
        insert = insert.values(dict(row))
    new = {
        column.name: insert.excluded[column.name]
        for column in table.columns
        if not column.primary_key and column.name not in keep
    }
    return insert.on_conflict_do_update(
        index_elements=list(table.primary_key.columns), set_=new | dict(change or {})
    )
