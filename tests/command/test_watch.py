"""`--watch`: what makes it run again, and what it survives."""

import asyncio
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from domain.errors import ForebayError, Unavailable
from forebay.watch import watch
from tests.command.scripted import report, serving
from tests.service import environment

_SOON = 8.0  # seconds; much longer than any of this takes
_LOOKED = 1.2  # seconds in which it has looked whether the folder is the same
_QUIET = 0.9  # seconds in which nothing happens


class Runs:
    """Counts, says what was said, and fails as it was told to."""

    def __init__(self, *errors: ForebayError | None, takes: float = 0.0) -> None:
        self.count = 0
        self._counted = asyncio.Condition()
        self.said: list[str] = []
        self._errors = list(errors)
        self._takes = takes

    async def run(self) -> None:
        async with self._counted:
            self.count += 1
            self._counted.notify_all()
        await asyncio.sleep(self._takes)
        if self._errors and (error := self._errors.pop(0)):
            raise error

    async def reach(self, count: int) -> None:
        async with asyncio.timeout(_SOON), self._counted:
            await self._counted.wait_for(lambda: self.count >= count)

    async def stay(self) -> None:
        before = self.count
        await asyncio.sleep(_QUIET)
        assert self.count == before


@asynccontextmanager
async def watched(
    runs: Runs, path: Path, *, ignored: Sequence[Path] = (), poll: bool = False
) -> AsyncIterator[None]:
    """Yields when it watches and the first run has begun."""
    watching = watch(
        [str(path)], runs.run, runs.said.append, ignored=ignored, poll=poll, again=(0.1, 60)
    )
    task = asyncio.create_task(watching)
    await runs.reach(1)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.md").write_text("a")
    return folder


CHANGES: dict[str, Callable[[Path], object]] = {
    "a new file": lambda docs: (docs / "b.md").write_text("b"),
    "a new file in a folder": lambda docs: (docs / "deep" / "b.md").write_text("b"),
    "another content": lambda docs: (docs / "a.md").write_text("b"),
    "a file that is gone": lambda docs: (docs / "a.md").unlink(),
    "another name": lambda docs: (docs / "a.md").rename(docs / "b.md"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_it_runs_again_after(change: Callable[[Path], object], docs: Path) -> None:
    runs = Runs()
    async with watched(runs, docs):
        change(docs)
        await runs.reach(2)
        await runs.stay()


async def test_many_changes_at_once_are_one_run(docs: Path) -> None:
    runs = Runs()
    async with watched(runs, docs):
        for number in range(200):
            (docs / f"{number}.md").write_text("x")
        await runs.reach(2)
        await runs.stay()


async def test_a_change_during_a_run_is_not_missed(docs: Path) -> None:
    runs = Runs(takes=0.7)
    async with watched(runs, docs):
        (docs / "b.md").write_text("b")
        await runs.reach(2)
        (docs / "c.md").write_text("c")
        await runs.reach(3)


async def test_hidden_files_and_what_a_run_writes_do_not_count(docs: Path) -> None:
    runs = Runs()
    async with watched(runs, docs, ignored=[docs / "data", docs / "report.json"]):
        (docs / ".hidden").write_text("x")
        (docs / "data").mkdir()
        (docs / "data" / "state.db").write_text("x")
        (docs / "report.json").write_text("x")
        await runs.stay()


async def test_a_hidden_folder_can_be_watched(tmp_path: Path) -> None:
    folder = tmp_path / ".notes"
    folder.mkdir()
    runs = Runs()
    async with watched(runs, folder):
        (folder / "a.md").write_text("a")
        await runs.reach(2)


async def test_a_glob_is_watched_from_its_folder(docs: Path) -> None:
    runs = Runs()
    async with watched(runs, docs / "**" / "*.md"):
        (docs / "deep" / "b.md").write_text("b")
        await runs.reach(2)


async def test_a_file_that_an_editor_replaces_stays_watched(docs: Path) -> None:
    runs = Runs()
    async with watched(runs, docs / "a.md"):
        for _ in range(2):
            before = runs.count
            _replace(docs / "a.md")
            await runs.reach(before + 1)
            await asyncio.sleep(_LOOKED)


async def test_a_folder_that_vanishes_and_comes_back_is_watched_again(docs: Path) -> None:
    runs = Runs()
    async with watched(runs, docs):
        shutil.rmtree(docs)
        await runs.reach(2)
        await asyncio.sleep(_LOOKED)
        before = runs.count
        _make(docs / "new.md")
        await runs.reach(before + 1)
        await asyncio.sleep(_LOOKED)
        before = runs.count
        _make(docs / "newer.md")
        await runs.reach(before + 1)
    assert runs.said == [f"{docs} is gone; waiting for it."]


async def test_polling_sees_changes_as_well(docs: Path) -> None:
    runs = Runs()
    async with watched(runs, docs, poll=True):
        (docs / "b.md").write_text("b")
        await runs.reach(2)


async def test_what_goes_wrong_is_said_once_and_does_not_end_it(docs: Path) -> None:
    away = Unavailable("The store does not answer.")
    runs = Runs(away, away)
    async with watched(runs, docs):
        await runs.reach(2)
        (docs / "a.md").write_text("new")
        await runs.reach(3)
        await asyncio.sleep(0.1)
    assert runs.said == [
        "The store does not answer. Trying again until it works.",
        "It works again.",
    ]


async def test_a_failed_run_is_repeated_though_nothing_changes(
    docs: Path,
) -> None:
    runs = Runs(Unavailable("The store does not answer."))
    async with watched(runs, docs):
        await runs.reach(2)
        await runs.stay()


def test_the_command_says_what_changed_until_it_is_interrupted(docs: Path, tmp_path: Path) -> None:
    first, second = report(("a.md", "added"), chunks=1), report(("b.md", "added"), chunks=2)
    same = report(("a.md", "unchanged"), ("b.md", "unchanged"))
    with serving(tmp_path / "data", first, same, second, same) as script:
        process = subprocess.Popen(
            [sys.executable, "-m", "forebay", "ingest", str(docs), "--watch", "--rebuild"],
            env=environment(tmp_path / "data"),
            stderr=subprocess.PIPE,
            text=True,
            # A shell that runs the tests in the background has them ignore it.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
        )
        _until(lambda: len(script.asked) == 2)
        (docs / "b.md").write_text("b")
        _until(lambda: len(script.asked) == 3)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=10)
    assert process.returncode == 130
    lines = said.splitlines()
    assert lines[0].startswith("Collection default: 1 added;")
    assert lines[1].endswith(f"Watching {docs}. Ctrl-C ends it.")
    assert lines[2].endswith(" 1 added; 2 chunks in 1.2 s")
    assert lines[3:] == [
        "Interrupted. What was done stays done; the same command goes on from there."
    ]
    assert [asked.body["rebuild"] for asked in script.asked] == [True, False, False]


def test_each_sync_that_changed_something_is_a_line_of_json(docs: Path, tmp_path: Path) -> None:
    first, second = report(("a.md", "added")), report(("b.md", "added"))
    with serving(tmp_path / "data", first, second) as script:
        process = subprocess.Popen(
            [sys.executable, "-m", "forebay", "ingest", str(docs), "--watch", "--json"],
            env=environment(tmp_path / "data"),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        _until(lambda: len(script.asked) == 2)
        time.sleep(0.2)
        process.terminate()
        said, _ = process.communicate(timeout=10)
    sources = [json.loads(line)["outcomes"][0]["source"] for line in said.splitlines()]
    assert sources == ["a.md", "b.md"]


def _make(file: Path) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text("new")


def _replace(file: Path) -> None:
    file.with_name(".new").write_text("new")
    file.with_name(".new").replace(file)


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + _SOON
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)
