"""`forebay keys`: make, list, renew and revoke keys of the API. They are in the state database."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from domain.errors import InvalidInput
from domain.keys import SCOPES, ApiKey
from forebay import options

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from wiring.keys import Keyring, NewKey

app = typer.Typer(help="Keys of the API.", no_args_is_help=True)

_Name = Annotated[str, typer.Argument(help="Of the key, such as wiki or ann-laptop.")]


@app.command()
def create(
    name: _Name,
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", help="ask, ingest or admin, repeatable; if not set, ask."),
    ] = None,
    collection: Annotated[
        list[str] | None,
        typer.Option("--collection", help="It is only for these, repeatable; if not set, all."),
    ] = None,
    days: Annotated[
        float | None, typer.Option("--days", help="After which it ends; if not set, never.")
    ] = None,
    dollars: Annotated[
        float | None, typer.Option("--monthly-dollars", min=0, help="That it may cost a month.")
    ] = None,
    requests: Annotated[
        int | None, typer.Option("--requests-a-minute", min=1, help="That it may send.")
    ] = None,
    tenant: options.Tenant = None,
    as_json: options.Json = False,
) -> None:
    """Make a key. Its secret is shown once, and kept by nobody but you."""
    key = ApiKey(
        tenant=tenant or _usual_tenant(),
        name=name,
        scopes=tuple(s for s in SCOPES if s in _scopes(scope or ["ask"])),
        collections=tuple(collection or ()),
        expires_at=None if days is None else (datetime.now(UTC) + timedelta(days)).isoformat(),
        monthly_microdollars=None if dollars is None else round(dollars * 1e6),
        requests_a_minute=requests,
    )

    async def made() -> NewKey:
        async with _keyring() as ring:
            return await ring.create(key)

    _show(asyncio.run(made()), as_json)


@app.command(name="list")
def list_(tenant: options.Tenant = None, as_json: options.Json = False) -> None:
    """The keys of a tenant, without their secrets."""
    from wiring.codec import to_json

    async def all_() -> Sequence[ApiKey]:
        async with _keyring() as ring:
            return await ring.all(tenant or _usual_tenant())

    found = asyncio.run(all_())
    if as_json:
        print(to_json(tuple(found)).decode())
    else:
        _table(found)


@app.command()
def rotate(name: _Name, tenant: options.Tenant = None, as_json: options.Json = False) -> None:
    """Give a key another secret. The old one ends within seconds."""

    async def renewed() -> NewKey:
        async with _keyring() as ring:
            return await ring.rotate(tenant or _usual_tenant(), name)

    _show(asyncio.run(renewed()), as_json)


@app.command()
def revoke(name: _Name, tenant: options.Tenant = None) -> None:
    """End a key. A service that runs knows it within seconds."""

    async def revoked() -> None:
        async with _keyring() as ring:
            await ring.revoke(tenant or _usual_tenant(), name)

    asyncio.run(revoked())
    print(f"The key '{name}' is revoked.")


@asynccontextmanager
async def _keyring() -> AsyncIterator[Keyring]:
    from wiring.keys import Keyring
    from wiring.settings import read_settings
    from wiring.state.database import open_state

    async with open_state(read_settings().database_url) as state:
        yield Keyring(state.keys)


def _usual_tenant() -> str:
    from wiring.settings import read_settings

    return read_settings().tenant


def _scopes(given: Sequence[str]) -> Sequence[str]:
    for scope in given:
        if scope not in SCOPES:
            raise InvalidInput(
                f"There is no scope '{scope}'; there are {', '.join(SCOPES)}.", field="scope"
            )
    return given


def _show(made: NewKey, as_json: bool) -> None:
    from wiring.codec import to_json

    if as_json:
        print(to_json(made).decode())
        return
    key = made.key
    typer.echo(f"The key '{key.name}' of '{key.tenant}' ({', '.join(key.scopes)}).", err=True)
    typer.echo("Its secret, shown this once:", err=True)
    print(made.secret)


def _table(keys: Sequence[ApiKey]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("name", "scopes", "collections", "ends", "a month", "a minute", "made"):
        table.add_column(column)
    for key in keys:
        cap, rate = key.monthly_microdollars, key.requests_a_minute
        table.add_row(
            key.name,
            ", ".join(key.scopes),
            ", ".join(key.collections) or "all",
            (key.expires_at or "never")[:10],
            "–" if cap is None else f"${cap / 1e6:,.2f}",
            "–" if rate is None else f"{rate:,}",
            key.created_at[:10],
        )
    Console().print(table, highlight=False)
