"""No file can hang or kill the run; the worker that it ends is replaced."""

import os
import signal
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
        with pytest.raises(ParseFailed, match="empty"):
            await sandbox.parse(Source("a.md", b""))


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
