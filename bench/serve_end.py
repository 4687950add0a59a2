"""The end of the service in the middle of its streams: told by SIGTERM, or killed.

After a kill it starts again, and what it wrote is held against what the askers heard.
"""

import asyncio
import signal
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from bench.serve_kept import Kept, kept
from bench.serve_load import Load, Questions
from bench.serve_process import Service, service

PATH = "/v1/ask"
_LONGEST = 120.0  # seconds of load before the end
_SPREAD = 4.0  # seconds in which all askers begin
_DRAIN = 2  # seconds: some streams end in this time, others do not
_LATE_BAR = 0.2  # seconds before the kill, of which the ledger may lack rows


@dataclass(frozen=True, slots=True)
class Told:
    """Streams that were open when it was told to end, by how they ended."""

    whole: int
    with_error: int
    refused: int  # 503, before a stream began
    broken: int
    not_let_in: int
    seconds: float  # until the process had ended
    code: int | None

    @property
    def missed(self) -> bool:
        return bool(self.broken or self.not_let_in or self.code)


@dataclass(frozen=True, slots=True)
class Killed:
    """`lost`: answered, and not in the ledger. `late`: seconds before the kill, of the oldest."""

    answered: int
    cut: int
    lost: int
    late: float
    kept: Kept
    again: bool  # a question is answered after the restart

    @property
    def missed(self) -> bool:
        return self.late > _LATE_BAR or self.kept.wrong or not self.again


async def told(data: Path, settings: Mapping[str, str], asked: Questions, askers: int) -> Told:
    drains = {**settings, "FOREBAY_API__DRAIN_SECONDS": str(_DRAIN)}
    async with service(data, drains) as served:
        load = Load(served.url, PATH, asked.body)
        at = await _ended(served, load, askers, signal.SIGTERM)
        code = await served.process.wait()
        seconds = perf_counter() - at
    open_then = Counter(stream.how for stream in load.streams if stream.ended > at)
    return Told(
        whole=open_then["done"],
        with_error=open_then["error"],
        refused=open_then["refused"],
        broken=open_then["broken"],
        not_let_in=open_then["not let in"],
        seconds=round(seconds, 2),
        code=code,
    )


async def killed(
    data: Path, settings: Mapping[str, str], texts: Sequence[str], askers: int
) -> Killed:
    asked = Questions(texts, sessions="asker-")
    async with service(data, settings) as served:
        load = Load(served.url, PATH, asked.body)
        at = await _ended(served, load, askers, signal.SIGKILL)
        await served.process.wait()
    async with service(data, settings) as served:
        found = await kept(data, served.url, load.streams, asked)
        again = Load(served.url, PATH, asked.body, most=1)
        await again.run(1, _LONGEST, 0)
    answered = [stream for stream in load.streams if stream.how == "done"]
    late = [at - s.ended for s in answered if s.request not in found.booked]
    return Killed(
        answered=len(answered),
        cut=sum(stream.how == "broken" for stream in load.streams),
        lost=len(late),
        late=round(max(late, default=0.0), 3),
        kept=found,
        again=[stream.how for stream in again.streams] == ["done"],
    )


async def _ended(served: Service, load: Load, askers: int, how: signal.Signals) -> float:
    """When it was told. Each asker has been answered about once, and all hear the end."""
    running = asyncio.create_task(load.run(askers, _LONGEST, _SPREAD))
    while sum(stream.how == "done" for stream in load.streams) < askers:
        await asyncio.wait({running}, timeout=0.05)
    load.over = True
    at = perf_counter()
    served.process.send_signal(how)
    await running
    return at
