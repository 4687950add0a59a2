"""An embedded data directory belongs to one process; this says which, and how to reach it.

The lock is the kernel's (flock), so it goes with the process however that ends. Beside it
the owner writes who it is; a service also writes its address and a token, readable by the
same user alone, with which other commands reach it.
"""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from domain.errors import DataDirectoryBusy, Misconfigured


@dataclass(frozen=True, slots=True)
class Owner:
    pid: int
    command: str
    url: str | None = None  # of a service
    token: str = field(default="", repr=False)


@contextmanager
def own(data: Path, command: str) -> Iterator[None]:
    """Hold the directory until the block ends, or raise DataDirectoryBusy naming the owner."""
    _make(data)
    with (data / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DataDirectoryBusy(_busy(data, read_owner(data))) from error
        _write(data, Owner(os.getpid(), command))
        try:
            yield
        finally:
            (data / "owner.json").unlink(missing_ok=True)


def announce(data: Path, url: str) -> str:
    """Called by the owner once it listens: others may now go through its HTTP API."""
    token = secrets.token_urlsafe(32)
    _write(data, Owner(os.getpid(), "forebay serve", url, token))
    return token


def service_of(data: Path) -> Owner | None:
    """The service that holds this directory, if one does."""
    try:
        lock = (data / "lock").open("r+")
    except OSError:
        return None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = read_owner(data)
            return owner if owner and owner.url else None
    return None


def read_owner(data: Path) -> Owner | None:
    try:
        return Owner(**json.loads((data / "owner.json").read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _make(data: Path) -> None:
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(
            f"The data directory {data} cannot be made ({error.strerror}). Set FOREBAY_DATA."
        ) from error


def _write(data: Path, owner: Owner) -> None:
    draft = data / f"owner.json.{owner.pid}"
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(asdict(owner)), "utf-8")
    draft.replace(data / "owner.json")


def _busy(data: Path, owner: Owner | None) -> str:
    who = f"process {owner.pid} ({owner.command})" if owner else "another process"
    return (
        f"The data directory {data} is held by {who}. Wait until it ends, or set FOREBAY_DATA "
        "to another directory, or FOREBAY_QDRANT__URL to share a Qdrant server."
    )
