"""Reads what `backup.py` wrote: says whether it is whole, and puts it where nothing is yet."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from domain.errors import InvalidInput, NotFound, Unavailable
from retrieval.durable import copy_sparsely
from wiring.backup import (
    COLLECTIONS,
    MANIFEST,
    STATE,
    UPLOADS,
    Backup,
    is_empty,
    listed,
    state_file,
    translated,
)
from wiring.codec import from_json
from wiring.owner import own
from wiring.settings import Settings

_DRAFT = "restoring"


def verify(folder: Path) -> Backup:
    """Raises what is wrong with it: every byte is read."""
    made = _manifest(folder)
    with translated(f"Reading {folder}"):
        there = {file.path: file for file in listed(folder)}
        wrong = [file.path for file in made.files if there.get(file.path) != file]
        wrong += sorted(there.keys() - {file.path for file in made.files})
        if wrong:
            raise Unavailable(
                f"The backup {folder} is not as it was made: {', '.join(wrong[:3])}"
                f"{f' and {len(wrong) - 3} more' if wrong[3:] else ''} differ. Take another one."
            )
        _check_state(folder / STATE)
    return made


def restore(folder: Path, settings: Settings) -> Backup:
    """Into the data directory, where nothing is of what it brings."""
    state = state_file(settings)
    with own(settings.data, "forebay restore"), translated(f"The restore into {settings.data}"):
        _check_empty(settings.data, state)
        draft = settings.data / _DRAFT
        shutil.rmtree(draft, ignore_errors=True)  # of one that was killed
        shutil.copytree(folder, draft, copy_function=copy_sparsely)
        made = verify(draft)  # the copy, so that nothing else is ever served
        for name in (COLLECTIONS, UPLOADS):
            shutil.rmtree(settings.data / name, ignore_errors=True)
            (draft / name).rename(settings.data / name)
        state.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(draft / STATE, state)
        shutil.rmtree(draft)
    return made


def _manifest(folder: Path) -> Backup:
    try:
        return from_json(Backup, (folder / MANIFEST).read_bytes())
    except OSError as error:
        raise NotFound(
            f"{folder} is no backup: it has no {MANIFEST}, which is written when all else is. "
            "Name a folder that `forebay backup` made, or make the backup again."
        ) from error
    except ValueError as error:
        raise Unavailable(f"{folder / MANIFEST} cannot be read. Take another backup.") from error


def _check_state(path: Path) -> None:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as state:
        (said,) = state.execute("PRAGMA integrity_check").fetchone()
    if said != "ok":
        raise Unavailable(f"The state in {path} is damaged ({said}). Take another backup.")


def _check_empty(data: Path, state: Path) -> None:
    uploads = data / UPLOADS
    waiting = uploads.is_dir() and any(entry.is_dir() for entry in uploads.iterdir())
    wal = state.with_name(f"{state.name}-wal")  # another database's: SQLite would read it
    for path, full in (
        (state, state.exists()),
        (wal, wal.exists()),
        (data / COLLECTIONS, not is_empty(data / COLLECTIONS)),
        (uploads, waiting),
    ):
        if full:
            raise InvalidInput(
                f"{path} is there already, and a restore replaces nothing. Set FOREBAY_DATA to "
                "an empty directory, or move this one away.",
                field="data",
            )
