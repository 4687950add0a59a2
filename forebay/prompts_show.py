"""`forebay prompts show`: the request that would be sent, with the cache boundary drawn in."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from forebay import options
from forebay.reach import reach

if TYPE_CHECKING:
    from rich.console import Console

    from answering.question import Question
    from wiring.preview import Part, Preview, Side
    from wiring.settings import Settings

_EXAMPLE = "What do these documents say?"
_SHOWN = 12  # lines of a block; all of them with --full
_NAMES = {
    "tools": "tools",
    "schema": "output schema",
    "system": "system",
    "developer": "developer",
    "pinned": "pinned passages",
    "history": "history",
    "passages": "retrieved passages",
    "question": "question",
}


def command(
    question: Annotated[
        str, typer.Argument(help="What would be asked; if not given, an example.")
    ] = _EXAMPLE,
    tenant: options.Tenant = None,
    collection: options.Collection = None,
    session: Annotated[
        str | None, typer.Option("--session", help="As the next question of this conversation.")
    ] = None,
    document: options.Document = "",
    full: Annotated[bool, typer.Option("--full", help="All lines of every block.")] = False,
    as_json: options.Json = False,
) -> None:
    """Print the request that would be sent, with tokens and price on both sides of the boundary.

    No model is asked. Prices are of the input: cold, and when the prefix is read from the cache.
    """
    from rich.console import Console

    from answering.question import Question
    from wiring.codec import to_json
    from wiring.settings import read_settings

    settings = read_settings()
    asked = Question(
        text=question,
        tenant=tenant or settings.tenant,
        collection=collection or settings.collection,
        session=session,
        strategy="document" if document else "corpus",
        document=document,
    )
    found = asyncio.run(_preview(settings, asked))
    if as_json:
        print(to_json(found).decode())
    else:
        _show(Console(), found, full=full)


async def _preview(settings: Settings, question: Question) -> Preview:
    async with reach(settings, "forebay prompts show") as forebay:
        return await forebay.preview(question)


def _show(console: Console, found: Preview, *, full: bool) -> None:
    for side in ("before", "behind"):
        for part in (one for one in found.parts if one.side == side):
            _show_part(console, part, full=full)
        if side == "before":
            console.rule("[bold]cache boundary[/]", characters="━", style="bold cyan")
            console.print()
    _show_sums(console, found)


def _show_part(console: Console, part: Part, *, full: bool) -> None:
    console.rule(f"[bold]{_NAMES[part.name]}[/] · {_price(part)}", align="left", style="dim")
    lines = part.text.strip("\n").split("\n")
    shown = lines if full or len(lines) <= _SHOWN else lines[: _SHOWN - 1]
    console.print("\n".join(shown), markup=False, highlight=False)
    if len(shown) < len(lines):
        console.print(f"[dim]… {len(lines) - len(shown):,} more lines[/]", highlight=False)
    console.print()


def _price(part: Part) -> str:
    said = f"{part.tokens:,} tokens"
    if part.microdollars:
        said += f" · {_dollars(part.microdollars)}"
    if part.microdollars_read != part.microdollars:
        said += f", from the cache {_dollars(part.microdollars_read)}"
    return said


def _show_sums(console: Console, found: Preview) -> None:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("", "tokens", "cold", "from the cache"):
        table.add_column(column, justify="right" if column else "left")
    for name, parts in (
        ("before the boundary", _of(found, "before")),
        ("behind it", _of(found, "behind")),
        ("the request", found.parts),
    ):
        cold, read = sum(p.microdollars for p in parts), sum(p.microdollars_read for p in parts)
        tokens = f"{sum(part.tokens for part in parts):,}"
        table.add_row(
            name, tokens, _dollars(cold) if cold else "–", _dollars(read) if read else "–"
        )
    console.print(table, highlight=False)
    console.print(f"[dim]{_about(found)}[/]", highlight=False)
    for note in found.notes:
        console.print(note, markup=False, highlight=False)


def _about(found: Preview) -> str:
    said = f"{found.version} · {found.fingerprint} · {found.model} · strategy {found.strategy}"
    before = found.tokens("before")
    if before < found.least:
        said += f"\n{before:,} tokens stand before the boundary; this model caches {found.least:,}"
        said += " and more. `forebay prompts plan` says what is worth pinning."
    return said


def _of(found: Preview, side: Side) -> tuple[Part, ...]:
    return tuple(part for part in found.parts if part.side == side)


def _dollars(microdollars: int) -> str:
    return f"${microdollars / 1_000_000:.6f}"
