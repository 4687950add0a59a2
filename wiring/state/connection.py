"""One database, and transactions on it. Foreign errors become ours here, and only here.

Knows no table.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, event
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import AdaptedConnection, DBAPIConnection
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry

from domain.errors import InvalidInput, Misconfigured, Unavailable
from wiring.state.address import Address

_CONNECT_SECONDS = 10
_TRANSACTION_SECONDS = 30
_DATA = "22"  # SQLSTATE, by its first letters
_REFUSALS = ("28", "3D", "42501", "42704", "55P02")  # user, database, rights, parameters


@dataclass(frozen=True, slots=True)
class Database:
    engine: AsyncEngine
    where: str

    @asynccontextmanager
    async def transaction(
        self, seconds: float | None = _TRANSACTION_SECONDS
    ) -> AsyncIterator[AsyncConnection]:
        """Commits at the end, rolls back on any exception, gives up after `seconds`."""
        try:
            async with asyncio.timeout(seconds), self.engine.begin() as connection:
                yield connection
        except IntegrityError:
            raise  # its meaning is the caller's
        except UnicodeEncodeError as error:
            raise _unfit(str(error)) from error
        except DBAPIError as error:
            raise self._translated(error) from error
        except (OSError, TimeoutError, NoConnectionFree) as error:
            raise self._unavailable(_reason(error) or "no answer in time") from error

    def _translated(self, error: DBAPIError) -> Exception:
        state = str(getattr(error.orig, "sqlstate", None))
        if state.startswith(_DATA):
            return _unfit(_reason(error))
        if state.startswith(_REFUSALS):
            return _refused(self.where, _reason(error))
        if isinstance(error, ProgrammingError):
            return error  # our mistake: it shall look like one
        return self._unavailable(_reason(error))

    def _unavailable(self, reason: str) -> Unavailable:
        return Unavailable(
            f"The {self.where} cannot be used ({reason}). "
            "See that it is there and may be written, or set FOREBAY_DATABASE__URL to another.",
            transient=self.engine.dialect.name == "postgresql",
        )


def connect(address: Address) -> Database:
    """Connects on first use. Error messages keep what was bound to a statement to themselves."""
    engine = _sqlite(address) if address.kind == "sqlite" else _postgresql(address)
    return Database(engine, address.where)


def _sqlite(address: Address) -> AsyncEngine:
    _make_folder(Path(address.target).parent)
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=address.target),
        connect_args={
            "timeout": _CONNECT_SECONDS,
            "isolation_level": None,  # or the driver would commit before a migration's DDL
        },
        # A file has one writer anyway: a queue for one connection is fair, a busy file is not.
        poolclass=AsyncAdaptedQueuePool,
        pool_size=1,
        max_overflow=0,
        hide_parameters=True,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA secure_delete=ON")  # what was deleted is not in the file either
        cursor.execute("PRAGMA synchronous=FULL")  # what a client was promised outlives a power cut
        with suppress(sqlite3.OperationalError):  # locked: by another process that starts now
            cursor.execute("PRAGMA journal_mode=WAL")  # and the mode stays with the file
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        # The write lock first: waiting for it is possible only at the start of a transaction.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    @event.listens_for(engine.sync_engine, "invalidate")
    def let_go(
        connection: AdaptedConnection, _: ConnectionPoolEntry, __: BaseException | None
    ) -> None:
        # Of a cancelled call: its statement, and with it the lock, would stay until collected.
        connection.run_async(lambda driver: driver.rollback())

    return engine


def _postgresql(address: Address) -> AsyncEngine:
    import asyncpg

    async def connection() -> asyncpg.Connection:
        # The driver reads the URL itself, so it takes what psql takes, `sslmode` for one.
        try:
            return await asyncpg.connect(address.target, timeout=_CONNECT_SECONDS)
        except (ValueError, OverflowError) as error:
            raise _refused(address.where, str(error)) from error

    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connection,
        pool_pre_ping=True,  # the server may have been restarted since
        hide_parameters=True,
    )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(
            f"The folder {folder} of the SQLite file cannot be made ({error.strerror}). "
            "Set FOREBAY_DATABASE__URL."
        ) from error


def _refused(where: str, reason: str) -> Misconfigured:
    return Misconfigured(
        f"The {where} refuses ({reason}). "
        "Check user, password, rights and parameters in FOREBAY_DATABASE__URL."
    )


def _unfit(reason: str) -> InvalidInput:
    return InvalidInput(f"A value cannot be stored ({reason}). It may hold a sign that is no text.")


def _reason(error: BaseException) -> str:
    return str(error.orig if isinstance(error, DBAPIError) else error)
