"""`forebay eval run DATA… --config NAME…`: the measures as a table or as JSON."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forebay import options
from retrieval.search import CONFIGS

if TYPE_CHECKING:
    from rich.console import Console

    from eval.run import Runs

app = typer.Typer(help="Measure retrieval on labelled data.", no_args_is_help=True)


@app.callback()
def _subcommands() -> None:
    pass


@app.command("run")
def command(
    data: Annotated[list[Path], typer.Argument(help="Folders in BEIR's layout.")],
    config: Annotated[
        list[str] | None,
        typer.Option("--config", help=f"Repeatable: {', '.join(CONFIGS)}."),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """nDCG, reciprocal rank and recall of one or more configurations."""
    from rich.console import Console

    from eval.run import run
    from forebay.progress import display
    from wiring.codec import to_json
    from wiring.services import search_config
    from wiring.settings import read_settings

    configs = config or ["default"]
    settings = read_settings()
    for name in configs:
        search_config(settings, name)  # a wrong name is said before anything is ingested
    console = Console(stderr=True, quiet=as_json)
    with display(console) as listener:
        runs = asyncio.run(run(settings, data, configs, listener))
    if as_json:
        print(to_json(runs).decode())
    else:
        _show(Console(), runs)


def _show(console: Console, runs: Runs) -> None:
    from rich.table import Table

    table = Table(box=None, padding=(0, 1, 0, 0))
    table.add_column("data", no_wrap=True)
    table.add_column("config", no_wrap=True)
    for name in (*runs.runs[0].measures, "queries", "docs", "ms", "store ms"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in runs.runs:
        table.add_row(
            row.data,
            row.config,
            *(f"{value:.4f}" for value in row.measures.values()),
            str(row.queries),
            str(row.documents),
            f"{row.query_ms_p50:.1f}",
            f"{row.store_ms_p50:.2f}",
        )
    console.print(table)
