"""What an ingestion takes, as ratios within one run: to its embedder, to itself, to its peers.

    python -m bench.ingest [--data FOLDER] [--documents N] [--peer-documents N] [--only BAR …]

`--data`: a corpus in BEIR's layout; without it, one is made from Python's own docstrings. Every
figure comes from `forebay ingest` in a process of its own, in a data directory of its own.
"""

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from bench import documents
from bench.command import Ingested, Stopped, ingest, run
from bench.memory import is_readable
from bench.peers.environment import PEERS, Peers, model_folder, prepare
from wiring.settings import ChunkSettings

OVER_EMBEDDER, WARM, UNCHANGED, GROWTH, PEER = 1.15, 20.0, 3.0, 1.3, 1.0
_TREE = 10_000  # files
_FEW, _MANY = 1_000, 10_000  # documents whose memory is compared
_SHORT = 80  # words of such a document
_ROUNDS = 3  # of what is compared, in turns; the least disturbed run of each counts


@dataclass(frozen=True, slots=True)
class Figure:
    bar: str
    measured: float
    wanted: str
    met: bool
    of_what: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where one run works, and on what."""

    folder: Path
    data: Path | None
    count: int
    peer_count: int
    peers: Path | None

    def corpus(self, name: str, count: int) -> Path:
        return documents.write_corpus(documents.corpus(self.data, count), self.folder / name)


def over_embedder(place: Place) -> Iterator[Figure]:
    """Cold and the embedder alone in turns, then warm."""
    path = place.corpus("cold", place.count)
    cold: list[Ingested] = []
    took: list[float] = []
    for number in range(_ROUNDS):
        data = place.folder / f"cold-data-{number}"
        cold.append(ingest(path, data))
        texts, seconds = _alone(data)
        took.append(seconds)
    alone = min(took)
    ratio = min(one.wall for one in cold) / alone
    yield Figure(
        "whole ingest : embedder alone",
        ratio,
        f"≤ {OVER_EMBEDDER}",
        ratio <= OVER_EMBEDDER and all(one.embedded == texts for one in cold),
        f"{_walls(cold)} : {_seconds(took)} for {texts:,} texts ({texts / alone:.0f} a second); "
        f"{cold[0].documents:,} documents, {cold[0].chunks:,} chunks, "
        f"{' and '.join(f'{one.embedded:,}' for one in cold)} embedded; {_times(cold[0])}",
    )
    yield from _warm(path, data, cold)


def _warm(path: Path, data: Path, cold: list[Ingested]) -> Iterator[Figure]:
    """Into other collections of the same data directory, whose cache is kept."""
    warm = [ingest(path, data, f"warm-{number}") for number in range(_ROUNDS)]
    ratio = min(one.wall for one in cold) / min(one.wall for one in warm)
    inside = min(one.seconds for one in cold) / min(one.seconds for one in warm)
    yield Figure(
        "cold : cache warm",
        ratio,
        f"≥ {WARM:.0f}",
        ratio >= WARM and not any(one.embedded for one in warm),
        f"{_walls(cold)} : {_walls(warm)}; without start and end of the process {inside:.1f}; "
        f"{warm[0].chunks:,} chunks, {sum(one.embedded for one in warm)} embedded; "
        f"{_times(warm[0])}",
    )


def unchanged(place: Place) -> Iterator[Figure]:
    """A tree of files of few different contents, so that it is quickly made and ingested."""
    body = "Plain words about little. " * 40
    pages = [documents.Text(f"{n:05}", f"Page {n % 10}", body) for n in range(_TREE)]
    tree, data = documents.write_tree(pages, place.folder / "tree"), place.folder / "tree-data"
    first = ingest(tree, data)
    before = _written(data / "collections")
    again = [ingest(tree, data) for _ in range(3)]
    after = _written(data / "collections")
    written = sum(before.get(path) != after.get(path) for path in before.keys() | after.keys())
    worked = sorted({stage for one in again for stage in one.times} - {"read"})
    wall = median(one.wall for one in again)
    skipped = min(one.unchanged for one in again)
    quiet = bool(before) and not written and not worked
    yield Figure(
        "second run over an unchanged tree, s",
        wall,
        f"< {UNCHANGED:.0f}",
        wall < UNCHANGED and quiet and skipped == _TREE,
        f"{skipped:,} of {_TREE:,} files unchanged, {_walls(again)}, first {first.wall:.1f} s; "
        f"other stages than reading: {', '.join(worked) or 'none'}; {written} of the store's "
        f"{len(before)} files written",
    )


def memory(place: Place) -> Iterator[Figure]:
    """Of short files, all different, so that it is the number of documents that counts."""
    if not is_readable():
        raise Stopped("Memory is read from /proc, which this system has not. Leave memory out.")
    ran = []
    for count in (_MANY, _FEW):
        texts = documents.made(count, words=_SHORT, seed=2)
        path = documents.write_tree(texts, place.folder / f"memory-{count}")
        ran.append(ingest(path, place.folder / f"memory-data-{count}"))
    many, few = ran
    ratio = many.peak.tree / few.peak.tree
    yield Figure(
        f"peak memory, {_MANY:,} : {_FEW:,} documents",
        ratio,
        f"≤ {GROWTH}",
        ratio <= GROWTH,
        f"all processes {_mb(many.peak.tree)} : {_mb(few.peak.tree)}, "
        f"main {_mb(many.peak.main)} : {_mb(few.peak.main)}, "
        f"largest worker {_mb(many.peak.worker)} : {_mb(few.peak.worker)}; "
        f"{many.embedded:,} : {few.embedded:,} texts embedded",
    )


def peers(place: Place) -> Iterator[Figure]:
    """The same documents, the same model file, all cores; each peer in its faster way."""
    path = place.corpus("peers", place.peer_count)
    theirs = Peers(prepare(place.peers), place.folder / "peers-data-0" / "cache" / "tiktoken")
    arguments = [
        *("--corpus", str(path), "--model", str(model_folder())),
        *("--threads", str(len(os.sched_getaffinity(0)))),
        *("--chunk-tokens", str(ChunkSettings().max_tokens)),
    ]
    ours: list[Ingested] = []
    ways: dict[str, str] = {}
    walls: dict[str, list[float]] = {name: [] for name in PEERS}
    chunks: dict[str, float] = {}
    for number in range(_ROUNDS):
        ours.append(ingest(path, place.folder / f"peers-data-{number}"))
        for name, seen in walls.items():
            if name not in ways:
                _, tried = theirs.run(name, [*arguments, "--try-ways"])
                ways[name] = min(tried, key=tried.__getitem__)
            ended, made = theirs.run(name, [*arguments, "--way", ways[name]])
            seen.append(ended.seconds)
            chunks[name] = made["chunks"]
    yield _beside(ours, ways, walls, chunks)


def _beside(
    ours: list[Ingested],
    ways: dict[str, str],
    walls: dict[str, list[float]],
    chunks: dict[str, float],
) -> Figure:
    wall = min(one.wall for one in ours)
    ratio = wall / min(map(min, walls.values()))
    said = [f"Forebay {_walls(ours)} ({_rate(ours[0].chunks, wall)})"]
    for name, seen in walls.items():
        said.append(f"{name} {_seconds(seen)} ({_rate(chunks[name], min(seen))}, {ways[name]})")
    return Figure(
        "Forebay : faster peer",
        ratio,
        f"≤ {PEER:.0f}",
        ratio <= PEER,
        f"{ours[0].documents:,} documents, whole processes; {', '.join(said)}",
    )


BARS: dict[str, Callable[[Place], Iterator[Figure]]] = {
    "embedder": over_embedder,
    "unchanged": unchanged,
    "memory": memory,
    "peers": peers,
}


def main() -> int:
    asked = _arguments()
    folder = Path(tempfile.mkdtemp(prefix="bench-ingest-"))
    place = Place(folder, asked.data, asked.documents, asked.peer_documents, asked.peers)
    figures: list[Figure] = []
    try:
        for name in asked.only or BARS:
            print(f"{name} …", file=sys.stderr)
            figures += BARS[name](place)
    except Stopped as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder)
        _show(figures)  # those that there are
    return 0 if all(figure.met for figure in figures) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, help="a corpus in BEIR's layout")
    parser.add_argument("--documents", type=int, default=5183)
    parser.add_argument("--peer-documents", type=int, default=1000)
    parser.add_argument("--peers", type=Path, help="folder of the peers' environment")
    parser.add_argument("--only", nargs="+", choices=BARS)
    asked = parser.parse_args()
    if asked.data and not documents.is_there(asked.data):
        parser.error(f"There is no corpus.jsonl or corpus.jsonl.gz in {asked.data}.")
    return asked


def _show(figures: list[Figure]) -> None:
    table = Table(title=f"{len(os.sched_getaffinity(0))} cores, Python {platform.python_version()}")
    for column in ("bar", "measured", "wanted", "", "of what"):
        table.add_column(column)
    for one in figures:
        met = "met" if one.met else "MISSED"
        table.add_row(one.bar, f"{one.measured:.2f}", one.wanted, met, one.of_what)
    Console(width=160).print(table)
    facts = {"cores": len(os.sched_getaffinity(0)), "python": platform.python_version()}
    rows = [asdict(figure) for figure in figures]
    print(json.dumps({**facts, "figures": rows}, ensure_ascii=False))


def _alone(data: Path) -> tuple[int, float]:
    """How many texts, and the seconds for them."""
    settings = {"FOREBAY_DATA": str(data)}
    ended = run([sys.executable, "-m", "bench.embedder_alone", "bench"], settings)
    said = json.loads(ended.printed)
    return said["texts"], said["seconds"]


def _written(folder: Path) -> dict[Path, tuple[int, int]]:
    return {
        path: (path.stat().st_mtime_ns, path.stat().st_size)
        for path in folder.rglob("*")
        if path.is_file()
    }


def _walls(ran: list[Ingested]) -> str:
    return _seconds([one.wall for one in ran])


def _seconds(took: list[float]) -> str:
    return f"{', '.join(f'{seconds:.1f}' for seconds in took)} s"


def _rate(chunks: float, seconds: float) -> str:
    return f"{chunks:,.0f} chunks, {chunks / seconds:.0f} a second"


def _mb(kilobytes: int) -> str:
    return f"{kilobytes / 1024:.0f} MB"


def _times(one: Ingested) -> str:
    return ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in one.times.items())


if __name__ == "__main__":
    sys.exit(main())
