"""`forebay eval run DATA… --config NAME…`: the measures as a table or as JSON."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from domain.counted import counted
from forebay import (
    evaluate_answers,
    evaluate_compare,
    evaluate_label,
    evaluate_report,
    evaluate_sample,
    evaluate_sweep,
    evaluate_synth,
    evaluate_tune,
    options,
)
from forebay.evaluate_progress import watch
from retrieval.configs import CONFIGS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eval.result import Runs, Summary

app = typer.Typer(help="Measure retrieval on labelled data.", no_args_is_help=True)
app.command("answers")(evaluate_answers.answers)
app.command("compare")(evaluate_compare.command)
app.command("report")(evaluate_report.report)
app.command("leaderboard")(evaluate_report.leaderboard)
app.command("synth")(evaluate_synth.synth)
app.command("sample")(evaluate_sample.sample)
app.command("label")(evaluate_label.label)
app.command("sweep")(evaluate_sweep.sweep)
app.command("tune")(evaluate_tune.tune)


@app.command("run")
def command(
    data: Annotated[
        list[Path],
        typer.Argument(help="Folders: BEIR's layout, TREC qrels, or questions.jsonl with spans."),
    ],
    config: Annotated[
        list[str] | None,
        typer.Option("--config", help=f"Repeatable: {', '.join(CONFIGS)}."),
    ] = None,
    run_file: Annotated[
        list[Path] | None,
        typer.Option("--run", help="Measure this TREC run file instead. Repeatable."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of results; else below FOREBAY_DATA.")
    ] = None,
    limit_queries: Annotated[
        int | None, typer.Option(min=1, help="Ask so many questions, always the same ones.")
    ] = None,
    depth: Annotated[int, typer.Option(min=1, max=1000, help="Passages ranked.")] = 100,
    concurrency: Annotated[
        int, typer.Option(min=1, help="Questions at once; more than one spoils the latencies.")
    ] = 1,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Make the collections anew, as after an update.")
    ] = False,
    beside: Annotated[
        list[Path] | None,
        typer.Option("--beside", help="Ask this data set's collection as well. Repeatable."),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Ask every question of labelled data, and keep the rankings, measures and times."""
    from domain.errors import InvalidInput
    from eval.data import load, unjudged
    from eval.result import Runs, summary
    from eval.run import RunConfig, measure_run, run
    from wiring.codec import to_json
    from wiring.configs import search_config
    from wiring.settings import read_settings

    settings = read_settings()
    folder = out or settings.data / "eval" / "runs" / f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
    console = Console(stderr=True, quiet=as_json)
    if run_file:
        if config or len(data) > 1:
            raise InvalidInput("--run takes one data set and no --config.", field="run")
        (dataset,) = (load(path, limit_queries) for path in data)
        results = [measure_run(dataset, path, folder) for path in run_file]
    else:
        others = [unjudged(path) for path in beside or ()]
        wanted = RunConfig(folder, config or ("default",), depth, concurrency, rebuild, others)
        for name in wanted.configs:
            search_config(settings, name)  # a wrong name is said before anything is ingested
        datasets = [load(path, limit_queries) for path in data]
        results = asyncio.run(run(settings, datasets, wanted, watch(console)))
    runs = Runs(str(folder), tuple(summary(result, folder) for result in results))
    if as_json:
        print(to_json(runs).decode())
    else:
        _show(Console(), runs)


def _show(console: Console, runs: Runs) -> None:
    by_set = {run.data: [one for one in runs.runs if one.data == run.data] for run in runs.runs}
    for data, own in by_set.items():
        documents = "" if own[0].documents is None else f", {counted(own[0].documents, 'document')}"
        title = f"{data}: {counted(own[0].queries, 'question')}{documents}"
        console.print(f"[bold]{escape(title)}[/]", highlight=False)
        console.print(_table(own))
        console.print()
    console.print(f"Results and run files: {runs.out}", highlight=False, soft_wrap=True)


def _table(runs: Sequence[Summary]) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0))
    table.add_column("", no_wrap=True)
    for run in runs:
        table.add_column(run.config, justify="right", no_wrap=True)
    for name in runs[0].measures:
        table.add_row(name, *(_figure(run.measures.get(name), 4) for run in runs))
    table.add_row("recall/1000t", *(_figure(run.recall_per_1000, 4) for run in runs))
    table.add_row("p50 ms", *(_figure(run.query_ms_p50, 1) for run in runs))
    table.add_row("p95 ms", *(_figure(run.query_ms_p95, 1) for run in runs))
    return table


def _figure(value: float | None, decimals: int) -> str:
    return "–" if value is None else f"{value:.{decimals}f}"
