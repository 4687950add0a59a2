"""`forebay eval sweep DATA… --over NAME=VALUES`: what settings do, as tables and a picture."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from domain.counted import counted
from domain.errors import InvalidInput
from forebay import options
from forebay.figures import about

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eval.pareto import Point, Swept
    from eval.run import Watch
    from eval.sweep import Measured
    from eval.sweep_grid import Axes, Cell

_LINE_EVERY = 5.0  # seconds
_STOPPED = "Interrupted. What was measured is kept; the same command goes on from there."
Data = Annotated[
    list[Path],
    typer.Argument(help="Folders: BEIR's layout, TREC qrels, or questions.jsonl with spans."),
]
By = Annotated[str, typer.Option("--by", help="What quality is measured by.")]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out", help="Folder of results, from which a run goes on; else below FOREBAY_DATA."
    ),
]
Questions = Annotated[
    int | None, typer.Option("--limit-queries", min=1, help="Ask so many, always the same ones.")
]


@dataclass(frozen=True, slots=True)
class Run:
    over: Axes
    cells: Sequence[Cell]
    measured: Measured
    out: Path


def sweep(
    data: Data,
    over: Annotated[
        list[str],
        typer.Option("--over", help="NAME=VALUE,VALUE… of a setting, as search.depth=30,100."),
    ],
    by: By = "nDCG@10",
    out: Out = None,
    page: Annotated[
        Path | None, typer.Option("--page", help="The picture; else sweep.html in that folder.")
    ] = None,
    limit_queries: Questions = None,
    as_json: options.Json = False,
) -> None:
    """Measure every combination of settings; show which no other beats."""
    from eval import pareto_page
    from eval.pareto import swept
    from wiring.codec import to_json

    run = measured(data, over, out, limit_queries, Console(stderr=True, quiet=as_json))
    path = page or run.out / "sweep.html"
    found = swept(run.cells, run.over, run.measured, by, str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(pareto_page.page(found), encoding="utf-8")
    if as_json:
        print(to_json(found).decode())
    else:
        _show_sweep(Console(), found)


def measured(
    data: Sequence[Path],
    over: Sequence[str],
    out: Path | None,
    limit: int | None,
    console: Console,
) -> Run:
    from eval import provenance
    from eval.data import load
    from eval.sweep import sweep as measure
    from eval.sweep_grid import axes, cells
    from eval.sweep_plan import plan
    from wiring.settings import read_settings

    settings, wanted = read_settings(), axes(over)
    grid = cells(settings, wanted)
    if len(grid) == 1:
        raise InvalidInput("All of these values come to what is set: name others.", field="over")
    made, folder = provenance.made({}), out or settings.data / "eval" / "sweeps"
    plans = plan([load(path, limit) for path in data], grid, made, folder)
    left, total = sum(len(one.missing) for one in plans), len(grid) * len(plans)
    console.print(
        f"{counted(len(grid), 'combination')} on {counted(len(plans), 'data set')}; "
        f"{total - left:,} of {total:,} were measured before.",
        highlight=False,
    )
    try:
        found = asyncio.run(measure(settings, plans, made, _watch(console)))
    except KeyboardInterrupt as error:
        raise options.Interrupted(_STOPPED) from error
    return Run(wanted, grid, found, folder)


def _watch(console: Console) -> Watch:
    from eval.run import Watch
    from forebay.progress import display

    first = last = monotonic()

    def asked(data: str, _: str, done: int, total: int) -> None:
        nonlocal first, last
        now = monotonic()
        first = now if done == 1 else first
        if done < total and now - last > _LINE_EVERY:
            last = now
            left = about((now - first) / done * (total - done))
            console.print(f"{done:,} of {total:,} searches, {left} left; {data}", highlight=False)

    return Watch(
        lambda: display(console), asked, lambda said: console.print(f"[yellow]note:[/] {said}")
    )


def _show_sweep(console: Console, found: Swept) -> None:
    sets = ", ".join(f"{name} ({number:,})" for name, number in found.sets.items())
    console.print(f"[bold]{found.measure} over {escape(sets)}[/]", highlight=False)
    front = [one for one in found.points if one.front]
    others = [one for one in found.points if one.name == "now" and not one.front]
    console.print("What no other beats in ranking, gold shown, time and tokens together:")
    console.print(_points(found, [*front, *others]))
    console.print("\nEach value, on average over all others:")
    console.print(_effects(found))
    console.print(
        f"\n{found.measured:,} measurements, {found.kept:,} of them from before. "
        f"{counted(found.chunks, 'chunk')} ingested or found there, {found.embedded:,} embedded.",
        highlight=False,
    )
    console.print(f"All {len(found.points):,} combinations: {found.page}", soft_wrap=True)


def _points(found: Swept, shown: Sequence[Point]) -> Table:
    names = list(dict.fromkeys(effect.name for effect in found.effects))
    heads = (found.measure, "R@10", "gold shown", "p50 ms", "p95 ms", "tokens")
    drawn = table("", *names, *heads)
    for one in shown:
        drawn.add_row(
            "now" if one.name == "now" else "",
            *(one.values.get(name, "–") for name in names),
            f"{one.quality:.4f}",
            f"{one.recall:.4f}",
            f"{one.shown:.4f}",
            f"{one.ms_p50:.1f}",
            f"{one.ms_p95:.1f}",
            f"{one.tokens:,.0f}",
            style=None if one.front else "dim",
        )
    return drawn


def _effects(found: Swept) -> Table:
    drawn = table("", "", found.measure, "gold shown", "p50 ms", "tokens")
    for one in found.effects:
        figures = (f"{one.quality:.4f}", f"{one.shown:.4f}", f"{one.ms_p50:.1f}")
        drawn.add_row(one.name, one.value, *figures, f"{one.tokens:,.0f}")
    return drawn


def table(first: str, *others: str) -> Table:
    made = Table(box=None, padding=(0, 2, 0, 0))
    made.add_column(first, no_wrap=True)
    for name in others:
        made.add_column(name, justify="right", no_wrap=True)
    return made
