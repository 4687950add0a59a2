"""`forebay migrate`: moves an embedded installation to the servers that the settings name."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from domain.errors import InvalidInput
from forebay import options
from forebay.migrate_progress import display

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wiring.migrate_stores import Outcome, Plan
    from wiring.migrate_stores_left import Left
    from wiring.migrate_stores_tally import Compared
    from wiring.settings import Settings

_SHOWN = 12  # digits of a checksum on a terminal


def command(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be copied, and how large it is.")
    ] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Copy nothing: compare what is here and there.")
    ] = False,
    state: Annotated[
        Path | None,
        typer.Option("--state", help="SQLite file of the state; if not set, that in FOREBAY_DATA."),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Copy chunks and state from FOREBAY_DATA to a Qdrant server and PostgreSQL, and compare.

    FOREBAY_QDRANT__URL and FOREBAY_DATABASE__URL say where to. Where it was cut short, the same
    command goes on. Nothing is deleted here, and nothing is replaced there.
    """
    if dry_run and verify:
        raise InvalidInput("Either --dry-run or --verify.", field="verify")
    from wiring.settings import read_settings

    settings = read_settings()
    if dry_run:
        _show_plan(_plan(settings, state), as_json=as_json)
        return
    outcome = _run(settings, state, verify=verify)
    _show_outcome(outcome, as_json=as_json)
    if not outcome.same:
        raise typer.Exit(1)


def _plan(settings: Settings, state: Path | None) -> Plan:
    from wiring.migrate_stores import plan

    return asyncio.run(plan(settings, state))


def _run(settings: Settings, state: Path | None, *, verify: bool) -> Outcome:
    from rich.console import Console

    from wiring import migrate_stores

    do = migrate_stores.verify if verify else migrate_stores.migrate
    try:
        with display(Console(stderr=True, highlight=False)) as tell:
            return asyncio.run(do(settings, state, tell))
    except KeyboardInterrupt as error:
        raise options.Interrupted(
            "Interrupted. The source is as it was. Run the same command again to go on."
        ) from error


def _show_plan(plan: Plan, *, as_json: bool) -> None:
    from wiring.codec import to_json

    if as_json:
        print(to_json(plan).decode())
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("what")
    table.add_column("name", overflow="fold")
    table.add_column("count", justify="right")
    for part in plan.parts:
        table.add_row(part.kind, part.name, f"{part.count:,}")
    console = Console(highlight=False)
    console.print(table)
    console.print(
        f"\nWould be copied: chunks, {_mb(plan.chunks_size)}, and state, {_mb(plan.state_size)}, "
        "as they are on this disk.",
        soft_wrap=True,
    )
    _show_left(plan.left)


def _show_outcome(outcome: Outcome, *, as_json: bool) -> None:
    if as_json:
        parts = [_as_json(part) for part in outcome.parts]
        left = [{"name": one.name, "bytes": one.size, "why": one.why} for one in outcome.left]
        print(json.dumps({"same": outcome.same, "parts": parts, "left": left}))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("what")
    table.add_column("name", overflow="fold")
    for column in ("here", "there"):
        table.add_column(column, justify="right")
    for column in ("checksum here", "there", ""):
        table.add_column(column, no_wrap=True)
    for part in outcome.parts:
        table.add_row(*_cells(part))
    Console(highlight=False).print(table)
    _say(outcome)
    _show_left(outcome.left)


def _cells(part: Compared) -> list[str]:
    return [
        part.kind,
        part.name,
        f"{part.source.count:,}",
        f"{part.target.count:,}",
        *(tally.checksum[:_SHOWN] if tally.count else "–" for tally in (part.source, part.target)),
        "same" if part.same else "[bold red]differs[/]",
    ]


def _as_json(part: Compared) -> dict[str, object]:
    return {
        "kind": part.kind,
        "name": part.name,
        "same": part.same,
        **{
            where: {"count": tally.count, "checksum": tally.checksum}
            for where, tally in (("source", part.source), ("target", part.target))
        },
    }


def _say(outcome: Outcome) -> None:
    from rich.console import Console

    wrong = [f"{part.kind} {part.name}" for part in outcome.parts if not part.same]
    said = (
        f"[bold red]Not the same:[/] {', '.join(wrong)}. What was served from there since, or "
        "is not copied yet, differs; otherwise empty the servers and run the command again."
        if wrong
        else "All of it is there, and the same. Start the service with these settings."
    )
    Console(stderr=True, highlight=False).print(f"\n{said}", soft_wrap=True)


def _show_left(left: Sequence[Left]) -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console(stderr=True, highlight=False)
    console.print("Stays in the data directory, untouched:")
    for one in left:
        console.print(f"  {escape(one.name)}, {_mb(one.size)}: {one.why}", soft_wrap=True)


def _mb(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
