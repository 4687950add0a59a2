"""`forebay eval answers DATA…`: are the answers right, cited, and given only where there is one."""

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
from forebay import options
from forebay.consent import consent
from forebay.evaluate_progress import watch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eval.answers_summary import AnswerRuns, AnswersSummary
    from wiring.settings import Settings

_PROMPT = 400  # tokens of it that are no passages
_ANSWER = 250  # tokens, as answers usually are


def answers(
    data: Annotated[
        list[Path],
        typer.Argument(help="Folders with corpus.jsonl, queries.jsonl and answers.jsonl."),
    ],
    config: Annotated[
        list[str] | None, typer.Option("--config", help="Search config. Repeatable.")
    ] = None,
    judge: Annotated[
        bool, typer.Option("--judge", help="The chat model checks answers and citations, too.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of results; else below FOREBAY_DATA.")
    ] = None,
    limit_queries: Annotated[
        int | None, typer.Option(min=1, help="Ask so many questions, always the same ones.")
    ] = None,
    concurrency: Annotated[
        int, typer.Option(min=1, help="Questions at once; more than one spoils the latencies.")
    ] = 1,
    yes: options.Yes = False,
    as_json: options.Json = False,
) -> None:
    """Ask every question of labelled data for an answer, and measure answers and citations."""
    from eval.answers import AnswersConfig, run_answers
    from eval.answers_gold import load
    from eval.answers_summary import AnswerRuns, summary
    from wiring.codec import to_json
    from wiring.configs import search_config
    from wiring.examiner import need_model
    from wiring.settings import read_settings

    settings = read_settings()
    if judge:
        need_model(settings)
    folder = out or settings.data / "eval" / "runs" / f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
    wanted = AnswersConfig(folder, config or ("default",), concurrency, judge)
    for name in wanted.configs:
        search_config(settings, name)  # a wrong name is said before anything is ingested
    sets = [load(path, limit_queries) for path in data]
    number = sum(len(one.dataset.queries) for one in sets) * len(wanted.configs)
    consent(lambda: _cost(settings, number, judge=judge), yes=yes, as_json=as_json)
    watching = watch(Console(stderr=True, quiet=as_json))
    results = asyncio.run(run_answers(settings, sets, wanted, watching))
    runs = AnswerRuns(str(folder), tuple(summary(result, folder) for result in results))
    if as_json:
        print(to_json(runs).decode())
    else:
        _show(Console(), runs)


def _cost(settings: Settings, number: int, *, judge: bool) -> None:
    from answering.examine import likely_usage
    from domain.completion import Usage
    from wiring.examiner import accept_cost

    checked = likely_usage(4 * _PROMPT * number, 2 * number) if judge else Usage()
    passages = settings.search.context_tokens
    usage = Usage(
        input=(_PROMPT + passages) * number + checked.input,
        output=_ANSWER * number + checked.output,
    )
    accept_cost(settings, usage, f"Answering {counted(number, 'question')}")


def _show(console: Console, runs: AnswerRuns) -> None:
    for data in dict.fromkeys(run.data for run in runs.runs):
        own = [run for run in runs.runs if run.data == data]
        title = f"{data}: {counted(own[0].questions, 'question')}"
        console.print(f"[bold]{escape(title)}[/]", highlight=False)
        console.print(_table(own))
        console.print()
    for run in runs.runs:
        for note, times in run.notes.items():
            said = escape(f"{run.data} · {run.config}, {times} times: {note}")
            console.print(f"[yellow]note:[/] {said}", highlight=False)
    console.print(f"Results: {runs.out}", highlight=False, soft_wrap=True)


def _table(runs: Sequence[AnswersSummary]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("", no_wrap=True)
    for run in runs:
        table.add_column(run.config, justify="right", no_wrap=True)
    for name in dict.fromkeys(name for run in runs for name in run.measures):
        table.add_row(name, *(_measure(run, name) for run in runs))
    table.add_row("$ an answer", *(f"{run.dollars_an_answer:.5f}" for run in runs))
    table.add_row("tokens in", *(f"{run.input_tokens:,.0f}" for run in runs))
    table.add_row("tokens out", *(f"{run.output_tokens:,.0f}" for run in runs))
    table.add_row("p50 ms", *(f"{run.ms_p50 or 0:.0f}" for run in runs))
    table.add_row("p95 ms", *(f"{run.ms_p95 or 0:.0f}" for run in runs))
    return table


def _measure(run: AnswersSummary, name: str) -> str:
    """With the number of questions that it is about, where these are not all."""
    if name not in run.measures:
        return "–"
    number = run.counted[name]
    of = f" [dim]of {number}[/]" if number < run.questions else ""
    return f"{run.measures[name]:.4f}{of}"
