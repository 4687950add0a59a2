"""What many questions cost in one call of `/v1/search` beside one call each, and a question that
was asked before beside a new one.

The real service over the sample handbook, asked over HTTP on loopback. In the first part it
remembers no question, so that every way embeds all of them; all ways are taken in turns.
"""

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import httpx2
from rich.console import Console
from rich.table import Table

from bench.command import ROOT, Stopped, environment, ingest

ONE_CALL_BAR = 1.5  # times faster than a call each
AGAIN_BAR = 3.0  # times less for the vector of a question that was asked before
QUESTIONS, ROUNDS, AT_ONCE = 100, 5, 8
FORGETFUL = {"FOREBAY_EMBED__QUESTIONS_MB": "0"}


@dataclass(frozen=True, slots=True)
class Figures:
    questions: int
    rounds: int
    one_by_one_ms: float
    eight_at_once_ms: float
    one_call_ms: float
    times_faster: float
    new_embed_ms_p50: float
    again_embed_ms_p50: float
    again_times_less: float
    bars: tuple[float, float] = (ONE_CALL_BAR, AGAIN_BAR)

    @property
    def missed(self) -> bool:
        return self.times_faster < ONE_CALL_BAR or self.again_times_less < AGAIN_BAR


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        ingest(ROOT / "sample" / "handbook", data, "default")
        with serving(data, FORGETFUL) as client:
            ways = in_turns(client, questions())
        with serving(data, {}) as client:
            new, again = (embedding(client, questions()) for _ in range(2))
    one_by_one, at_once, one_call = ways
    figures = Figures(
        questions=QUESTIONS,
        rounds=ROUNDS,
        one_by_one_ms=ms(one_by_one),
        eight_at_once_ms=ms(at_once),
        one_call_ms=ms(one_call),
        times_faster=round(one_by_one / one_call, 2),
        new_embed_ms_p50=ms(new),
        again_embed_ms_p50=ms(again),
        again_times_less=round(new / again, 1),
    )
    show(figures)
    print(json.dumps(asdict(figures)))
    return int(figures.missed)


def questions() -> list[str]:
    """No two are alike."""
    with (ROOT / "sample" / "questions.jsonl").open(encoding="utf-8") as lines:
        asked = [json.loads(line)["question"] for line in lines]
    politely = [f"Please tell me: {question}" for question in asked]
    return [*asked, *politely, *(f"One more thing: {question}" for question in asked)][:QUESTIONS]


def in_turns(client: httpx2.Client, texts: list[str]) -> list[float]:
    """Seconds of each way, the fastest of its rounds."""

    def ask(body: Mapping[str, object]) -> None:
        client.post("/v1/search", json=body).raise_for_status()

    def at_once() -> None:
        with ThreadPoolExecutor(AT_ONCE) as threads:
            list(threads.map(lambda text: ask({"question": text}), texts))

    def one_by_one() -> None:
        for text in texts:
            ask({"question": text})

    ways = (one_by_one, at_once, lambda: ask({"questions": texts}))
    taken = [[seconds(way) for way in ways] for _ in range(ROUNDS + 1)]
    return [min(own) for own in zip(*taken[1:], strict=True)]  # the first one warms up


def embedding(client: httpx2.Client, texts: list[str]) -> float:
    """Seconds that the service says it took, the middle one."""
    taken: list[float] = []
    for text in texts:
        found = client.post("/v1/search", json={"question": text}).raise_for_status().json()
        times = {time["stage"]: time["seconds"] for time in found["times"]}
        taken.append(times["embed"])
    return median(taken)


def seconds(way: Callable[[], None]) -> float:
    start = perf_counter()
    way()
    return perf_counter() - start


@contextmanager
def serving(data: Path, settings: Mapping[str, str]) -> Iterator[httpx2.Client]:
    own = {"FOREBAY_DATA": str(data), "FOREBAY_API__PORT": "0", **settings}
    process = subprocess.Popen(
        [sys.executable, "-m", "forebay", "serve", "--json"],
        cwd=ROOT,
        env=environment(own),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a line for each of the questions
        text=True,
    )
    assert process.stdout is not None
    try:
        started = process.stdout.readline()
        if not started:
            raise Stopped("The service ended at its start; `forebay serve` says why.")
        url = json.loads(started)["url"]
        with httpx2.Client(base_url=url, timeout=60, trust_env=False) as client:
            yield client
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)


def ms(seconds: float) -> float:
    return round(seconds * 1000, 3)


def show(f: Figures) -> None:
    table = Table(title=f"{f.questions} questions to /v1/search, fastest of {f.rounds} rounds")
    for name in ("", "all, ms", "each, ms"):
        table.add_column(name, justify="left" if not name else "right")
    for name, all_ms in (
        ("one call each, one after another", f.one_by_one_ms),
        (f"one call each, {AT_ONCE} at once", f.eight_at_once_ms),
        ("one call for all", f.one_call_ms),
    ):
        table.add_row(name, f"{all_ms:.0f}", f"{all_ms / f.questions:.2f}")
    console = Console()
    console.print(table)
    console.print(
        f"One call is {f.times_faster} times faster (bar {ONE_CALL_BAR}). A question's vector "
        f"takes {f.new_embed_ms_p50} ms, asked again {f.again_embed_ms_p50} ms: "
        f"{f.again_times_less} times less (bar {AGAIN_BAR})."
    )


if __name__ == "__main__":
    sys.exit(main())
