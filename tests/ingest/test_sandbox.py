"""No file can hang or kill the run; the worker that it ends is replaced."""

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest

from domain.errors import ParseFailed
from ingest.sandbox import Sandbox
from ingest.source import Source

GOOD = Source("good.md", b"# Good\n\ntext")


async def test_a_document_is_parsed_in_another_process() -> None:
    async with Sandbox() as sandbox:
        parsed = await sandbox.parse(GOOD)
        assert (await sandbox.parse(GOOD)) == parsed
    assert parsed.title == "Good"


async def test_a_document_that_cannot_be_read_says_why() -> None:
    async with Sandbox() as sandbox:
        with pytest.raises(ParseFailed, match="empty") as failed:
            await sandbox.parse(Source("a.md", b""))
    assert failed.value.kind == "empty"


async def test_no_process_is_started_for_nothing() -> None:
    async with Sandbox() as sandbox:
        assert sandbox._process is None


async def test_the_process_ends_with_the_run() -> None:
    async with Sandbox() as sandbox:
        await sandbox.parse(GOOD)
        process = sandbox._process
    assert process is not None
    assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize(
    ("end", "reason"),
    [(signal.SIGALRM, "took longer than 30 s"), (signal.SIGKILL, "SIGKILL")],
    ids=["too-slow", "killed"],
)
async def test_a_worker_that_ends_is_replaced(end: signal.Signals, reason: str) -> None:
    async with Sandbox() as sandbox:
        await sandbox.parse(GOOD)
        assert sandbox._process is not None
        os.kill(sandbox._process.pid, end)
        with pytest.raises(ParseFailed, match=reason):
            await sandbox.parse(GOOD)
        assert (await sandbox.parse(GOOD)).title == "Good"


async def test_an_error_nobody_foresaw_is_the_reason_of_one_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A library that fails in its own way, found before the real one.
    broken = tmp_path / "markdown_it"
    broken.mkdir()
    (broken / "__init__.py").write_text("raise LookupError('no grammar')", "utf-8")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    monkeypatch.setenv("PYTHONPATH", path)
    async with Sandbox() as sandbox:
        with pytest.raises(ParseFailed, match="LookupError: no grammar"):
            await sandbox.parse(GOOD)
        assert (await sandbox.parse(Source("a.txt", b"text"))).text == "text"


async def test_a_parse_that_is_cancelled_leaves_no_answer_for_the_next() -> None:
    async with Sandbox() as sandbox:
        await sandbox.parse(GOOD)
        slow = asyncio.create_task(sandbox.parse(Source("slow.csv", b"a,b\n" * 500_000)))
        await asyncio.sleep(0.05)
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow
        assert (await sandbox.parse(GOOD)).title == "Good"


async def test_a_worker_that_has_grown_is_replaced_after_its_answer() -> None:
    async with Sandbox(may_hold=1) as sandbox:
        assert (await sandbox.parse(GOOD)).title == "Good"
        assert sandbox._process is None
        assert (await sandbox.parse(GOOD)).title == "Good"


async def test_a_file_that_is_refused_costs_no_second() -> None:
    began = time.perf_counter()
    async with Sandbox() as sandbox:
        with pytest.raises(ParseFailed):
            await sandbox.parse(Source("a.json", b"{"))
    assert time.perf_counter() - began < 1
