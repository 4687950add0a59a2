"""A snapshot of what an embedded installation keeps: chunks, state, and uploads that wait.

One moment for all three: nothing is written to a collection while it is made, and questions are
answered. Caches are left out, they fill again. Servers have backups of their own: these are named.
`restore.py` reads it again.
"""

import asyncio
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import AsyncExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from domain.errors import InvalidInput, Misconfigured, Unavailable
from domain.ports import ChunkStore
from domain.version import VERSION
from wiring.codec import to_json
from wiring.settings import Settings
from wiring.spool import Spool
from wiring.state.address import Address
from wiring.state.database import State

if TYPE_CHECKING:
    from retrieval.edge import EdgeStore

MANIFEST = "manifest.json"  # written last: a folder without it is no backup
COLLECTIONS, UPLOADS, STATE = "collections", "uploads", "state.db"
_QDRANT = (
    'chunks: `curl -X POST -H "api-key: $FOREBAY_QDRANT__API_KEY" "$FOREBAY_QDRANT__URL/snapshots"`'
)
_POSTGRESQL = 'state: `pg_dump --format=custom --file=state.dump "$FOREBAY_DATABASE__URL"`'


@dataclass(frozen=True, slots=True)
class File:
    path: str  # with /, from the backup's folder on
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Backup:
    version: str  # of Forebay
    made_at: str
    files: tuple[File, ...]

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)


async def back_up(folder: Path, settings: Settings, state: State, store: ChunkStore) -> Backup:
    """Into a folder that is empty, or not there yet. Waits for ingestions to end."""
    source = state_file(settings)
    shards = _shards(store)
    with translated(f"The backup at {folder}"):
        await asyncio.to_thread(_make, folder)
        async with AsyncExitStack() as stack:
            names = await _hold_all(stack, state, store)
            uploads = settings.data / UPLOADS
            async with Spool.open(uploads).left_over():  # and while no more come in
                await asyncio.to_thread(_copy_uploads, uploads, folder / UPLOADS)
                await asyncio.to_thread(_copy_state, source, folder / STATE)
            for name in names:
                await shards.copy(name, folder / COLLECTIONS / name)
        files = await asyncio.to_thread(listed, folder)
        made = Backup(VERSION, datetime.now(UTC).isoformat(timespec="seconds"), files)
        await asyncio.to_thread(_write, folder / MANIFEST, to_json(made))
    return made


def state_file(settings: Settings) -> Path:
    """Of the embedded state; refused, with the remedy, where a server keeps anything."""
    address, data = Address.parse(settings.database_url), settings.data
    postgresql = address.kind == "postgresql"
    if settings.qdrant.url is None and not postgresql:
        return Path(address.target)
    chunks = _QDRANT if settings.qdrant.url else f"chunks: end the service and copy {data}"
    kept = _POSTGRESQL if postgresql else f"state: end the service and copy {address.target}"
    raise Misconfigured(
        "`forebay backup` and `restore` are for what Forebay keeps itself; here servers keep it, "
        f"which have commands of their own. Let nothing be ingested meanwhile. For {chunks}. "
        f"For {kept}."
    )


def listed(folder: Path) -> tuple[File, ...]:
    """All of its files but the manifest, on the disk for certain."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return tuple(_file(path, folder) for path in paths if path != folder / MANIFEST)


@contextmanager
def translated(what: str) -> Iterator[None]:
    try:
        yield
    except (OSError, shutil.Error, sqlite3.Error) as error:
        raise Unavailable(
            f"{what} failed ({error}). Remove what is there of it, make room, and begin again."
        ) from error


def is_empty(folder: Path) -> bool:
    return not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))


async def _hold_all(stack: AsyncExitStack, state: State, store: ChunkStore) -> list[str]:
    """Every collection there is, when nothing is written to any."""
    held: set[str] = set()
    while True:
        names = await store.collections()
        new = sorted({name.rstrip("~") for name in names} - held)  # with ~: it is being rebuilt
        if not new:
            return [name for name in names if not name.endswith("~")]
        for name in new:
            await stack.enter_async_context(state.hold(f"ingest {name}", lambda: None))
        held.update(new)


def _shards(store: ChunkStore) -> "EdgeStore":
    from retrieval.edge import EdgeStore

    assert isinstance(store, EdgeStore), "state_file() lets no other through"
    return store


def _make(folder: Path) -> None:
    if not is_empty(folder):
        raise InvalidInput(
            f"{folder} is not empty. Name a folder that is, or that is not there yet.",
            field="folder",
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / COLLECTIONS).mkdir()


def _copy_uploads(source: Path, target: Path) -> None:
    """A job that ends meanwhile takes its files away: they are not needed any more."""
    target.mkdir(mode=0o700)
    for path in source.rglob("*"):
        if path.is_file():
            to = target / path.relative_to(source)
            to.parent.mkdir(parents=True, exist_ok=True)
            try:
                shutil.copyfile(path, to)
            except FileNotFoundError:
                continue


def _copy_state(source: Path, target: Path) -> None:
    """SQLite's own way: a whole database, whoever writes to it meanwhile."""
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as old,
        closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)
        new.execute("PRAGMA journal_mode=DELETE")  # one file, without others beside it


def _file(path: Path, folder: Path) -> File:
    with path.open("rb") as file:
        os.fsync(file.fileno())
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return File(path.relative_to(folder).as_posix(), path.stat().st_size, digest)


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
