"""`forebay cache`: what the providers' prompt caches did, what they saved, and why not more."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from domain.errors import InvalidInput, NotFound
from forebay import options
from forebay.figures import dollars

if TYPE_CHECKING:
    from rich.table import Table

    from wiring.state.ledger_cache import By, CacheFigures

_COLUMNS = ("calls", "prefix", "cacheable", "read", "share", "saved", "vs naive")
_K, _M = 1_000, 1_000_000


def command(
    by: Annotated[
        str, typer.Option("--by", help="Of version, model, tenant, hour, day and endpoint, some.")
    ] = "version,model",
    since: Annotated[
        str, typer.Option("--since", help="7d, 24h, 30m, or a date such as 2026-11-01.")
    ] = "7d",
    tenant: Annotated[
        str | None, typer.Option("--tenant", help="Only of this one; if not set, of all.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """What the providers' prompt caches did: tokens read, dollars saved, reasons why not more.

    prefix: tokens before the boundary. cacheable: what an ideal cache would have read. share: of
    it, what was read. saved: beside the same calls without a cache. vs naive: beside calls whose
    passages stand in the system message.
    """
    from forebay.since import since as moment
    from wiring.codec import to_json
    from wiring.settings import read_settings

    figures = asyncio.run(
        _figures(read_settings().database_url, _groups(by), moment(since), tenant)
    )
    if as_json:
        print(to_json(figures).decode())
    elif not figures:
        raise NotFound(
            "No call is booked in this time whose model's cache is known. Ask something with a "
            "model of OpenAI, Anthropic or Gemini, or look further back with --since."
        )
    else:
        _show(figures, _groups(by))


def _groups(text: str) -> list[By]:
    from wiring.state.ledger_cache import By

    known: dict[str, By] = {name: name for name in get_args(By)}
    wanted = [name.strip() for name in text.split(",")]
    if unknown := [name for name in wanted if name not in known]:
        raise InvalidInput(f"--by names '{unknown[0]}'; there are {', '.join(known)}.", field="by")
    return [known[name] for name in dict.fromkeys(wanted)]


async def _figures(
    url: str, by: list[By], since: str, tenant: str | None
) -> tuple[CacheFigures, ...]:
    from wiring.state.database import open_state
    from wiring.state.ledger_cache import cache_figures

    async with open_state(url) as state:
        return tuple(await cache_figures(state.database, by, since, tenant))


def _show(figures: tuple[CacheFigures, ...], by: list[By]) -> None:
    from rich.console import Console

    console = Console()
    table = _table([f"{one} (UTC)" if one in {"hour", "day"} else one for one in by])
    for one in figures:
        table.add_row(*one.group, *_cells(one))
    console.print(table, highlight=False)
    for one in figures:
        if one.misses:
            said = f"{' '.join(one.group)}: not read because {_reasons(one)}"
            console.print(said, highlight=False, soft_wrap=True)
    changed: Counter[str] = Counter()
    for miss in (miss for one in figures for miss in one.misses if miss.says):
        changed[miss.says] += miss.calls
    for says, calls in changed.most_common():
        console.print(f"changed {calls:,} ×: {says}", highlight=False, soft_wrap=True)


def _table(groups: list[str]) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for name in groups:
        table.add_column(name, overflow="fold")
    for name in _COLUMNS:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _cells(one: CacheFigures) -> list[str]:
    return [
        f"{one.calls:,}",
        *map(_short, (one.prefix, one.cacheable, one.cached)),
        "" if one.efficiency is None else f"{one.efficiency:.1%}",
        dollars(one.saved_microdollars),
        dollars(one.saved_naive_microdollars),
    ]


def _reasons(one: CacheFigures) -> str:
    whys: Counter[str] = Counter()
    for miss in one.misses:
        whys[miss.why] += miss.calls
    return ", ".join(f"{why} {calls:,}" for why, calls in whys.most_common())


def _short(tokens: int) -> str:
    if tokens < 10 * _K:
        return f"{tokens:,}"
    return f"{tokens / _K:,.1f}k" if tokens < _M else f"{tokens / _M:,.1f}M"
