"""Keys that the installation makes for itself, when they are first asked for."""

import secrets

from sqlalchemy import select

from wiring.state.connection import Database
from wiring.state.tables import installation
from wiring.state.upsert import Row, upsert

_BYTES = 32


async def secret(database: Database, name: str) -> bytes:
    """Of two processes that make one at once, the first one's stays."""
    found = select(installation.c.secret).where(installation.c.name == name)
    async with database.transaction() as connection:
        if (key := await connection.scalar(found)) is None:
            made: Row = {"name": name, "secret": secrets.token_bytes(_BYTES)}
            there = {"secret": installation.c.secret}
            await connection.execute(upsert(connection, installation, made, change=there))
            key = await connection.scalar(found)
    return bytes(key or b"")
