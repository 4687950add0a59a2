"""What bad files do: each is ingested alone, as a user would, and held against what is expected.

    python -m bench.bad_documents FOLDER

FOLDER holds `expected.jsonl` and the files it names, or these in `files.tar.gz`. A line says what
must come of a file: `text` with some strings in its chunks, a `reject` of some kind, or the `walk`
of a folder; and the most time and memory that the whole command may take. Ends with 1 if one
misses.
"""

import asyncio
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter

from pydantic import BaseModel, TypeAdapter
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bench.command import ROOT
from bench.memory import Watch
from domain.errors import ParseFailed
from ingest.sandbox import Sandbox
from ingest.source import Source

_PACKED = "files.tar.gz"
_PATIENCE = 3  # times the limit, before a command is ended
_START_UP = 30  # seconds
_DONE = (0, 3)  # 3: with failures
_KEPT_OUT = ("FOREBAY_", "OPENAI_")


class Expected(BaseModel):
    """One line of the list."""

    file: str
    do: str
    max_seconds: float
    max_rss_mb: float
    contains: list[str] = []
    not_contains: list[str] = []
    reason: list[str] = []
    also_ok: str | None = None

    def may_be_refused(self, kind: str) -> bool:
        if self.do == "reject" and kind in self.reason:
            return True
        verb, _, kinds = (self.also_ok or "").partition(" ")
        return verb == "reject" and (not kinds or kind in kinds.split())

    def may_have_text(self) -> bool:
        return self.do != "reject" or (self.also_ok or "").startswith("text")

    def may_be_left_out(self) -> bool:
        return (self.also_ok or "").startswith("skip")


class Outcome(BaseModel):
    source: str
    state: str
    reason: str = ""


class Report(BaseModel):
    outcomes: list[Outcome]


class Chunk(BaseModel):
    file: str
    text: str


_CHUNKS = TypeAdapter(list[Chunk])


@dataclass(frozen=True, slots=True)
class Ran:
    code: int
    seconds: float
    megabytes: float  # at most, of the command and of all that it started
    printed: str
    said: str


@dataclass(frozen=True, slots=True)
class Came:
    """What came of one file, or of a folder."""

    ingest: Ran
    outcomes: list[Outcome]
    chunks: list[Chunk]
    kind: str  # of a refusal


@dataclass(frozen=True, slots=True)
class Figures:
    files: int
    as_expected: int
    within_limits: int
    slowest_seconds: float
    most_megabytes: float


def main() -> int:
    if len(sys.argv) != 2:
        print("Name the folder that holds `expected.jsonl`.")
        return 2
    folder = Path(sys.argv[1])
    expected = [
        Expected.model_validate_json(line)
        for line in (folder / "expected.jsonl").read_text("utf-8").splitlines()
        if line.strip()
    ]
    with tempfile.TemporaryDirectory() as scratch:
        if (folder / _PACKED).is_file():
            with tarfile.open(folder / _PACKED) as archive:
                archive.extractall(scratch, filter="data")
            folder = Path(scratch)
        return _report([(one, came(folder / one.file, one)) for one in expected])


def came(path: Path, expected: Expected) -> Came:
    """In a data directory of its own."""
    longest = _START_UP + _PATIENCE * expected.max_seconds
    with tempfile.TemporaryDirectory() as data:
        report = Path(data) / "report.json"
        where = ["--collection", "bad"]
        settings = {"FOREBAY_DATA": str(Path(data) / "data")}
        command = ["ingest", str(path.absolute()), *where, "--yes", "--report", str(report)]
        ran = run(command, settings, longest)
        outcomes: list[Outcome] = []
        if report.is_file():
            outcomes = Report.model_validate_json(report.read_bytes()).outcomes
        export = run(["export", *where, "--chunks"], settings, longest)
    chunks = _CHUNKS.validate_python([json.loads(line) for line in export.printed.splitlines()])
    failed = [outcome for outcome in outcomes if outcome.state == "failed"]
    kind = _kind(path, failed[0].reason) if failed and path.is_file() else ""
    return Came(ran, outcomes, chunks, kind)


def run(arguments: list[str], settings: Mapping[str, str], longest: float) -> Ran:
    kept = {name: v for name, v in os.environ.items() if not name.startswith(_KEPT_OUT)}
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as said:
        start = perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "forebay", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=said,
            env={**kept, **settings},
            cwd=ROOT,
        )
        watch = Watch(process.pid)
        watch.start()
        try:
            code = process.wait(longest)
        except subprocess.TimeoutExpired:
            code = -1
        finally:
            seconds = perf_counter() - start
            process.kill()  # does nothing to one that has ended
            process.wait()
            peak = watch.stop()
        printed.seek(0)
        said.seek(0)
        return Ran(
            code,
            seconds,
            peak.tree / 1024,
            printed.read().decode(errors="replace"),
            said.read().decode(errors="replace"),
        )


def _kind(path: Path, reason: str) -> str:
    """The report has a sentence for people; the reader, asked alone, has the word as well."""
    failed = asyncio.run(_refusal(Source(path.name, path.read_bytes())))
    if failed is not None:
        return failed.kind if str(failed) == reason else ""
    return "too_large" if "too large" in reason else ""  # refused after it was read


async def _refusal(source: Source) -> ParseFailed | None:
    async with Sandbox() as sandbox:
        try:
            await sandbox.parse(source)
        except ParseFailed as failed:
            return failed
    return None


def misses(expected: Expected, came: Came) -> list[str]:
    """What is not as expected, in words."""
    if came.ingest.code not in _DONE:
        return [f"ended with {came.ingest.code}: {came.ingest.said[-200:]}"]
    failed = [outcome for outcome in came.outcomes if outcome.state == "failed"]
    if expected.do != "walk" and failed:
        right = expected.may_be_refused(came.kind) and not came.chunks
        return [] if right else [f"refused as '{came.kind}': {failed[0].reason}"]
    if not came.outcomes:
        return [] if expected.may_be_left_out() else ["nothing is said of it"]
    if not expected.may_have_text():
        return [f"it was taken, with {len(came.chunks)} chunks"]
    return _strings(expected, came)


def _strings(expected: Expected, came: Came) -> list[str]:
    text = _one_line(" ".join(chunk.text for chunk in came.chunks))
    raw = "".join([*(c.text for c in came.chunks), came.ingest.printed, came.ingest.said])
    lost = [wanted for wanted in expected.contains if _one_line(wanted) not in text]
    there = [unwanted for unwanted in expected.not_contains if unwanted in raw]
    return [
        *(f"has no {wanted[:60]!r}" for wanted in lost),
        *(f"has {unwanted!r}" for unwanted in there),
    ]


def over(expected: Expected, came: Came) -> list[str]:
    """Which limits it broke."""
    ran, found = came.ingest, []
    if ran.seconds > expected.max_seconds:
        found.append(f"{ran.seconds:.1f} s of {expected.max_seconds:.0f}")
    if ran.megabytes > expected.max_rss_mb:
        found.append(f"{ran.megabytes:.0f} MB of {expected.max_rss_mb:.0f}")
    return found


def _report(results: list[tuple[Expected, Came]]) -> int:
    table = Table(title="Not as expected", box=None)
    for name in ("file", "expected", "what came", "limits"):
        table.add_column(name, overflow="fold")
    right = within = 0
    for expected, came in results:
        wrong, broken = misses(expected, came), over(expected, came)
        right, within = right + (not wrong), within + (not broken)
        if wrong or broken:
            wanted = " ".join([expected.do, *expected.reason])
            cells = (expected.file, wanted, "; ".join(wrong), "; ".join(broken))
            table.add_row(*(escape(cell.replace("\n", "\\n")) for cell in cells))
    figures = Figures(
        files=len(results),
        as_expected=right,
        within_limits=within,
        slowest_seconds=round(max(came.ingest.seconds for _, came in results), 2),
        most_megabytes=round(max(came.ingest.megabytes for _, came in results), 1),
    )
    if table.row_count:
        Console(stderr=True).print(table)
    print(json.dumps(asdict(figures)))
    return int(min(right, within) < len(results))


def _one_line(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    sys.exit(main())
