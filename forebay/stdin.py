"""Standard input as a file, so that whoever ingests it may be another process.

It lies in the data directory, which a service that holds it can read, in a folder named for
this process; what a killed one left there goes with the next.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from domain.errors import InvalidInput, Misconfigured

_FOLDER = "stdin"


@contextmanager
def spooled(data: Path, stream: BinaryIO | None = None) -> Iterator[Path]:
    """The file with all that `stream` had, until the block ends."""
    stream = stream or sys.stdin.buffer
    if stream.isatty():
        raise InvalidInput(
            "'-' reads documents from standard input, which is this terminal. Pipe them in: "
            "`forebay ingest - < documents.jsonl`.",
            field="paths",
        )
    folder = data.absolute() / _FOLDER / str(os.getpid())
    try:
        yield _keep(stream, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _keep(stream: BinaryIO, folder: Path) -> Path:
    try:
        _sweep(folder.parent)
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "corpus.jsonl").open("wb") as file:
            shutil.copyfileobj(stream, file, 1 << 20)
    except OSError as error:
        raise Misconfigured(
            f"Standard input cannot be kept in {folder} ({error.strerror}). Set FOREBAY_DATA to a "
            "directory with room for it."
        ) from error
    return folder / "corpus.jsonl"


def _sweep(parent: Path) -> None:
    for left in parent.glob("*"):
        if left.name.isdecimal() and not _runs(int(left.name)):
            shutil.rmtree(left, ignore_errors=True)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
