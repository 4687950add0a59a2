"""The processes of `bench.serve`: the service as a user runs it, and the provider behind it.

And what they take: memory and processor time, read from /proc.
"""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from bench.command import ROOT, Stopped, environment
from bench.serve_provider import WORDS

_ENDS = 60  # seconds that a service may take to end
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Service:
    url: str
    process: Process
    listens: float  # seconds from its start until it says where it is


@asynccontextmanager
async def provider(words: int = WORDS) -> AsyncIterator[tuple[str, int]]:
    """Its address, and its process' id. `words`: of an answer."""
    process = await _start("-m", "bench.serve_provider", str(words), settings={})
    try:
        yield await _line(process), process.pid
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def service(data: Path, settings: Mapping[str, str]) -> AsyncIterator[Service]:
    """Ended by SIGTERM, where it has not ended before."""
    ours = {"FOREBAY_DATA": str(data), "FOREBAY_API__PORT": "0", "FOREBAY_LOG": "json"}
    start = perf_counter()
    process = await _start("-m", "forebay", "serve", "--json", settings={**ours, **settings})
    try:
        url = json.loads(await _line(process))["url"]
        yield Service(url, process, perf_counter() - start)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(_ENDS):
                await process.wait()


async def _start(*words: str, settings: Mapping[str, str]) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *words,
        env=environment(settings),
        cwd=ROOT,
        stdout=PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )


async def _line(process: Process) -> str:
    assert process.stdout is not None
    if line := await process.stdout.readline():
        return line.decode().strip()
    raise Stopped(f"A process ended with {await process.wait()} before it said where it is.")


@dataclass
class Watched:
    """Of one process, once a second: its memory in MB, by the time since the first look."""

    pid: int
    megabytes: list[tuple[float, float]] = field(default_factory=list)
    seconds: float = 0.0  # of processor time, in that time

    async def watch(self) -> None:
        """Until it is cancelled."""
        start, before = perf_counter(), cpu_seconds(self.pid)
        while True:
            self.megabytes.append((perf_counter() - start, _resident(self.pid)))
            self.seconds = cpu_seconds(self.pid) - before
            await asyncio.sleep(1)

    @property
    def cores(self) -> float:
        return self.seconds / self.megabytes[-1][0]

    @property
    def a_minute(self) -> float:
        """MB, by a line through what was seen in the second half."""
        half = self.megabytes[-1][0] / 2
        late = [(at, size) for at, size in self.megabytes if at >= half]
        mean_at = sum(at for at, _ in late) / len(late)
        mean = sum(size for _, size in late) / len(late)
        spread = sum((at - mean_at) ** 2 for at, _ in late)
        return 60 * sum((at - mean_at) * (size - mean) for at, size in late) / spread


def cpu_seconds(pid: int) -> float:
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / _TICK


def _resident(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024
