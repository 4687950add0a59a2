"""`forebay prompts plan`: what is worth pinning to a collection; `--apply` tries it or pins it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from domain.counted import counted
from forebay import options
from forebay.figures import dollars
from forebay.reach import reach

if TYPE_CHECKING:
    from rich.console import Console

    from wiring.planning import Planned
    from wiring.settings import Settings


def command(
    tenant: options.Tenant = None,
    collection: options.Collection = None,
    days: Annotated[int, typer.Option("--days", min=1, help="How far back to look.")] = 30,
    apply: Annotated[
        bool, typer.Option("--apply", help="Try it, in the place of what the last plan pinned.")
    ] = False,
    share: Annotated[
        float,
        typer.Option(
            "--share", min=0.001, max=1, help="Of the conversations that get it; 1: pin it for all."
        ),
    ] = 0.1,
    as_json: options.Json = False,
) -> None:
    """Find the passages that cost less before the boundary than behind it.

    From what was shown, how often questions come, what the cache reads, and the model's prices.
    A passage that is pinned is still retrieved and cited; it is just not sent twice. What is
    tried is compared by `forebay canary`, then `forebay prompts promote` or `drop` ends it.
    """
    from rich.console import Console

    from wiring.codec import to_json
    from wiring.settings import read_settings

    settings = read_settings()
    place = tenant or settings.tenant, collection or settings.collection
    found = asyncio.run(_planned(settings, *place, days, share if apply else 0.0))
    if as_json:
        print(to_json(found).decode())
    else:
        _show(Console(), found, share if apply else 0.0)


async def _planned(
    settings: Settings, tenant: str, collection: str, days: int, share: float
) -> Planned:
    async with reach(settings, "forebay prompts plan") as forebay:
        return await forebay.boundary.plan(tenant, collection, days, share=share)


def _show(console: Console, found: Planned, share: float) -> None:
    from rich.markup import escape
    from rich.table import Table

    console.print(_from(found), highlight=False, soft_wrap=True)
    if not found.passages:
        console.print("Nothing is worth pinning.")
        console.print(_applied(share), highlight=False, soft_wrap=True)
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("shown in", "tokens", "passage"):
        table.add_column(name, justify="left" if name == "passage" else "right")
    for one in found.passages:
        where = f"[bold]{escape(one.source)}[/] {escape(one.where)}"
        table.add_row(f"{one.share:.0%}", f"{one.tokens:,}", where)
    console.print(table, highlight=False)
    console.print(_saving(found), highlight=False, soft_wrap=True)
    console.print(_applied(share), highlight=False, soft_wrap=True)


def _applied(share: float) -> str:
    if share == 1:
        return "Pinned for all. The new prefix is written to the cache once."
    if share:
        return (
            f"On trial: {share:.0%} of the conversations get it. `forebay canary` compares; then "
            "`forebay prompts promote` pins it for all, `forebay prompts drop` forgets it."
        )
    return "[dim]`--apply` tries it on a tenth of the conversations, with `--share 1` on all.[/]"


def _from(found: Planned) -> str:
    how = "measured" if found.measured else "by the times at which questions came"
    asked = f"{counted(found.questions, 'question')} in {counted(found.days, 'day')}"
    return (
        f"{asked} · {found.model} · a prefix of {found.tokens:,} tokens, found in the cache by "
        f"{found.hit:.0%} of them ({how})"
    )


def _saving(found: Planned) -> str:
    before = found.microdollars
    said = (
        f"{counted(len(found.passages), 'passage')}, {found.pinned_tokens:,} of {found.limit:,} "
        f"tokens: prefix and passages cost {found.saves:.1%} less, {found.surely:.1%} at least "
        "(95 % sure)"
    )
    if before:
        after = round(before * (1 - found.saves))
        said += f"; of a thousand questions {dollars(after)} instead of {dollars(before)}"
    if found.held_out is None:
        return said + ".\nAll of it was asked on one day: there is nothing to try the plan on."
    return (
        f"{said}.\nThe newer {found.held_out_questions:,} questions, replayed at their times with "
        f"what the older ones would have pinned: {abs(found.held_out):.1%} "
        f"{'less' if found.held_out >= 0 else 'more'}."
    )
