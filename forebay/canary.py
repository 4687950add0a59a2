"""`forebay canary`: what a trial's two arms cost, took and said: from the ledger, or of a sample
of questions that both are asked.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from domain.counted import counted
from domain.errors import CostNotAccepted, NotFound
from forebay import options
from forebay.consent import consent

if TYPE_CHECKING:
    from rich.console import Console

    from domain.records import LedgerRow
    from eval.arms import Comparison, Measured
    from wiring.settings import Settings

_SURE = 0.05
_SHARES = ("found", "refused", "cut", "failed")
_TIMES = ("seconds", "first word")
_BEGIN = "Set FOREBAY_CANARY__SHARE and what is on trial where the service runs, or more --days"
_WAIT = "Wait until both have answered"
_PROMPT, _ANSWER = 400, 250  # tokens of a prompt that are no passages, and of an answer


def command(
    days: Annotated[float, typer.Option("--days", min=0, help="How far back.")] = 7,
    sample: Annotated[
        Path | None,
        typer.Option(
            "--sample",
            help="Ask both arms the questions of this folder instead: of labelled data, or of "
            "`forebay eval sample`.",
        ),
    ] = None,
    limit_queries: Annotated[
        int | None, typer.Option(min=1, help="Of the sample, so many, always the same ones.")
    ] = None,
    tenant: options.Tenant = None,
    yes: options.Yes = False,
    as_json: options.Json = False,
) -> None:
    """Compare the arms of a trial (FOREBAY_CANARY__…) over a tenant's questions, or a sample."""
    from rich.console import Console

    from wiring.codec import to_json
    from wiring.settings import read_settings

    settings = read_settings()
    if sample:
        found = _sampled(settings, sample, limit_queries, yes=yes, as_json=as_json)
    else:
        found = _booked(settings, tenant or settings.tenant, days)
    if as_json:
        print(to_json(found).decode())
    else:
        _show(Console(), found)


def _sampled(
    settings: Settings, folder: Path, limit: int | None, *, yes: bool, as_json: bool
) -> Comparison:
    from rich.console import Console

    from eval.answers_gold import load_all
    from eval.trial import run_trial
    from forebay.evaluate_progress import watch
    from wiring.routing import tried

    tried(settings)
    asked = load_all(folder, limit)
    consent(lambda: _cost(settings, len(asked.dataset.queries)), yes=yes, as_json=as_json)
    watching = watch(Console(stderr=True, quiet=as_json))
    return asyncio.run(run_trial(settings, asked, watching))


def _cost(settings: Settings, number: int) -> None:
    from wiring.tariff import tariff

    tokens = _PROMPT + settings.search.context_tokens
    each = [tariff(settings, trial=arm).call(tokens, _ANSWER) for arm in (False, True)]
    both, canary = (number * cost / 1_000_000 for cost in (sum(each), each[1]))
    if both:
        raise CostNotAccepted(
            f"Answering {counted(number, 'question')} by both arms costs about "
            f"${both:,.2f}, of which ${canary:,.2f} are the canary's. Say --yes to go on."
        )


def _booked(settings: Settings, whose: str, days: float) -> Comparison:
    from eval.arms import compare

    found = compare(asyncio.run(_rows(settings, whose, days)))
    if missing := " and no ".join(arm.name for arm in found.arms if not arm.questions):
        raise NotFound(
            f"The last {days:g} days of tenant '{whose}' have no {missing}{_of_newest(found)}. "
            f"{_WAIT if found.earlier else _BEGIN}, or compare them on a --sample."
        )
    return found


def _of_newest(found: Comparison) -> str:
    if not found.earlier:
        return ""
    return f" of the newest trial; {counted(found.earlier, 'question')} of earlier ones left out"


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
    if found.earlier:
        console.print(f"This is{_of_newest(found)}.", highlight=False, soft_wrap=True)
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
    if one.name in _TIMES:
        return f"{value:{sign}.2f} s"
    return f"{value:{sign}.6f} $" if one.name == "cost" else f"{value:{sign}.4f}"
