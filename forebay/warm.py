"""`forebay warm`: makes the provider's prompt cache ready before many ask at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from domain.counted import counted
from forebay import options
from forebay.figures import dollars

if TYPE_CHECKING:
    from rich.console import Console

    from wiring.settings import Settings
    from wiring.warm import Warmed


def command(
    force: Annotated[bool, typer.Option("--force", help="Also where it does not pay.")] = False,
    tenant: options.Tenant = None,
    collection: options.Collection = None,
    as_json: options.Json = False,
) -> None:
    """Make the provider's prompt cache ready for questions to come, where that pays.

    The service does it by itself at the times of FOREBAY_CACHE__WARM.
    """
    from wiring.codec import to_json
    from wiring.settings import read_settings

    settings = read_settings()
    tenant, collection = tenant or settings.tenant, collection or settings.collection
    found = asyncio.run(_warmed(settings, tenant, collection, force=force))
    if as_json:
        print(to_json(found).decode())
    else:
        _show(found)


async def _warmed(settings: Settings, tenant: str, collection: str, *, force: bool) -> Warmed:
    from forebay.reach import reach

    async with reach(settings, "forebay warm") as forebay:
        return await forebay.warm(tenant, collection, force=force)


def _show(found: Warmed) -> None:
    from rich.console import Console

    console = Console()
    _say(console, found, f"'{found.collection}'")
    if found.trial:
        _say(console, found.trial, f"what is on trial for '{found.collection}'")
    if not all(one.done for one in (found, found.trial) if one):
        console.print("--force does it all the same.", highlight=False)


def _say(console: Console, found: Warmed, whose: str) -> None:
    what = f"the {found.tokens:,} tokens before the boundary of {whose}"
    if found.done:
        said = f"{found.model} has {what} ready, for {dollars(found.cost_microdollars)}."
    else:
        said = f"{found.model} was not asked to make {what} ready: {found.says}"
    console.print(said, highlight=False, soft_wrap=True)
    if found.expected is not None:
        console.print(_expected(found, found.expected), highlight=False, soft_wrap=True)


def _expected(found: Warmed, expected: float) -> str:
    questions = counted(round(expected), "question")
    said = (
        f"At this time of day about {questions} would find nothing: "
        f"{dollars(found.saves_microdollars)} saved, for {dollars(found.cost_microdollars)}"
    )
    if found.sooner and found.sooner > 0:
        said += f", and each is answered {found.sooner:.1f} s sooner"
    return f"{said}."
