"""`forebay doctor`: shows what `wiring/doctor.py` finds, here or in the running service."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import typer

from forebay import options

if TYPE_CHECKING:
    from wiring.doctor import Examination
    from wiring.settings import Settings

_MARKS = {"ok": "[green]ok[/]", "warning": "[yellow]warning[/]", "problem": "[bold red]problem[/]"}


def command(as_json: options.Json = False) -> None:
    """What is configured, reachable, how big; and what to do about each problem."""
    from wiring.codec import to_json
    from wiring.settings import read_settings

    examination = asyncio.run(_examine(read_settings()))
    if as_json:
        print(to_json(examination).decode())
    else:
        _show(examination)
    raise typer.Exit(0 if examination.healthy else 1)


async def _examine(settings: Settings) -> Examination:
    from wiring.doctor import examine_settings
    from wiring.owner import service_of

    service = service_of(settings.data) if settings.qdrant.url is None else None
    if service is None:
        return await examine_settings(settings)
    from forebay.remote import open_remote

    async with open_remote(service) as remote:
        return await remote.examine()


def _show(examination: Examination) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for finding in examination.findings:
        table.add_row(finding.part, _MARKS[finding.verdict], escape(finding.says))
    Console().print(table, highlight=False)
