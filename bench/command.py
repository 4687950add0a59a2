"""Runs commands as a user would, each in a process of its own, and says what they took.

Settings of whoever runs the benchmark are kept from them.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from bench.memory import Peak, Watch

ROOT = Path(__file__).parent.parent
_LONGEST = 3600  # seconds
_KEPT_OUT = ("FOREBAY_", "OPENAI_")


class Stopped(Exception):
    """A command did not do what was to be measured; there is no figure."""


@dataclass(frozen=True, slots=True)
class Ended:
    seconds: float
    peak: Peak
    printed: str


@dataclass(frozen=True, slots=True)
class Ingested:
    """What one `forebay ingest` took and said."""

    wall: float  # the whole process
    seconds: float  # without its start and end
    documents: int
    unchanged: int
    chunks: int
    embedded: int
    times: Mapping[str, float]  # by stage
    peak: Peak


def ingest(path: Path, data: Path, collection: str = "bench") -> Ingested:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        ended = run(
            [
                *_forebay(),
                "ingest",
                str(path),
                "--collection",
                collection,
                "--yes",
                "--report",
                str(report),
            ],
            {"FOREBAY_DATA": str(data)},
        )
        said = json.loads(report.read_bytes())
    return Ingested(
        wall=ended.seconds,
        seconds=said["seconds"],
        documents=sum(said["counts"].values()),
        unchanged=said["counts"]["unchanged"],
        chunks=said["chunks"],
        embedded=said["embedded"],
        times={time["stage"]: time["seconds"] for time in said["times"]},
        peak=ended.peak,
    )


def run(command: Sequence[str], settings: Mapping[str, str]) -> Ended:
    """In the checkout, and without an input."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        start = perf_counter()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            env=environment(settings),
            cwd=ROOT,
        )
        watch = Watch(process.pid)
        watch.start()
        try:
            code = process.wait(_LONGEST)
            seconds = perf_counter() - start
        finally:
            process.kill()  # does nothing to one that has ended
            peak = watch.stop()
        output.seek(0)
        errors.seek(0)
        if code:
            last = errors.read().decode(errors="replace")[-2000:]
            raise Stopped(f"`{' '.join(command)}` ended with {code}:\n{last}")
        return Ended(seconds, peak, output.read().decode())


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    kept = {name: v for name, v in os.environ.items() if not name.startswith(_KEPT_OUT)}
    return {**kept, **settings}


def _forebay() -> list[str]:
    beside = Path(sys.executable).with_name("forebay")
    if not beside.is_file():
        raise Stopped(f"There is no {beside}. Run `make install`, and this with its Python.")
    return [str(beside)]
