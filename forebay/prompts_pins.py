"""`forebay prompts pin`, `unpin`, `pins`, `promote`, `drop`: what stands before the boundary."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from forebay import options
from forebay.reach import reach

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wiring.pins import Change, Standing
    from wiring.settings import Settings

_Names = Annotated[
    list[str], typer.Argument(help="Documents by source or id, or passages by id.", metavar="NAME…")
]


def pin(
    names: _Names,
    tenant: options.Tenant = None,
    collection: options.Collection = None,
    as_json: options.Json = False,
) -> None:
    """Show documents or passages of a collection with every question, before the boundary.

    Each change makes a new prefix, which the provider's cache has to see once.
    """
    _change("pin", names, tenant, collection, as_json=as_json)


def unpin(
    names: _Names,
    tenant: options.Tenant = None,
    collection: options.Collection = None,
    as_json: options.Json = False,
) -> None:
    """Let them be retrieved like all others again."""
    _change("unpin", names, tenant, collection, as_json=as_json)


def pins(
    tenant: options.Tenant = None,
    collection: options.Collection = None,
    as_json: options.Json = False,
) -> None:
    """What is pinned to a collection, and what of it is no longer there."""
    _change("list", (), tenant, collection, as_json=as_json)


def promote(
    tenant: options.Tenant = None,
    collection: options.Collection = None,
    as_json: options.Json = False,
) -> None:
    """Pin for all what `forebay prompts plan --apply` put on trial."""
    _change("promote", (), tenant, collection, as_json=as_json)


def drop(
    tenant: options.Tenant = None,
    collection: options.Collection = None,
    as_json: options.Json = False,
) -> None:
    """End the trial that `forebay prompts plan --apply` began; what was pinned before stays."""
    _change("drop", (), tenant, collection, as_json=as_json)


def _change(
    change: Change,
    names: Sequence[str],
    tenant: str | None,
    collection: str | None,
    *,
    as_json: bool,
) -> None:
    from wiring.codec import to_json
    from wiring.settings import read_settings

    settings = read_settings()
    place = tenant or settings.tenant, collection or settings.collection
    found = asyncio.run(_changed(settings, *place, change, names))
    if as_json:
        print(to_json(tuple(found)).decode())
    else:
        _show(found, place[1], settings.prompt.pinned_tokens)


async def _changed(
    settings: Settings, tenant: str, collection: str, change: Change, names: Sequence[str]
) -> Sequence[Standing]:
    async with reach(settings, f"forebay prompts {change}") as forebay:
        return await forebay.boundary.pins(tenant, collection, change, names)


def _show(found: Sequence[Standing], collection: str, limit: int) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console()
    if not found:
        console.print(f"Nothing is pinned to the collection '{escape(collection)}'.")
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("pinned", "passages", "tokens", "by", ""):
        table.add_column(name, justify="right" if name in {"passages", "tokens"} else "left")
    for one in found:
        what = escape(one.pin.source) + ("" if not one.pin.passage else " [dim](a passage)[/]")
        by = "plan" if one.pin.planned else "hand"
        by = by if one.share is None else f"trial, {one.share:.0%}"
        fault = f"[yellow]{escape(one.fault)}[/]" if one.fault else ""
        table.add_row(what, str(len(one.chunks)), f"{one.tokens:,}", by, fault)
    console.print(table, highlight=False)
    used = sum(one.tokens for one in found if not one.fault and one.share is None)
    console.print(f"[dim]{used:,} of {limit:,} tokens[/]", highlight=False)
