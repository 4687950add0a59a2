"""`forebay eval report` and `forebay eval leaderboard`: results as a page and as a table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from domain.counted import counted
from forebay import options

_WHICH = "Result files, folders of results, or FOLDER@CONFIG."
_Results = Annotated[list[str], typer.Argument(metavar="RESULT…", help=_WHICH)]


def leaderboard(
    results: _Results,
    out: Annotated[
        Path, typer.Option("--out", help="The file; what stands between its markers is replaced.")
    ] = Path("eval/LEADERBOARD.md"),
    against: Annotated[str, typer.Option(help="Significance against this config.")] = "rrf",
    as_json: options.Json = False,
) -> None:
    """The table of nDCG@10: systems by sets, with what lost marked."""
    from eval.leaderboard import standings, write
    from eval.result import collect
    from wiring.codec import to_json

    found = standings(collect(results), against)
    write(found, out)
    if as_json:
        print(to_json(found).decode())
    else:
        print(f"{out}: {counted(len(found.systems), 'system')}, {counted(len(found.sets), 'set')}.")


def report(
    results: _Results,
    out: Annotated[Path, typer.Option("--out", help="The page.")] = Path("report.html"),
    config: Annotated[str, typer.Option("--config", help="The system it is about.")] = "default",
    against: Annotated[str, typer.Option(help="The system it is compared with.")] = "rrf",
    as_json: options.Json = False,
) -> None:
    """One self-contained HTML page with plots of quality, budgets and latency, and who lost."""
    import json

    from eval.report import page
    from eval.result import collect
    from eval.story import story

    told = story(collect(results), config, against)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page(told), encoding="utf-8")
    if as_json:
        print(json.dumps({"page": str(out), "systems": list(told.results), "sets": told.sets}))
    else:
        print(f"{out}: {counted(len(told.results), 'system')}, {counted(len(told.sets), 'set')}.")
