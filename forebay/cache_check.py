"""`forebay cache-check`: measures a model's prompt cache on the user's own key."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from domain.counted import counted
from domain.errors import CostNotAccepted
from forebay import options
from forebay.figures import dollars, duration

if TYPE_CHECKING:
    from gateway.caching.check import Checked, Row
    from wiring.caching import Measurable
    from wiring.settings import Settings


def command(
    model: Annotated[
        str | None, typer.Option("--model", help="provider/model; if not set, what answers.")
    ] = None,
    wait: Annotated[
        float, typer.Option("--wait", min=0, help="Minutes before the first is looked for again.")
    ] = 0,
    yes: options.Yes = False,
    as_json: options.Json = False,
) -> None:
    """Measure on your own key whether a model's prompt cache hits, and with how long a tail.

    What is found counts from then on before what the vendor says.
    """
    from forebay.consent import consent
    from wiring.caching import measurable
    from wiring.codec import to_json
    from wiring.settings import read_settings

    settings = read_settings()
    wanted = measurable(settings, model)
    consent(lambda: _refuse(wanted), yes=yes, as_json=as_json)
    checked = asyncio.run(_checked(settings, wanted, wait, quiet=as_json))
    if as_json:
        print(to_json(checked).decode())
    else:
        _show(checked)


def _refuse(wanted: Measurable) -> None:
    raise CostNotAccepted(
        f"Measuring the prompt cache of {wanted.name} takes at most {wanted.calls} calls with "
        f"{wanted.tokens:,} tokens: at most {dollars(wanted.microdollars)}. --yes accepts that."
    )


async def _checked(settings: Settings, wanted: Measurable, wait: float, *, quiet: bool) -> Checked:
    from gateway.caching.check import Check, Checked, finding_of
    from gateway.caching.measured import write_finding
    from wiring.caching import findings, open_one

    rows: list[Row] = []
    async with open_one(settings, wanted.name) as chat:
        check = Check(chat, wanted.rules, uuid4().hex[:12], settings.tenant)
        async for row in check.rows():
            rows.append(row)
            if not quiet:
                _say(row)
        await asyncio.sleep(wait * 60)
        rows.append(await check.again())
    found = finding_of(rows, datetime.now(UTC).isoformat(timespec="seconds"))
    write_finding(findings(settings), wanted.name, found)
    return Checked(wanted.name, tuple(rows), found, check.calls, check.cost_microdollars)


def _say(row: Row) -> None:
    from rich.console import Console

    Console().print(_line(row), highlight=False, soft_wrap=True)


def _line(row: Row) -> str:
    what = {
        "tail": f"a tail of {row.tokens:,} tokens",
        "length": f"a prompt of {row.tokens:,} tokens and a few more",
        "life": f"the first of all, after {duration(row.after)}",
    }
    read = f"[green]found[/], {row.cached:,} tokens read" if row.found else "[red]not found[/]"
    return f"{what[row.of]}: {read}"


def _show(checked: Checked) -> None:
    from rich.console import Console

    console, found = Console(), checked.finding
    console.print(_line(checked.rows[-1]), highlight=False, soft_wrap=True)
    if not found.hits:
        said = "never hits. Nothing will be marked for it, and nothing is to be expected."
    elif found.tail is None:
        said = "hits, however long the tail that was tried."
    else:
        said = f"hits up to a tail of {found.tail:,} tokens, and not with a longer one."
    if found.least:
        said += f" The shortest prompt that was found had {found.least:,} tokens and a few more."
    spent = f"{counted(checked.calls, 'call')}, {dollars(checked.cost_microdollars)}"
    console.print(f"[bold]{checked.model}[/] {said} ({spent})", highlight=False, soft_wrap=True)
