"""`forebay canary`: what a trial's two arms cost, took and said, from the ledger."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from domain.errors import NotFound
from forebay import options
from forebay.figures import counted

if TYPE_CHECKING:
    from rich.console import Console

    from domain.records import LedgerRow
    from eval.arms import Comparison, Measured
    from wiring.settings import Settings

_SURE = 0.05
_SHARES = ("found", "refused", "cut", "failed")


def command(
    days: Annotated[float, typer.Option("--days", min=0, help="How far back.")] = 7,
    tenant: options.Tenant = None,
    as_json: options.Json = False,
) -> None:
    """Compare the arms of a trial (FOREBAY_CANARY__…) over a tenant's questions."""
    from rich.console import Console

    from eval.arms import compare
    from wiring.codec import to_json
    from wiring.settings import read_settings

    settings = read_settings()
    whose = tenant or settings.tenant
    found = compare(asyncio.run(_rows(settings, whose, days)))
    if not all(arm.questions for arm in found.arms):
        missing = " and no ".join(arm.name for arm in found.arms if not arm.questions)
        raise NotFound(
            f"The last {days:g} days of tenant '{whose}' have no {missing}. Set "
            "FOREBAY_CANARY__SHARE and what is on trial where the service runs, or more --days."
        )
    if as_json:
        print(to_json(found).decode())
    else:
        _show(Console(), found)


async def _rows(settings: Settings, tenant: str, days: float) -> list[LedgerRow]:
    from wiring.state.database import open_state

    since = datetime.now(UTC) - timedelta(days=days)
    async with open_state(settings.database_url) as state:
        return list(await state.ledger.rows(tenant, since.isoformat()))


def _show(console: Console, found: Comparison) -> None:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("", "control", "canary", "difference (95 %)", "p"):
        table.add_column(name, justify="left" if name == "" else "right")
    for one in found.measures:
        table.add_row(one.name, *_row(one))
    console.print(table, highlight=False)
    for arm in found.arms:
        console.print(
            f"[dim]{arm.name}: {counted(arm.questions, 'question')}, {', '.join(arm.models)}, "
            f"{', '.join(arm.prompts)}[/]",
            highlight=False,
            soft_wrap=True,
        )
    if found.few:
        console.print("Few questions: a difference has to be large to be seen.", highlight=False)


def _row(one: Measured) -> tuple[str, str, str, str]:
    between = f"{_said(one, one.low, sign='+')} … {_said(one, one.high, sign='+')}"
    p = f"{one.p:.3f}"
    sure = f"[bold]{p}[/]" if one.p < _SURE else p
    return _said(one, one.control), _said(one, one.canary), between, sure


def _said(one: Measured, value: float, sign: str = "") -> str:
    if one.name in _SHARES:
        return f"{100 * value:{sign}.1f} %"
    return f"{value:{sign}.6f} $" if one.name == "cost" else f"{value:{sign}.2f} s"
