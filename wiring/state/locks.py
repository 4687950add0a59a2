"""One at a time, among all processes that share a state database. Freed when a process dies."""

import asyncio
import fcntl
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import text

from wiring.state.connection import Database

_EVERY = 0.5  # seconds between two tries
_SPACE = 0x464F5245  # "FORE": keeps our numbers apart from those of others


@asynccontextmanager
async def hold(database: Database, name: str, waiting: Callable[[], None]) -> AsyncIterator[None]:
    """Until the block ends. `waiting` is called when somebody else has it."""
    engine = database.engine
    if engine.dialect.name == "sqlite":
        assert engine.url.database is not None
        number = zlib.crc32(name.encode())
        async with _flock(Path(f"{engine.url.database}.{number:08x}.lock"), waiting):
            yield
        return
    key = {"space": _SPACE, "name": zlib.crc32(name.encode()) - 2**31}
    async with engine.connect() as plain:
        connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
        while not await connection.scalar(text("SELECT pg_try_advisory_lock(:space, :name)"), key):
            waiting()
            await asyncio.sleep(_EVERY)
        try:
            yield
        finally:
            await connection.execute(text("SELECT pg_advisory_unlock(:space, :name)"), key)


@asynccontextmanager
async def _flock(path: Path, waiting: Callable[[], None]) -> AsyncIterator[None]:
    with path.open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                waiting()
                await asyncio.sleep(_EVERY)
        yield
