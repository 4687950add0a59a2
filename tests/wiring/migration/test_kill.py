"""`kill -9` at random moments of a migration, then the same again: as if nothing had happened.

After each kill the state is there as a whole or not at all, and never without its chunks.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Timer

import asyncpg

from tests.wiring.migration.installation import COLLECTIONS, Qdrant, fill, settings_of
from wiring.migrate_stores import verify
from wiring.settings import Settings

_KILLS = 4  # among the requests to Qdrant; and as many while the state is copied
_CHUNKS = 300  # of each tenant in each collection: some pages
_CALLS = 8000  # rows of the ledger: some batches
_STATE = 1.0  # seconds, about, that they take
_CHILD = """
import asyncio
from wiring.migrate_stores import migrate
from wiring.settings import read_settings
asyncio.run(migrate(read_settings(), None, lambda _: None))
"""


def start(settings: Settings) -> "subprocess.Popen[bytes]":
    assert settings.qdrant.url
    environ = {
        **os.environ,
        "FOREBAY_DATA": str(settings.data),
        "FOREBAY_QDRANT__URL": settings.qdrant.url,
        "FOREBAY_DATABASE__URL": settings.database_url,
    }
    return subprocess.Popen([sys.executable, "-c", _CHILD], env=environ)


def run(
    settings: Settings, qdrant: Qdrant, due: Callable[[list[str]], bool], then: float = 0
) -> bool:
    """Whether it was killed: `then` seconds after it had made the requests that were due."""
    seen: list[str] = []

    def watch(request: str) -> None:
        seen.append(request)
        if due(seen):
            Timer(then, child.kill).start()
            time.sleep(0 if then else 0.05)  # it shall not outrun its end

    with start(settings) as child:
        qdrant.before = watch
        child.wait(120)
    with qdrant.answering:  # what it asked for last is done, with nobody left to hear of it
        qdrant.before = lambda _: None
    assert child.returncode in {0, -signal.SIGKILL}
    return child.returncode != 0


async def state_of(database: str) -> int:
    """Rows of the ledger."""
    connection = await asyncpg.connect(database)
    try:
        made = await connection.fetchval("SELECT to_regclass('ledger') IS NOT NULL")
        found: int = await connection.fetchval("SELECT count(*) FROM ledger") if made else 0
    finally:
        await connection.close()
    return found


async def test_a_killed_migration_goes_on_and_shows_nothing_by_halves(
    tmp_path: Path, qdrant: Qdrant, database: str
) -> None:
    await fill(tmp_path, _CHUNKS, _CALLS)
    settings, drawn = settings_of(tmp_path, qdrant.url, database), random.Random(7)
    for _ in range(_KILLS):
        number = drawn.randint(2, 40)
        assert run(settings, qdrant, lambda seen, n=number: len(seen) == n)  # type: ignore[misc]
        assert (qdrant.shown(), await state_of(database)) == ([], 0)
    assert run(settings, qdrant, lambda seen: seen[-1] == "POST /collections/aliases")
    assert await state_of(database) == 0
    assert qdrant.shown() == [f"forebay_{name}" for name in COLLECTIONS]
    ends = []
    for latest in (0.05, *[_STATE] * _KILLS):
        ends.append(run(settings, qdrant, compared, drawn.uniform(0.01, latest)))
        assert await state_of(database) in {0, _CALLS}
    assert any(ends)
    assert not run(settings, qdrant, lambda _: False)
    assert (await verify(settings, None, lambda _: None)).same
    assert await state_of(database) == _CALLS


def compared(seen: list[str]) -> bool:
    """All chunks; what follows is the state."""
    counts = [request for request in seen if request.endswith("/points/count")]
    return len(counts) == len(COLLECTIONS) and seen[-1] == counts[-1]
