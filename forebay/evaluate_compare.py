"""`forebay eval compare A B`: what changed from A to B, whether by chance, and who lost most."""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from forebay import options

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eval.compare import Loser, MeasureChange
    from eval.gates import Checked, Verdict
    from eval.result import Ranked, Text

_WHICH = "A result file, a folder of results, or FOLDER@CONFIG."
_TOP = 5  # of each ranking
_SURE = 0.05


def command(
    before: Annotated[str, typer.Argument(metavar="A", help=_WHICH)],
    after: Annotated[str, typer.Argument(metavar="B", help=_WHICH)],
    gates: Annotated[
        Path | None, typer.Option("--gates", help="Exit with 1 when B breaks one of these.")
    ] = None,
    by: Annotated[str, typer.Option("--by", help="The measure that losers lose.")] = "nDCG@10",
    losers: Annotated[int, typer.Option(min=0, help="Questions shown that lost most.")] = 3,
    as_json: options.Json = False,
) -> None:
    """Differences with their significance; wins, losses, the worst losers; gates."""
    from eval.compare import compare, pairs
    from eval.gates import Checked, Gates, check, read_gates
    from eval.result import collect
    from wiring.codec import to_json

    limits = Gates() if gates is None else read_gates(gates)
    found = pairs(collect([before]), collect([after]))
    checked = Checked(compare(found, by=by, losers=losers), check(limits, found))
    if as_json:
        print(to_json(checked).decode())
    else:
        _show(Console(), checked)
    if checked.gates.broken:
        raise typer.Exit(1)


def _show(console: Console, checked: Checked) -> None:
    comparison = checked.comparison
    for one in comparison.sets:
        title = f"{one.data}: {one.before} → {one.after}, {one.queries:,} questions"
        console.print(f"[bold]{escape(title)}[/]", highlight=False)
        for name, (old, new) in one.settings.items():
            console.print(f"[dim]  {name}: {escape(old)} → {escape(new)}[/]", highlight=False)
        console.print(_measures(one.measures))
        for loser in one.losers:
            _lost(console, loser, one.texts)
        console.print()
    if comparison.together:
        console.print(f"[bold]All {len(comparison.sets)} sets, each counting alike[/]")
        console.print(_measures(comparison.together))
        console.print()
    _gates(console, checked.gates)


def _measures(changes: Sequence[MeasureChange]) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0))
    for name in ("", "A", "B", "B - A", "p", "95 %", "wins", "losses", "ties"):
        table.add_column(name, justify="right" if name else "left", no_wrap=True)
    for one in changes:
        change = one.change
        sure = change.p < _SURE
        colour = ("green" if change.mean > 0 else "red") if sure else "default"
        table.add_row(
            one.measure,
            f"{one.before:.4f}",
            f"{one.after:.4f}",
            f"[{colour}]{change.mean:+.4f}[/]",
            f"{change.p:.4f}",
            f"{change.low:+.4f} … {change.high:+.4f}",
            *map(str, (change.wins, change.losses, change.ties)),
        )
    return table


def _lost(console: Console, loser: Loser, texts: Mapping[str, Text]) -> None:
    figures = f"{loser.before:.3f} → {loser.after:.3f}"
    console.print(f"  [red]{figures}[/] {escape(loser.question)} [dim]({escape(loser.query)})[/]")
    table = Table(box=None, padding=(0, 1, 0, 2))
    table.add_column("before", ratio=1, no_wrap=True, overflow="ellipsis")
    table.add_column("after", ratio=1, no_wrap=True, overflow="ellipsis")
    rows = zip_longest(loser.ranked_before[:_TOP], loser.ranked_after[:_TOP])
    for rank, sides in enumerate(rows, start=1):
        table.add_row(*(_ranked(rank, side, texts) for side in sides))
    console.print(table)


def _ranked(rank: int, ranked: Ranked | None, texts: Mapping[str, Text]) -> str:
    if ranked is None:
        return ""
    text = texts.get(ranked.text or ranked.document)
    title = text.title or text.text if text else ""
    mark = f"[green]\\[{ranked.grade}][/] " if ranked.grade else ""
    return f"{rank}. {mark}{escape(ranked.document)} [dim]{escape(title)}[/]"


def _gates(console: Console, verdict: Verdict) -> None:
    for broken in verdict.broken:
        console.print(f"[bold red]gate broken:[/] {escape(broken)}", highlight=False)
    if verdict.held and not verdict.broken:
        console.print(f"[green]All {verdict.held} gates hold.[/]", highlight=False)
    if verdict.idle:
        console.print(f"[yellow]Not measured, though there are gates:[/] {', '.join(verdict.idle)}")
