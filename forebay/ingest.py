"""`forebay ingest PATH…`: shows where an ingestion is, and what came of it."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from domain.ingestion import IngestReport
from forebay import options
from forebay.progress import Listener, display
from forebay.reach import reach
from wiring.codec import to_json
from wiring.settings import Settings, read_settings

_DONE_WITH_FAILURES = 3


def command(
    paths: Annotated[list[Path], typer.Argument(help="Files, folders, or a BEIR corpus.jsonl.")],
    tenant: options.Tenant = None,
    collection: options.Collection = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Throw the collection away and ingest anew.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Read documents into a collection; what has not changed is skipped."""
    settings = read_settings()
    console = Console(stderr=True, quiet=as_json)
    collection = collection or settings.collection
    with display(console) as listener:
        report = asyncio.run(
            _ingest(settings, paths, tenant or settings.tenant, collection, rebuild, listener)
        )
    if as_json:
        print(to_json(report).decode())
    else:
        _show(console, report, collection)
    raise typer.Exit(_DONE_WITH_FAILURES if report.failed else 0)


async def _ingest(
    settings: Settings,
    paths: list[Path],
    tenant: str,
    collection: str,
    rebuild: bool,
    listener: Listener,
) -> IngestReport:
    async with reach(settings, "forebay ingest") as forebay:
        return await forebay.ingest(
            paths, tenant=tenant, collection=collection, rebuild=rebuild, on_progress=listener
        )


def _show(console: Console, report: IngestReport, collection: str) -> None:
    for failure in report.failed:
        console.print(f"[red]failed[/] {escape(failure.source)}: {escape(failure.reason)}")
    console.print(
        f"Collection [bold]{collection}[/]: {report.added} added, {report.changed} changed, "
        f"{report.unchanged} unchanged, {len(report.failed)} failed; "
        f"{report.chunks} chunks written in {report.seconds:.1f} s.",
        highlight=False,
    )
