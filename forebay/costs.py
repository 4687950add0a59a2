"""`forebay costs`: what was spent, by whom and for what, day by day. Ends with 1 on a spike."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from domain.errors import InvalidInput
from forebay import options

if TYPE_CHECKING:
    from rich.console import Console

    from wiring.costs import Costs, Group
    from wiring.spikes import Spike

_BARS = " ▁▂▃▄▅▆▇█"
_WIDE = 40  # signs of the longest bar
_MANY = 62  # days or hours; more are drawn in the table alone
_LEAST, _SPARKS = 7, 48  # signs of a row of the table, as the terminal has room
_NUMBERS, _NAME = 50, 18  # what the other columns need


def command(
    by: Annotated[
        list[str] | None,
        typer.Option("--by", help="A column of the ledger, repeatable; if not set, model."),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", help="2026-11-03, or 7d or 12h ago; if not set, 30d.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", help="The end, as --since; if not set, now.")
    ] = None,
    hourly: Annotated[bool, typer.Option("--hourly", help="By hours instead of days.")] = False,
    tenant: Annotated[
        str | None, typer.Option("--tenant", help="Whose calls; if not set, all.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """What model calls have cost, by any column of the ledger. Ends with 1 on a spike."""
    from wiring.codec import to_json

    now = datetime.now(UTC)
    found = asyncio.run(
        _found(by or ["model"], _moment(since or "30d", now), _moment(until, now), hourly, tenant)
    )
    if as_json:
        print(to_json(found).decode())
    else:
        from rich.console import Console

        _show(found, Console())
    if found.spikes:
        raise typer.Exit(1)


async def _found(
    by: list[str], since: datetime, until: datetime, hourly: bool, tenant: str | None
) -> Costs:
    from wiring.costs import costs
    from wiring.settings import read_settings
    from wiring.state.database import open_state

    if since >= until:
        raise InvalidInput("--since is not before --until.", field="since")
    async with open_state(read_settings().database_url) as state:
        return await costs(state, by, since=since, until=until, hourly=hourly, tenant=tenant)


def _moment(text: str | None, now: datetime) -> datetime:
    """A day, a time, or so long ago."""
    if text is None:
        return now
    units = {"d": timedelta(days=1), "h": timedelta(hours=1)}
    if text[:-1].isdecimal() and text[-1] in units:
        return now - int(text[:-1]) * units[text[-1]]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            f"'{text}' is no time. Write 2026-11-03, 2026-11-03T09:30, 7d or 12h.", field="since"
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _show(found: Costs, console: Console) -> None:
    if not found.groups:
        console.print("No model call is booked in this time.")
        return
    _table(found, console)
    if len(found.whens) <= _MANY:
        _days(found, console)
    total, first, last = _dollars(found.cost_microdollars), found.whens[0], found.whens[-1]
    console.print(f"together {total}, from {first} to {last} (UTC)", highlight=False)
    for spike in found.spikes:
        console.print(_said(spike, found.by), highlight=False, soft_wrap=True)


def _table(found: Costs, console: Console) -> None:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in found.by:
        table.add_column(name.replace("_", " "), no_wrap=True)
    for name in ("calls", "input", "cached", "output", "cost", ""):
        table.add_column(name, justify="right", no_wrap=True)
    signs = max(_LEAST, min(_SPARKS, console.width - _NUMBERS - _NAME * len(found.by)))
    table.add_column("by hour" if "T" in found.whens[0] else "by day", no_wrap=True)
    for group in found.groups:
        table.add_row(*_cells(group, found.cost_microdollars, signs))
    console.print(table, highlight=False)


def _cells(group: Group, total: int, signs: int) -> list[str]:
    from rich.markup import escape

    share = group.cost_microdollars / total if total else 0.0
    cached = group.cached / group.input if group.input else 0.0
    return [
        *(escape(part) or "–" for part in group.group),
        f"{group.calls:,}",
        _short(group.input),
        f"{cached:.0%}",
        _short(group.output),
        _dollars(group.cost_microdollars),
        f"{share:.0%}",
        _sparks(group.costs, signs),
    ]


def _days(found: Costs, console: Console) -> None:
    totals = [sum(g.costs[n] for g in found.groups) for n in range(len(found.whens))]
    striking = {spike.when for spike in found.spikes}
    console.print()
    for when, cost in zip(found.whens, totals, strict=True):
        colour = "bold red" if when in striking else "cyan"
        bar = _bar(cost / max(1, *totals))
        console.print(f"{when}  [{colour}]{bar}[/] {_dollars(cost)}", highlight=False)


def _said(spike: Spike, by: tuple[str, ...]) -> str:
    from rich.markup import escape

    whose = ", ".join(f"{n} {escape(p) or '–'}" for n, p in zip(by, spike.group, strict=True))
    return (
        f"[bold red]spike[/] {spike.when}: {whose} cost {_dollars(spike.cost_microdollars)}, usual "
        f"is {_dollars(spike.usual_microdollars)} (score {spike.score:g})"
    )


def _bar(share: float) -> str:
    """In eighths of a sign."""
    eighths = round(share * _WIDE * 8)
    return "█" * (eighths // 8) + (" ▏▎▍▌▋▊▉"[eighths % 8].strip())


def _sparks(costs: tuple[int, ...], signs: int) -> str:
    """One sign for each, or for some together where there are many."""
    each = -(-len(costs) // signs)
    sums = [sum(costs[at : at + each]) for at in range(0, len(costs), each)]
    highest = max(sums) or 1
    return "".join(_BARS[-(-cost * 8 // highest)] for cost in sums)


def _short(number: int) -> str:
    for size, unit in ((1_000_000_000, "G"), (1_000_000, "M"), (10_000, "k")):
        if number >= size:
            return f"{number / (1_000 if unit == 'k' else size):,.1f}{unit}"
    return f"{number:,}"


def _dollars(microdollars: int) -> str:
    """Cents, and more of what is less than one."""
    dollars = microdollars / 1_000_000
    return f"${dollars:,.2f}" if dollars >= 1 or not dollars else f"${dollars:.4f}"
