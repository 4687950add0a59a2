"""`forebay backup` and `forebay restore`: a snapshot of all that is kept, and back from it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from forebay import options

if TYPE_CHECKING:
    from wiring.backup import Backup
    from wiring.settings import Settings

_Folder = Annotated[Path, typer.Argument(help="The folder of the backup.")]


def command(
    folder: _Folder,
    verify: Annotated[
        bool, typer.Option("--verify", help="Make none: read one, and say whether it is whole.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Copy chunks, state and waiting uploads into an empty folder, also while the service runs."""
    from wiring.restore import verify as verified
    from wiring.settings import read_settings

    folder = folder.absolute()
    if verify:
        _say("Whole", verified(folder), folder, as_json=as_json)
        return
    made = asyncio.run(_back_up(folder, read_settings()))
    _say("Backed up", made, folder, as_json=as_json)


def restore(folder: _Folder, as_json: options.Json = False) -> None:
    """Put a backup into the data directory, which must not hold anything yet."""
    from wiring.restore import restore as restored
    from wiring.settings import read_settings

    made = restored(folder.absolute(), read_settings())
    _say("Restored", made, folder, as_json=as_json)


async def _back_up(folder: Path, settings: Settings) -> Backup:
    from wiring.backup import back_up, state_file
    from wiring.owner import own, service_of
    from wiring.state.database import open_state
    from wiring.stores import open_store

    state_file(settings)  # refuses servers before anything is opened
    if service := service_of(settings.data):
        from forebay.remote import open_remote

        async with open_remote(service) as remote:
            return await remote.back_up(folder)
    with own(settings.data, "forebay backup"):
        async with open_state(settings.database_url) as state, open_store(settings) as store:
            return await back_up(folder, settings, state, store)


def _say(done: str, made: Backup, folder: Path, *, as_json: bool) -> None:
    from rich.console import Console

    from domain.counted import counted

    said = {"folder": str(folder), "made_at": made.made_at, "version": made.version}
    files, size = len(made.files), made.size
    if as_json:
        print(json.dumps({**said, "files": files, "bytes": size}))
        return
    Console(stderr=True, highlight=False).print(
        f"{done}: {counted(files, 'file')}, {size / 1e6:.1f} MB, made at {made.made_at} ({folder})",
        soft_wrap=True,
    )
