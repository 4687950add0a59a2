"""From where to where: the data directory, and the servers that the settings name.

Refuses what must not be moved or overwritten, before anything is opened for long.
"""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from domain.errors import DataDirectoryBusy, InvalidInput, Misconfigured, NotFound
from retrieval import edge_points
from retrieval.durable import write_durably
from retrieval.server_copy import Copies
from wiring.owner import own
from wiring.settings import Settings
from wiring.state.address import Address
from wiring.state.connection import Database, connect
from wiring.state.migrate import bring_up_to_date
from wiring.stores import qdrant_config

_MARK = "migration.json"  # in the data directory: which copies on a server are of it
_STATE = "state.db"


@dataclass(frozen=True, slots=True)
class StateMove:
    file: Path
    source: Database
    target: Database


@dataclass(frozen=True, slots=True)
class Places:
    data: Path
    copies: Copies | None  # None: chunks stay where they are
    state: StateMove | None  # None: so does the state

    @property
    def collections(self) -> Path:
        return self.data / "collections"

    def names(self) -> list[str]:
        """Of the collections that move."""
        return edge_points.names(self.collections) if self.copies else []


@asynccontextmanager
async def open_places(
    settings: Settings, file: Path | None, *, begin: bool = False
) -> AsyncIterator[Places]:
    """`file`: of the state, where it is not in the data directory. `begin`: a migration that
    has no mark yet gets one.
    """
    address = Address.parse(settings.database_url)
    _check(settings, address, file)
    source = file or settings.data / _STATE
    async with AsyncExitStack() as stack:
        stack.enter_context(own(settings.data, "forebay migrate"))
        copies = None
        if settings.qdrant.url:
            mark = _mark(settings.data / _MARK, begin=begin)
            copies = Copies.open(qdrant_config(settings), mark)
            stack.push_async_callback(copies.close)
        state = None
        if address.kind == "postgresql":
            _check_free(source)
            state = StateMove(source, connect(_sqlite(source)), connect(address))
            for database in (state.source, state.target):
                stack.push_async_callback(database.engine.dispose)
            await bring_up_to_date(state.source)
        yield Places(settings.data, copies, state)


def _check(settings: Settings, address: Address, file: Path | None) -> None:
    if settings.qdrant.url is None and address.kind != "postgresql":
        raise Misconfigured(
            "Nothing says where to. Set FOREBAY_QDRANT__URL to a Qdrant server, "
            "FOREBAY_DATABASE__URL to a PostgreSQL database, or both, as the service shall have "
            "them, and FOREBAY_DATA to the directory that is moved."
        )
    if file and address.kind != "postgresql":
        raise InvalidInput(
            "--state names a state that shall move, and FOREBAY_DATABASE__URL names no PostgreSQL "
            "database to move it to. Set it, or leave --state away.",
            field="state",
        )
    if not settings.data.is_dir():
        raise NotFound(
            f"{settings.data} is not there. Set FOREBAY_DATA to the directory that is moved."
        )
    state = file or settings.data / _STATE
    if address.kind == "postgresql" and not state.is_file():
        raise NotFound(
            f"There is no state in {state}. Name its SQLite file with --state, or move chunks "
            "alone, with FOREBAY_DATABASE__URL unset."
        )


def _mark(path: Path, *, begin: bool) -> str:
    if path.is_file():
        return str(json.loads(path.read_text("utf-8"))["mark"])
    mark = token_hex(4)
    if begin:
        write_durably(path, json.dumps({"mark": mark}))
    return mark


def _sqlite(file: Path) -> Address:
    return Address.parse(f"sqlite:///{file.absolute()}")


def _check_free(file: Path) -> None:
    """A service that has its chunks on a server does not own its data directory, only this."""
    with closing(sqlite3.connect(file, isolation_level=None, timeout=1)) as state:
        try:
            state.execute("PRAGMA locking_mode=EXCLUSIVE")
            state.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise DataDirectoryBusy(
                f"The state in {file} is in use ({error}). End the service, and run the command "
                "again."
            ) from error
