"""Vectors that outlive the process, in one SQLite file: a text is embedded once a space.

A cache never stops a run: what is wrong with the file is said once, and everything is embedded
anew. Knows nothing of models, nor of whether a vector is any good; a damaged one is not found.
"""

import asyncio
import hashlib
import logging
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from domain.vectors import VectorSpace

Vector = NDArray[np.float32]
T = TypeVar("T")

_LOG = logging.getLogger(__name__)
_LAYOUT = 1  # of the table; a file of another layout is left alone
_AT_ONCE = 500  # texts a statement
_PATIENCE = 10  # seconds for another process that writes
_LEAST_GOING = 16  # entries that go at once when it is full
_STORED = np.dtype("<f4")
_SETTINGS = (
    "PRAGMA page_size = 8192",  # five vectors of 384 numbers
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",  # a killed process loses nothing, a dead machine the newest
    "PRAGMA journal_size_limit = 16777216",
)
_TABLE = """
    CREATE TABLE IF NOT EXISTS vectors (
        age INTEGER PRIMARY KEY,  -- the higher, the younger
        space TEXT NOT NULL,
        text BLOB NOT NULL,  -- SHA-256
        vector BLOB NOT NULL,
        checksum INTEGER NOT NULL,
        UNIQUE (space, text)
    )
"""
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_OTHERS_WRITE = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


class DiskVectorCache:
    """Implements domain.ports.VectorCache. Nothing is opened before it is first used.

    A single text is looked up at once: that takes ten microseconds, to a thread and back under load
    some milliseconds.
    """

    def __init__(self, path: Path, limit: int) -> None:
        self._path = path
        self._limit = limit
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="vectors")
        self._connection: sqlite3.Connection | None = None  # of that thread
        self._reading: sqlite3.Connection | None = None  # of the event loop's
        self._off = limit <= 0
        self._warned = False

    @classmethod
    def open(cls, path: Path, limit: int) -> Self:
        """`limit`: bytes of the file, above which the oldest vectors go. 0: nothing is kept."""
        return cls(path, limit)

    async def find(self, space: VectorSpace, texts: Sequence[str]) -> Mapping[str, Vector]:
        wanted = list(texts)

        def look(connection: sqlite3.Connection) -> dict[str, Vector]:
            return _found(connection, space, wanted)

        if self._reading and len(wanted) == 1:
            with suppress(sqlite3.Error):  # the thread meets the same, and deals with it
                return look(self._reading)
        return await self._attempt(look) or {}

    async def save(self, space: VectorSpace, vectors: Mapping[str, Vector]) -> None:
        kept = dict(vectors)
        if kept:
            await self._attempt(lambda connection: self._write(connection, space, kept))

    def close(self) -> None:
        self._thread.submit(self._disconnect).result()
        self._thread.shutdown()

    async def _attempt(self, action: Callable[[sqlite3.Connection], T]) -> T | None:
        if self._off:
            return None
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, self._attempt_here, action
        )

    def _attempt_here(self, action: Callable[[sqlite3.Connection], T]) -> T | None:
        if self._off:
            return None
        try:
            if self._connection is None:
                self._connection = _connected(self._path)
                self._reading = sqlite3.connect(self._path, timeout=0, check_same_thread=False)
            return action(self._connection)
        except (sqlite3.Error, OSError) as error:
            self._give_up(error)
            return None

    def _give_up(self, error: sqlite3.Error | OSError) -> None:
        """For good, unless the file is sound and only this could not be done."""
        if not self._warned:
            _LOG.warning(
                "The embedding cache %s cannot be used: %s. The run goes on and embeds anew. "
                "Free space, make the file writable, or delete it: it is made again.",
                self._path,
                error,
            )
        self._warned = True
        code = getattr(error, "sqlite_errorcode", None)
        never_opened = self._connection is None and code not in _OTHERS_WRITE
        if never_opened or code in _DAMAGED:
            self._off = True
            self._disconnect()

    def _disconnect(self) -> None:
        for one in (self._reading, self._connection):
            if one is not None:
                one.close()
        self._reading = self._connection = None

    def _write(
        self, connection: sqlite3.Connection, space: VectorSpace, vectors: Mapping[str, Vector]
    ) -> None:
        with connection:  # one transaction
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                "INSERT OR REPLACE INTO vectors (space, text, vector, checksum) "
                "VALUES (?, ?, ?, ?)",
                _rows(space, vectors),
            )
            if _used(connection) > self._limit:
                _drop_oldest(connection, max(2 * len(vectors), _LEAST_GOING))


def _connected(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
    try:
        for setting in _SETTINGS:
            connection.execute(setting)
        (layout,) = connection.execute("PRAGMA user_version").fetchone()
        if layout not in {0, _LAYOUT}:
            raise sqlite3.DatabaseError(f"it is of layout {layout}, not {_LAYOUT}")
        if layout == 0:
            connection.execute(_TABLE)
            connection.execute(f"PRAGMA user_version = {_LAYOUT}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _found(
    connection: sqlite3.Connection, space: VectorSpace, texts: Sequence[str]
) -> dict[str, Vector]:
    by_key = {_key(text): text for text in texts}
    keys = list(by_key)
    found: dict[str, Vector] = {}
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        marks = ",".join("?" * len(some))
        rows = connection.execute(
            "SELECT text, vector, checksum FROM vectors "  # noqa: S608 - marks are ours
            f"WHERE space = ? AND text IN ({marks})",
            [space.id, *some],
        )
        for key, data, checksum in rows:
            if len(data) == space.dimensions * _STORED.itemsize and zlib.crc32(data) == checksum:
                found[by_key[key]] = np.frombuffer(data, dtype=_STORED).astype(np.float32)
    return found


def _rows(
    space: VectorSpace, vectors: Mapping[str, Vector]
) -> Iterator[tuple[str, bytes, bytes, int]]:
    for text, vector in vectors.items():
        data = np.asarray(vector, dtype=_STORED).tobytes()
        yield space.id, _key(text), data, zlib.crc32(data)


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _used(connection: sqlite3.Connection) -> int:
    """Bytes of the file that hold something: what went leaves room, and the file keeps its size."""
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def _drop_oldest(connection: sqlite3.Connection, number: int) -> None:
    connection.execute(
        "DELETE FROM vectors WHERE age IN (SELECT age FROM vectors ORDER BY age LIMIT ?)",
        (number,),
    )
