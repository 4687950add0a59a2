"""How the service does under load, and when it is ended in the middle of it.

`forebay serve` as a process over the ingested sample, with the local embedder; a provider on
loopback that takes 0.3 to 0.8 s to its first word and some seconds for the rest; as many askers as
are named, each with a connection, that ask again as soon as they are answered. No question is
asked twice, so each is embedded.

The overhead of a stream is the time from its request to the first word at the asker, less what the
provider took, by its own clock, from the end of its request to that word. So what the load itself
costs, and all that waits for a processor that others have, counts as the service's. "Alone": the
same askers at the provider, with nothing between. Until every asker has begun nothing is counted.
"""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

import uvloop

from bench.command import ROOT, ingest
from bench.serve_end import PATH, Killed, Told, killed, told
from bench.serve_load import Load, Questions, Stream
from bench.serve_process import Watched, provider, service
from bench.serve_provider import DELTA, FIRST, GAP, WORDS
from bench.serve_show import show

PARTS = ("load", "term", "kill", "starts")
OVERHEAD_BAR_MS, GROWTH_BAR = 50.0, 0.02  # of its memory, in a minute
ASKERS, SECONDS, STARTS = 100, 120.0, 10
STREAM = sum(FIRST) / 2 + WORDS * GAP  # seconds; in so many all askers have begun
ALONE_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Loaded:
    """Overheads in milliseconds; MB; processor time as cores, and in milliseconds a stream."""

    askers: int
    seconds: float
    streams: int
    not_whole: int
    a_second: float
    p50: float
    p95: float
    p99: float
    alone_p50: float
    alone_p95: float
    megabytes: float
    megabytes_a_minute: float
    cores: float
    cpu_ms: float
    provider_cores: float

    @property
    def missed(self) -> bool:
        grows = self.megabytes_a_minute > GROWTH_BAR * self.megabytes
        return bool(self.not_whole) or self.p95 > OVERHEAD_BAR_MS or grows


@dataclass(frozen=True, slots=True)
class Starts:
    """Seconds until it listens, and from SIGTERM until it has ended."""

    times: int
    median: float
    slowest: float
    end_median: float


@dataclass(frozen=True, slots=True)
class Found:
    load: Loaded | None = None
    term: Told | None = None
    kill: Killed | None = None
    starts: Starts | None = None

    @property
    def missed(self) -> bool:
        return any(part.missed for part in (self.load, self.term, self.kill) if part)


def main() -> int:
    wanted = _options()
    with tempfile.TemporaryDirectory(prefix="forebay-serve-") as folder:
        ingest(ROOT / "sample" / "handbook", Path(folder) / "ingested", "default")
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            found = runner.run(_found(Path(folder), wanted))
    figures = asdict(found)
    show(figures)
    print(json.dumps(figures, default=len))
    return int(found.missed)


async def _found(folder: Path, wanted: argparse.Namespace) -> Found:
    texts, askers = _texts(), wanted.askers
    found = Found()
    async with provider() as (url, pid):
        settings = settings_of(url)
        for part in wanted.only:
            data = folder / part
            shutil.copytree(folder / "ingested", data)
            match part:
                case "load":
                    load = await loaded(data, (url, pid), texts, askers, wanted.seconds)
                    found = replace(found, load=load)
                case "term":
                    found = replace(
                        found, term=await told(data, settings, Questions(texts), askers)
                    )
                case "kill":
                    found = replace(found, kill=await killed(data, settings, texts, askers))
                case _:
                    found = replace(found, starts=await started(data, settings))
    return found


async def loaded(
    data: Path, behind: tuple[str, int], texts: Sequence[str], askers: int, seconds: float
) -> Loaded:
    url, pid = behind
    alone = Load(url, "/v1/responses", lambda *_: b"{}", first=DELTA)
    await alone.run(askers, ALONE_SECONDS, STREAM)
    async with service(data, settings_of(url)) as served:
        load = Load(served.url, PATH, Questions(texts).body)
        own, its = Watched(served.process.pid), Watched(pid)
        watching = [asyncio.create_task(one.watch()) for one in (own, its)]
        await load.run(askers, seconds, STREAM)
        for task in watching:
            task.cancel()
    for stream in load.streams:
        if stream.how != "done":
            print(f"{stream.how}: {stream.why}", file=sys.stderr)
    ends = [stream.ended for stream in load.streams]
    cuts, bare = _overheads(load.streams), _overheads(alone.streams)
    return Loaded(
        askers=askers,
        seconds=seconds,
        streams=len(ends),
        not_whole=sum(stream.how != "done" for stream in load.streams),
        a_second=round(len(ends) / (max(ends) - load.streams[0].begun), 1),
        p50=cuts[49],
        p95=cuts[94],
        p99=cuts[98],
        alone_p50=bare[49],
        alone_p95=bare[94],
        megabytes=round(own.megabytes[-1][1], 1),
        megabytes_a_minute=round(own.a_minute, 2),
        cores=round(own.cores, 2),
        cpu_ms=round(own.seconds / len(ends) * 1000, 1),
        provider_cores=round(its.cores, 2),
    )


async def started(data: Path, settings: dict[str, str]) -> Starts:
    begins, ends = list[float](), list[float]()
    for _ in range(STARTS):
        async with service(data, settings) as served:
            begins.append(served.listens)
            at = perf_counter()
        ends.append(perf_counter() - at)
    return Starts(
        times=STARTS,
        median=round(median(begins), 2),
        slowest=round(max(begins), 2),
        end_median=round(median(ends), 2),
    )


def _overheads(streams: Sequence[Stream]) -> list[float]:
    """Hundredths, in milliseconds."""
    since = min(stream.begun for stream in streams) + STREAM
    found = [s.overhead * 1000 for s in streams if s.first is not None and s.begun >= since]
    return [round(one, 2) for one in quantiles(found, n=100)]


def settings_of(url: str) -> dict[str, str]:
    return {
        "OPENAI_API_KEY": "sk-bench",
        "OPENAI_BASE_URL": url,
        "FOREBAY_CHAT__API": "responses",
        "FOREBAY_BUDGET__MONTHLY_DOLLARS": "1000",  # so that every call reserves its money
    }


def _texts() -> list[str]:
    with (ROOT / "sample" / "questions.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line)["question"] for line in lines]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.serve")
    parser.add_argument("--askers", type=int, default=ASKERS, help="who ask at once")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of the load")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="these parts")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
