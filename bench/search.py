"""What a search costs without its embedder, at one size and the next, and what the store takes.

    python -m bench.search [--passages N …] [--large] [--cache FOLDER]

Real text, see `bench.corpus`. Beside the search through the services, in turns, stand the
store's port alone and the same legs asked of the engine by hand. Every figure comes from a
process of its own; what was built is kept under the cache for the next run.
"""

import argparse
import hashlib
import json
import os
import platform
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

from pydantic import BaseModel
from rich.console import Console
from rich.table import Table

from bench.command import ROOT, Stopped, run
from bench.corpus import CACHE
from bench.corpus_vectors import likeness, prepare
from bench.search_store import Place

OVER_ENGINE, SPREAD = 1.5, 2.0
SIZES, LARGE = (10_000, 100_000), 1_000_000
BARRED = 100_000
_TENANTS = 10


class Times(BaseModel):
    """Milliseconds."""

    p50: float
    p95: float
    a_second: int = 0


class Row(BaseModel):
    filter: str
    first: Times
    search: Times
    store: Times
    fused: Times
    legs: Times


class Memory(BaseModel):
    """Kilobytes: the process's own, and of files that the kernel may drop."""

    own: int
    files: int


class Asked(BaseModel):
    load_seconds: float
    memory: dict[str, Memory]
    filter_share: float
    same_hits: float
    rows: list[Row]
    askers: dict[str, Times]


class Made(BaseModel):
    seconds: float
    peak: int  # kilobytes
    disk: int  # bytes


@dataclass(frozen=True, slots=True)
class Measured:
    """One collection."""

    place: Place
    made: Made
    asked: Asked

    @property
    def name(self) -> str:
        return f"{self.place.passages:,}"


@dataclass(frozen=True, slots=True)
class Figure:
    bar: str
    measured: float
    wanted: str
    met: bool


def measure(place: Place) -> Measured:
    print(f"{place.folder.name} …", file=sys.stderr)
    made = written(place)
    return Measured(place, made, Asked.model_validate_json(_step("ask", place)))


def figures(measured: Iterable[Measured]) -> Iterator[Figure]:
    """Of one tenant and no filter, from `BARRED` passages on."""
    alone = (one for one in measured if one.place.tenants == 1)
    for one in (one for one in alone if one.place.passages >= BARRED):
        row = one.asked.rows[0]
        ratio, spread = row.search.p50 / row.fused.p50, row.search.p95 / row.search.p50
        port = row.store.p50 / row.fused.p50
        wanted = f"≤ {OVER_ENGINE}"
        yield Figure(f"{one.name}: port : engine", port, wanted, port <= OVER_ENGINE)
        yield Figure(f"{one.name}: search : engine", ratio, wanted, ratio <= OVER_ENGINE)
        yield Figure(f"{one.name}: p95 : p50", spread, f"≤ {SPREAD:.0f}", spread <= SPREAD)


def main() -> int:
    asked = _arguments()
    try:
        near = likeness(prepare(min(asked.passages), asked.cache), asked.cache)
        measured = [measure(place) for place in _places(asked)]
    except Stopped as error:
        print(error, file=sys.stderr)
        return 1
    bars = list(figures(measured))
    _show(measured, bars, near)
    return 0 if all(one.met for one in bars) else 1


def _places(asked: argparse.Namespace) -> list[Place]:
    return [
        Place(asked.cache, size, tenants)
        for size in asked.passages
        for tenants in ((1, _TENANTS) if size < LARGE else (1,))
    ]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--passages", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--large", action="store_true", help=f"{LARGE:,} passages too")
    parser.add_argument("--cache", type=Path, default=CACHE)
    asked = parser.parse_args()
    asked.passages += [LARGE] * asked.large
    asked.cache = asked.cache.absolute()
    return asked


def written(place: Place) -> Made:
    """Anew, if how passages are stored has changed since."""
    note = place.folder / "made.json"
    of = _storing()
    if note.is_file():
        known = json.loads(note.read_text())
        if known["of"] == of:
            return Made.model_validate(known)
    made = Made.model_validate_json(_step("store", place))
    note.write_text(json.dumps({**made.model_dump(), "of": of}))
    return made


def _storing() -> str:
    digest = hashlib.sha256(version("qdrant-edge-py").encode())
    for path in sorted((ROOT / "retrieval").glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _step(step: str, place: Place) -> str:
    return run([sys.executable, "-m", f"bench.search_{step}", *place.arguments], {}).printed


def _show(measured: Sequence[Measured], bars: Sequence[Figure], near: dict[str, float]) -> None:
    console = Console(width=160)
    for table in (_asking(measured), _together(measured), _taking(measured), _growth(measured)):
        console.print(table)
    console.print(
        f"Vectors: the first 3,000 and the questions embedded, the others mixed from them. "
        f"Cosine to any other, to the tenth and to the nearest of 3,000: "
        f"{', '.join(f'{name} {value}' for name, value in near.items())}."
    )
    table = Table("bar", "measured", "wanted", "")
    for one in bars:
        table.add_row(one.bar, f"{one.measured:.2f}", one.wanted, "met" if one.met else "MISSED")
    console.print(table)
    print(
        json.dumps(
            {
                "cores": len(os.sched_getaffinity(0)),
                "python": platform.python_version(),
                "likeness": near,
                "figures": [asdict(one) for one in bars],
                "collections": [_facts(one) for one in measured],
            },
            ensure_ascii=False,
        )
    )


def _facts(one: Measured) -> dict[str, object]:
    what = {"passages": one.place.passages, "tenants": one.place.tenants}
    return {**what, "made": one.made.model_dump(), "asked": one.asked.model_dump()}


def _asking(measured: Iterable[Measured]) -> Table:
    columns = "passages|tenants|filter|search p50, p95 ms|when new|port|engine|its legs alone"
    table = Table(*columns.split("|"), "search : engine", "p95 : p50", title="One asker")
    for one in measured:
        for row in one.asked.rows:
            ways = (row.search, row.first, row.store, row.fused, row.legs)
            ratios = (row.search.p50 / row.fused.p50, row.search.p95 / row.search.p50)
            share = f"{row.filter} field, {one.asked.filter_share:.1%}" if row.filter else "none"
            table.add_row(
                *(one.name, str(one.place.tenants), share),
                *(f"{way.p50:.2f}, {way.p95:.2f}" for way in ways),
                *(f"{ratio:.2f}" for ratio in ratios),
            )
    return table


def _together(measured: Sequence[Measured]) -> Table:
    columns = [f"{n} at once: p50, p95 ms, a second" for n in measured[0].asked.askers]
    table = Table("passages", "tenants", *columns, title="Several askers in one process")
    for one in measured:
        said = (f"{t.p50:.2f}, {t.p95:.2f}, {t.a_second:,}" for t in one.asked.askers.values())
        table.add_row(one.name, str(one.place.tenants), *said)
    return table


def _taking(measured: Iterable[Measured]) -> Table:
    columns = "passages|tenants|made in s|a second|peak MB|disk MB|opened in s"
    own = "memory of the process and of its files, MB: opened|asked"
    table = Table(*columns.split("|"), *own.split("|"), title="What it takes")
    for one in measured:
        seconds, memory = one.made.seconds, one.asked.memory
        table.add_row(
            *(one.name, str(one.place.tenants)),
            *(f"{seconds:.1f}", f"{one.place.passages / seconds:,.0f}"),
            *(f"{one.made.peak / 1024:,.0f}", f"{one.made.disk / 1e6:,.0f}"),
            f"{one.asked.load_seconds:.2f}",
            *(_grown(memory[when], memory["empty"]) for when in ("loaded", "asked")),
        )
    return table


def _grown(memory: Memory, empty: Memory) -> str:
    """Beyond the process that has opened nothing."""
    own, files = memory.own - empty.own, memory.files - empty.files
    return f"{own / 1024:,.0f} + {files / 1024:,.0f}"


def _growth(measured: Iterable[Measured]) -> Table:
    table = Table("from, to", *"search p50|p95|made in|own memory|disk".split("|"), title="Growth")
    alone = [one for one in measured if one.place.tenants == 1]
    for less, more in pairwise(alone):
        pairs = zip(_sizes(less), _sizes(more), strict=True)
        said = (f"× {after / max(before, 1e-9):.1f}" for before, after in pairs)
        table.add_row(f"{less.name} → {more.name}", *said)
    return table


def _sizes(one: Measured) -> tuple[float, ...]:
    search, memory = one.asked.rows[0].search, one.asked.memory
    own = memory["asked"].own - memory["empty"].own
    return search.p50, search.p95, one.made.seconds, own, one.made.disk


if __name__ == "__main__":
    sys.exit(main())
