"""`forebay eval tune DATA…`: chooses settings, says what is known of the choice, writes it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from domain.counted import counted
from domain.errors import InvalidInput
from forebay import options
from forebay.evaluate_sweep import By, Data, Out, Questions, measured, table

if TYPE_CHECKING:
    from eval.significance import Change
    from eval.tune import Tuned

_SURE = 0.05
_TUNED = (  # what is gone over when nothing is named
    "fusion.sharp=0.4,0.5,0.6",
    "fusion.flat=0.7,0.8,0.9",
    "refine.alike=0,0.2,0.4",
)


def tune(
    data: Data,
    over: Annotated[
        list[str] | None,
        typer.Option("--over", help=f"As of a sweep; else {' '.join(_TUNED)}."),
    ] = None,
    by: By = "nDCG@10",
    max_ms: Annotated[
        float | None, typer.Option(min=0, help="Nothing slower than this at its median.")
    ] = None,
    max_tokens: Annotated[
        float | None, typer.Option(min=0, help="Nothing that shows more tokens on average.")
    ] = None,
    write: Annotated[
        Path | None,
        typer.Option("--write", help="Put a better choice into this file of variables."),
    ] = None,
    out: Out = None,
    limit_queries: Questions = None,
    as_json: options.Json = False,
) -> None:
    """Choose settings on all data sets but one, look at that one, and so in turn."""
    from eval import tune_env
    from eval.pareto import points
    from eval.sweep_grid import NOW
    from eval.tune import tune as choose
    from wiring.codec import to_json

    run = measured(data, over or _TUNED, out, limit_queries, Console(stderr=True, quiet=as_json))
    candidates = [
        one
        for one in points(run.cells, run.measured.results, by)
        if one.name == NOW
        or (
            (max_ms is None or one.ms_p50 <= max_ms)
            and (max_tokens is None or one.tokens <= max_tokens)
        )
    ]
    if len(candidates) == 1:
        raise InvalidInput(
            "Nothing is left to choose from beside what is set. Name other values with --over, or "
            "allow more with --max-ms and --max-tokens.",
            field="over",
        )
    found = choose(candidates, run.measured.results, by)
    if write and found.better:
        tune_env.write(found.choice, write)
    if as_json:
        print(to_json(found).decode())
    else:
        _show(Console(), found, write)


def _show(console: Console, found: Tuned, file: Path | None) -> None:
    if found.over == "folds":
        console.print(
            "[yellow]note:[/] With one data set nothing is left to look at: its questions are "
            "dealt into folds. How the choice does on another set, this cannot say."
        )
    console.print(f"[bold]Left out in turn: {found.measure} of what all others chose[/]")
    drawn = table("left out", "questions", "now", "chosen", "difference", "p", "95 %", "choice")
    for one in found.left_out:
        figures = (f"{one.before:.4f}", f"{one.after:.4f}", *_change(one.change))
        drawn.add_row(one.name, f"{one.questions:,}", *figures, one.chosen)
    drawn.add_row("all, alike", "", "", "", *_change(found.gain), "")
    console.print(drawn)
    console.print(f"\n[bold]Chosen on all, of {counted(found.candidates, 'combination')}[/]")
    drawn = table("", "now", "chosen", "difference", "p", "95 %")
    for own in found.fitted:
        drawn.add_row(own.name, f"{own.before:.4f}", f"{own.after:.4f}", *_change(own.change))
    console.print(drawn if found.choice else "What is set is the best of them.")
    _advise(console, found, file)


def _advise(console: Console, found: Tuned, file: Path | None) -> None:
    if not found.choice:
        return
    console.print()
    for line in found.variables:
        console.print(f"  {line}", highlight=False, soft_wrap=True)
    if not found.better:
        console.print(
            "It is not surely better on what was left out: leave things as they are. "
            + (f"Nothing was written to {file}." if file else ""),
            soft_wrap=True,
        )
        return
    gain = f"{found.gain.mean:+.4f}, p = {found.gain.p:.4f}"
    console.print(f"Better on what was left out ({gain}).", highlight=False)
    if any(name.startswith("chunk.") for name in found.choice):
        console.print("Chunks change at the next `forebay ingest`, which embeds them anew.")
    if file:
        console.print(f"Written to {file}: give the service this file as its environment.")
    else:
        console.print("Set these variables, or let --write FILE put them into a file.")


def _change(change: Change) -> tuple[str, str, str]:
    colour = "default" if change.p >= _SURE else "green" if change.mean > 0 else "red"
    return (
        f"[{colour}]{change.mean:+.4f}[/]",
        f"{change.p:.4f}",
        f"{change.low:+.4f} … {change.high:+.4f}",
    )
