"""Files that came over HTTP and wait for their job: one folder a job, in the data directory.

    uploads/
    ├── owner          who this directory is, for a state database that others may share
    ├── gate           held by many while files come in, by one while what is left over goes
    ├── runner         held by the process that does the jobs
    ├── <job>.json     whose job it is, for as long as its folder is there
    └── <job>/a/b.md   as the sources are called

What was settled is on the disk, whatever happens to the process. Knows nothing of HTTP or jobs.
"""

import asyncio
import fcntl
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from domain.completion import Account
from domain.errors import InvalidInput, Unavailable
from wiring.codec import from_json, to_json

_PAUSE = 0.05


class Incoming:
    """The files of one job on their way in, one after the other."""

    def __init__(self, folder: Path) -> None:
        self.job = folder.name
        self.sources: list[str] = []
        self._folder = folder
        self._file: BinaryIO | None = None

    async def begin(self, source: str) -> None:
        """`source` is a relative path without `..`."""
        self._file = await asyncio.to_thread(self._open, source)
        self.sources.append(source)

    async def write(self, data: bytes) -> None:
        assert self._file is not None, "begin comes first"
        with _translated():
            await asyncio.to_thread(self._file.write, data)

    async def end(self) -> None:
        file, self._file = self._file, None
        assert file is not None, "begin comes first"
        with _translated():
            await asyncio.to_thread(_close, file)

    async def settle(self, account: Account) -> None:
        """From here on a power cut leaves all of it, and who pays for it."""
        await asyncio.to_thread(self._settle, account)

    def abandon(self) -> None:
        if self._file is not None:
            with suppress(OSError):  # a full disk
                self._file.close()
        _remove(self._folder)

    def _settle(self, account: Account) -> None:
        with _translated():
            with _account(self._folder).open("xb") as file:
                file.write(to_json(account))
                _close(file)
            for folder, _, _ in os.walk(self._folder):
                _sync(Path(folder))
            _sync(self._folder.parent)

    def _open(self, source: str) -> BinaryIO:
        path = self._folder / source
        with _translated():
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                return path.open("xb")
            except (FileExistsError, NotADirectoryError) as error:
                raise InvalidInput(
                    f"'{source}' is there twice, or is both a file and a folder. "
                    "Give each file a name of its own.",
                    field="files",
                ) from error


@dataclass(frozen=True, slots=True)
class Spool:
    folder: Path
    owner: str

    @staticmethod
    def open(folder: Path) -> "Spool":
        with _translated():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return Spool(folder, _owner(folder / "owner"))

    @asynccontextmanager
    async def incoming(self) -> AsyncIterator[Incoming]:
        """A new folder. It is gone if the block fails."""
        async with _held(self.folder / "gate", fcntl.LOCK_SH):
            files = self._new()
            try:
                yield files
            except BaseException:
                files.abandon()
                raise

    @asynccontextmanager
    async def left_over(self) -> AsyncIterator[tuple[str, ...]]:
        """The jobs that have folders, while no more come in."""
        async with _held(self.folder / "gate", fcntl.LOCK_EX):
            with _translated():
                folders = tuple(entry.name for entry in self.folder.iterdir() if entry.is_dir())
            yield folders

    @asynccontextmanager
    async def sole_runner(self) -> AsyncIterator[None]:
        """Waits until no other process does this directory's jobs."""
        async with _held(self.folder / "runner", fcntl.LOCK_EX, pause=1):
            yield

    def files(self, job: str) -> Path | None:
        folder = self.folder / job
        return folder if folder.is_dir() else None

    def account(self, job: str) -> Account | None:
        """None where an older version kept none."""
        file = _account(self.folder / job)
        with _translated():
            return from_json(Account, file.read_bytes()) if file.exists() else None

    def remove(self, job: str) -> None:
        _remove(self.folder / job)

    def _new(self) -> Incoming:
        folder = self.folder / str(uuid.uuid4())
        with _translated():
            folder.mkdir(mode=0o700)
        return Incoming(folder)


def _owner(file: Path) -> str:
    """Drawn once; of two processes that start at once, one wins."""
    draft = file.with_name(f"owner.{os.getpid()}")
    if not file.exists():
        with draft.open("w") as writing:
            writing.write(uuid.uuid4().hex)
            writing.flush()
            os.fsync(writing.fileno())
        with suppress(FileExistsError):
            os.link(draft, file)
        draft.unlink()
    return file.read_text("ascii")


@asynccontextmanager
async def _held(file: Path, kind: int, pause: float = _PAUSE) -> AsyncIterator[None]:
    with _translated():
        lock = file.open("a")
    with lock:
        while True:
            try:
                fcntl.flock(lock, kind | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(pause)
        yield


def _account(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.json")


def _remove(folder: Path) -> None:
    """The folder last: what is left over is found by it."""
    with suppress(OSError):
        _account(folder).unlink()
    shutil.rmtree(folder, ignore_errors=True)


def _close(file: BinaryIO) -> None:
    with file:
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable(
            f"Uploads cannot be kept ({error.strerror or error}). Make room on the disk of the "
            "data directory and see that it may be written, or set FOREBAY_DATA to another."
        ) from error
