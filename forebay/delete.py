"""`forebay delete`: takes documents out of a collection, after saying how many."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from domain.errors import InvalidInput
from domain.ingestion import IngestReport
from forebay import options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.filters import Filter
    from wiring.settings import Settings


@dataclass(frozen=True, slots=True)
class _Which:
    tenant: str
    collection: str
    sources: Sequence[str]
    where: Filter
    everything: bool


def command(
    source: Annotated[
        list[str] | None,
        typer.Option("--source", help="A document, named as `search` names it. Repeatable."),
    ] = None,
    where: options.FilterText = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All documents of the tenant in the collection.")
    ] = False,
    tenant: options.Tenant = None,
    collection: options.Collection = None,
    yes: options.Yes = False,
    as_json: options.Json = False,
) -> None:
    """Remove documents: by name, by a filter, or all of a collection."""
    from rich.console import Console

    from forebay import report
    from wiring.settings import read_settings

    chosen = options.read_filter(where)
    if bool(source) + bool(chosen) + everything != 1:
        raise InvalidInput("Say which: either --source, or --filter with a condition, or --all.")
    settings = read_settings()
    which = _Which(
        tenant=tenant or settings.tenant,
        collection=collection or settings.collection,
        sources=source or (),
        where=chosen,
        everything=everything,
    )
    if not yes:
        planned = asyncio.run(_delete(settings, which, dry_run=True))
        if documents := planned.count("removed"):
            _ask(documents, which.collection)
    done = asyncio.run(_delete(settings, which))
    if as_json:
        print(report.as_json(done))
    else:
        report.show(Console(stderr=True), done, which.collection)


def _ask(documents: int, collection: str) -> None:
    from domain.counted import counted

    said = f"This removes {counted(documents, 'document')} from the collection '{collection}'"
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise InvalidInput(f"{said}. Nobody can be asked here: repeat it with --yes.", field="yes")
    if not typer.confirm(f"{said}. Go on?", err=True):
        raise typer.Exit(1)


async def _delete(settings: Settings, which: _Which, *, dry_run: bool = False) -> IngestReport:
    from forebay.reach import reach

    async with reach(settings, "forebay delete") as forebay:
        return await forebay.delete(
            which.tenant,
            which.collection,
            sources=which.sources,
            where=which.where,
            everything=which.everything,
            dry_run=dry_run,
        )
