"""Brings a database to today's schema when it is opened.

A migration is a file `migrations/versions/NNNN_what.py`, written by hand, numbered without
gaps. All that are missing run in one transaction, behind a lock: several processes may start
at once, and a failure leaves the database as it was.
"""

from pathlib import Path

from sqlalchemy import Connection, Text, column, inspect, select, table, text

from domain.errors import Misconfigured
from wiring.state.connection import Database
from wiring.state.tables import metadata

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "forebay_schema"  # not alembic's own name, which a neighbour may use
_LOCK = 0x464F5245424159  # "FOREBAY": any number that nobody else takes in this database


async def bring_up_to_date(database: Database, migrations: Path = MIGRATIONS) -> None:
    async with database.transaction(seconds=None) as connection:  # a migration may take long
        if connection.dialect.name == "postgresql":  # SQLite's transactions hold the file's lock
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        await connection.run_sync(_bring_up_to_date, database.where, migrations)


def _bring_up_to_date(connection: Connection, where: str, migrations: Path) -> None:
    known = sorted(path.name[:4] for path in (migrations / "versions").glob("[0-9]*.py"))
    tables = set(inspect(connection).get_table_names())
    current = _version(connection) if VERSION_TABLE in tables else None
    if current == known[-1]:
        return
    if current is not None and current not in known:
        raise Misconfigured(
            f"The {where} has schema {current}, written by a newer Forebay; this one knows up to "
            f"{known[-1]}. Install the newer version, or set FOREBAY_DATABASE__URL to another."
        )
    if current is None and (foreign := tables & metadata.tables.keys()):
        raise Misconfigured(
            f"The {where} holds tables that Forebay did not make: {', '.join(sorted(foreign))}. "
            "Set FOREBAY_DATABASE__URL to a database of its own."
        )
    _upgrade(connection, migrations)


def _version(connection: Connection) -> str | None:
    query = select(column("version_num", Text)).select_from(table(VERSION_TABLE))
    return connection.scalar(query)


def _upgrade(connection: Connection, migrations: Path) -> None:
    from alembic import command  # a third of a second, not needed where all is up to date
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
