"""The embedding cache: its contract, what a kill leaves, its limit, and files that are no good."""

import asyncio
import logging
import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.vectors import VectorSpace
from gateway.embed.cache import DiskVectorCache
from tests.contracts.memory_vectors import MemoryVectorCache
from tests.contracts.vector_cache import SPACE, VectorCacheContract, a_vector, some

PLENTY = 1 << 30
WIDE = VectorSpace("wide", 384, "wide-1")

WRITER = """
import asyncio, sys
from pathlib import Path
from gateway.embed.cache import DiskVectorCache
from tests.contracts.vector_cache import SPACE, a_vector

async def main(path, first):
    cache = DiskVectorCache.open(Path(path), 1 << 30)
    for start in range(first, first + 100_000, 4):
        vectors = {f"text {i}": a_vector(i) for i in range(start, start + 4)}
        await cache.save(SPACE, vectors)
        print(start, flush=True)

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


class TestMemory(VectorCacheContract):
    @pytest.fixture
    def cache(self) -> MemoryVectorCache:
        return MemoryVectorCache()


class TestDisk(VectorCacheContract):
    @pytest.fixture
    async def cache(self, file: Path) -> AsyncIterator[DiskVectorCache]:
        opened = DiskVectorCache.open(file, PLENTY)
        yield opened
        opened.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "vectors.sqlite"


async def test_another_run_finds_what_was_saved(file: Path) -> None:
    await saved(file, 3)
    assert await held(file, 3) == 3


async def test_nothing_is_opened_before_it_is_used(file: Path) -> None:
    DiskVectorCache.open(file, PLENTY).close()
    assert not file.parent.exists()


async def test_a_question_is_not_looked_for_behind_what_is_being_saved(file: Path) -> None:
    cache = DiskVectorCache.open(file, PLENTY)
    await cache.save(SPACE, {"asked before": a_vector(0)})
    saving = asyncio.create_task(cache.save(SPACE, some(20_000)))
    await asyncio.sleep(0)
    assert await cache.find(SPACE, ["asked before"])
    assert not saving.done()
    await saving
    cache.close()


def test_no_room_at_all_keeps_nothing(file: Path) -> None:
    asyncio.run(saved(file, 3, limit=0))
    assert not file.exists()


async def test_what_was_saved_before_a_kill_is_there_after_it(file: Path) -> None:
    start, told = 0, 0
    for seconds in (0, 0.005, 0.02, random.uniform(0, 0.2)):
        writer = await a_writer(file, start)
        assert writer.stdout is not None
        told = int(await writer.stdout.readline())
        await asyncio.sleep(seconds)
        writer.kill()
        rest, _ = await writer.communicate()
        told = max([told, *(int(line) for line in rest.splitlines(keepends=True)[:-1])])
        start = told + 4
    assert await held(file, start) == start


async def test_two_processes_may_write_at_once(file: Path) -> None:
    writers = [await a_writer(file, first) for first in (0, 1_000_000)]
    for writer in writers:
        assert writer.stdout is not None
        for _ in range(25):
            await writer.stdout.readline()
    assert await held(file, 100) == 100
    assert await held(file, 100, first=1_000_000) == 100
    for writer in writers:
        writer.kill()
        await writer.communicate()


async def test_above_the_limit_the_oldest_go_and_the_file_grows_no_further(file: Path) -> None:
    limit = 1_000_000
    cache = DiskVectorCache.open(file, limit)
    for start in range(0, 3_000, 30):
        await cache.save(WIDE, {f"text {i}": a_vector(i, WIDE) for i in range(start, start + 30)})
    found = sorted(int(t.split()[1]) for t in await cache.find(WIDE, texts(3_000)))
    cache.close()
    assert os.path.getsize(file) < limit * 1.1  # noqa: ASYNC240, PTH202 - nobody waits here
    assert found == list(range(found[0], 3_000))
    assert len(found) * 384 * 4 > limit * 0.7


async def test_a_lower_limit_is_reached_as_it_is_written_to(file: Path) -> None:
    await saved(file, 5_000, space=WIDE)
    cache = DiskVectorCache.open(file, 1_000_000)
    for i in range(400):
        await cache.save(WIDE, {f"new {i}": a_vector(i, WIDE)})
    left = len(await cache.find(WIDE, texts(5_000)))
    cache.close()
    assert left < 700


async def test_a_damaged_vector_is_not_found_and_is_replaced(file: Path) -> None:
    await saved(file, 2)
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE vectors SET vector = zeroblob(32) WHERE age = 1")
    connection.close()
    assert await held(file, 2) == 1
    await saved(file, 2)
    assert await held(file, 2) == 2


async def test_vectors_of_another_length_are_not_found(file: Path) -> None:
    await saved(file, 1)
    cache = DiskVectorCache.open(file, PLENTY)
    assert await cache.find(VectorSpace("small", 16, SPACE.id), texts(1)) == {}
    cache.close()


def no_database(file: Path) -> None:
    file.write_bytes(b"not a database" * 1000)


def a_folder(file: Path) -> None:
    file.mkdir()


def another_layout(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()


def cut(file: Path) -> None:
    asyncio.run(saved(file, 500))
    os.truncate(file, 20_000)


@pytest.mark.parametrize("damage", [no_database, a_folder, another_layout, cut])
def test_a_file_that_is_no_good_is_said_once_and_stops_nothing(
    file: Path, damage: object, caplog: pytest.LogCaptureFixture
) -> None:
    file.parent.mkdir()
    assert callable(damage)
    damage(file)

    async def use() -> None:
        cache = DiskVectorCache.open(file, PLENTY)
        for _ in range(3):
            await cache.save(SPACE, some(2))
            await cache.find(SPACE, texts(500))
        cache.close()

    with caplog.at_level(logging.WARNING):
        asyncio.run(use())
    (record,) = caplog.records
    assert str(file) in record.message
    assert "embeds anew" in record.message


async def test_a_folder_that_cannot_be_made_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    await saved(tmp_path / "file" / "vectors.sqlite", 2)
    assert len(caplog.records) == 1


async def test_a_full_disk_stops_nothing_and_what_is_there_is_still_found(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await saved(file, 2)
    cache = DiskVectorCache.open(file, PLENTY)
    await cache.find(SPACE, [])
    assert cache._connection is not None
    cache._thread.submit(cache._connection.execute, "PRAGMA max_page_count = 1").result()
    for _ in range(2):
        await cache.save(WIDE, some(2_000, WIDE))
    assert len(await cache.find(SPACE, texts(2))) == 2
    cache.close()
    assert len(caplog.records) == 1


async def saved(
    file: Path, number: int, *, limit: int = PLENTY, space: VectorSpace = SPACE
) -> None:
    cache = DiskVectorCache.open(file, limit)
    await cache.save(space, some(number, space))
    cache.close()


async def held(file: Path, number: int, first: int = 0) -> int:
    """How many are there, whole."""
    cache = DiskVectorCache.open(file, PLENTY)
    wanted = {f"text {i}": a_vector(i) for i in range(first, first + number)}
    found = await cache.find(SPACE, list(wanted))
    cache.close()
    assert all(vector.tobytes() == wanted[text].tobytes() for text, vector in found.items())
    return len(found)


def texts(number: int) -> list[str]:
    return [f"text {i}" for i in range(number)]


async def a_writer(file: Path, first: int) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, str(file), str(first), stdout=subprocess.PIPE
    )
