"""`forebay sessions list | show | export | delete`: conversations that are kept.

Read from the state database, beside a service that runs.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from domain.errors import InvalidInput, NotFound
from forebay import options

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from wiring.state.database import State
    from wiring.state.overview import Conversations

app = typer.Typer(help="Conversations that are kept.", no_args_is_help=True)

Session = Annotated[str, typer.Argument(help="A conversation, as `list` names it.")]
_MOST = 1000


@app.command("list")
def list_(tenant: options.Tenant = None, as_json: options.Json = False) -> None:
    """The last ones first, each with its first question."""
    from wiring.codec import to_json

    found = asyncio.run(_list(tenant))
    if as_json:
        print(to_json(found).decode())
        return
    for one in found.sessions:
        turns = "turn" if one.turns == 1 else "turns"
        print(f"{one.id}  {one.last_at[:16]}  {one.turns} {turns}  {one.question[:80]}")
    if found.total > len(found.sessions):
        print(f"… and {found.total - len(found.sessions):,} more: see `forebay sessions export`")


@app.command()
def show(session: Session, tenant: options.Tenant = None) -> None:
    """What was asked and answered."""
    for question, answer in asyncio.run(_show(session, tenant)):
        print(f"> {question}\n\n{answer}\n")


@app.command()
def export(tenant: options.Tenant = None) -> None:
    """All of them as lines of JSON."""
    asyncio.run(_export(tenant))


@app.command()
def delete(
    session: Annotated[list[str], typer.Argument(help="Conversations, as `list` names them.")],
    tenant: options.Tenant = None,
    yes: options.Yes = False,
) -> None:
    """They go for good."""
    if not yes:
        if not sys.stdin.isatty():
            raise InvalidInput("Nobody can be asked here: say --yes.")
        typer.confirm(f"Delete {', '.join(session)} for good?", abort=True)
    asyncio.run(_delete(session, tenant))


@asynccontextmanager
async def _state(tenant: str | None) -> AsyncIterator[tuple[State, str]]:
    from wiring.settings import read_settings
    from wiring.state.database import open_state

    settings = read_settings()
    async with open_state(settings.database_url) as state:
        yield state, tenant or settings.tenant


async def _list(tenant: str | None) -> Conversations:
    from wiring.state.overview import Overview

    async with _state(tenant) as (state, whose):
        return await Overview(state.database).conversations(whose, offset=0, limit=_MOST)


async def _show(session: str, tenant: str | None) -> list[tuple[str, str]]:
    async with _state(tenant) as (state, whose):
        if await state.sessions.find(whose, session) is None:
            raise _unknown(session)
        turns = await state.sessions.turns(whose, session)
        return [(turn.question, turn.answer) for turn in turns]


async def _export(tenant: str | None) -> None:
    from domain.records import Session as Whole
    from wiring.codec import to_json

    async with _state(tenant) as (state, whose):
        for id_ in await state.sessions.ids(whose):
            turns = await state.sessions.turns(whose, id_)
            print(to_json(Whole(id_, tuple(turns))).decode())


async def _delete(sessions: Sequence[str], tenant: str | None) -> None:
    async with _state(tenant) as (state, whose):
        for session in sessions:
            if not await state.sessions.forget(whose, session):
                raise _unknown(session)


def _unknown(session: str) -> NotFound:
    return NotFound(f"There is no conversation '{session}'. `forebay sessions list` shows them.")
