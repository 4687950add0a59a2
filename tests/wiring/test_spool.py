"""Files on their way in: all of them are kept, or nothing is."""

import asyncio
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from domain.completion import Account
from domain.errors import InvalidInput, Unavailable
from tests.wiring.directory import Directory, half, named, over, uploaded
from wiring.spool import Spool


async def test_an_upload_that_fails_leaves_nothing(here: Directory) -> None:
    async with here.open() as jobs:
        with pytest.raises(ZeroDivisionError):
            await half(jobs)
        assert here.left() == []
        assert (await jobs.page("acme", offset=0, limit=9)).total == 0


async def test_an_upload_that_cannot_be_kept_leaves_no_word_of_who_pays(tmp_path: Path) -> None:
    spool = Spool.open(tmp_path)
    with pytest.raises(ZeroDivisionError):
        await settled(spool)
    assert payers(tmp_path) == []


async def test_who_pays_is_forgotten_when_the_job_is_over(here: Directory) -> None:
    async with here.open() as jobs:
        await over(jobs, await uploaded(jobs))
    assert payers(here.folder) == []


async def test_what_a_killed_upload_left_behind_is_removed_at_the_next_start(
    here: Directory,
) -> None:
    async with here.open() as jobs:
        await over(jobs, await uploaded(jobs))
    (here.folder / "half" / "a").mkdir(parents=True)
    async with here.open() as jobs:
        await over(jobs, await uploaded(jobs))
    assert here.left() == []


async def test_an_upload_that_is_under_way_is_not_taken_for_left_over(here: Directory) -> None:
    async with here.open() as first, first.incoming() as files:
        await files.begin("a")
        async with here.open():
            await asyncio.sleep(0.1)
        await files.write(b"Text.")
        await files.end()
        job = await first.ingest(files, "acme", "handbook")
        assert (await over(first, job)).state == "done"


async def test_two_files_of_one_name_are_refused(here: Directory) -> None:
    async with here.open() as jobs:
        with pytest.raises(InvalidInput, match="'a' is there twice"):
            await named(jobs, "a", "a")


async def test_a_file_and_a_folder_of_one_name_are_refused(here: Directory) -> None:
    async with here.open() as jobs:
        with pytest.raises(InvalidInput, match="'a/b' is there twice, or"):
            await named(jobs, "a", "a/b")


async def test_a_full_disk_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    spool = Spool.open(tmp_path)
    with small_files_only(), pytest.raises(Unavailable, match=r"File too large.*FOREBAY_DATA"):
        await one(spool, b"a" * 100_000)
    async with spool.left_over() as folders:
        assert folders == ()


async def settled(spool: Spool) -> None:
    async with spool.incoming() as files:
        await files.settle(Account("acme"))
        raise ZeroDivisionError


def payers(folder: Path) -> list[Path]:
    return list(folder.glob("*.json"))


async def one(spool: Spool, data: bytes) -> None:
    async with spool.incoming() as files:
        await files.begin("a")
        await files.write(data)
        await files.end()


@contextmanager
def small_files_only() -> Iterator[None]:
    """The nearest thing to a full disk that a test may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_directory_stays_who_it_is(tmp_path: Path) -> None:
    assert Spool.open(tmp_path).owner == Spool.open(tmp_path).owner
    assert Spool.open(tmp_path).owner != Spool.open(tmp_path / "other").owner
