"""Files → their bytes, as sources. Knows nothing of what is in them."""

import time
from collections.abc import Iterator
from pathlib import Path

from domain.errors import ParseFailed
from ingest.corpus import is_corpus, records
from ingest.source import Source, Unreadable
from ingest.walk import Found

_MOST_BYTES = 512 * 2**20
_TRIES = 5
_PAUSE = 0.2  # seconds, for whoever is writing to the file


def read(found: Found) -> Iterator[Source | Unreadable]:
    """The documents of one file, read now."""
    if found.problem:
        yield Unreadable(found.name, found.problem)
    elif is_corpus(found.path):
        yield from records(found.path)
    else:
        try:
            yield Source(found.name, _bytes(found.path))
        except ParseFailed as error:
            yield Unreadable(found.name, str(error))
        except OSError as error:
            yield Unreadable(found.name, f"It cannot be read: {error.strerror}.")


def _bytes(path: Path) -> bytes:
    """One state of the file, whole: not half of one and half of the next."""
    for _ in range(_TRIES):
        before = path.stat()
        if before.st_size > _MOST_BYTES:
            raise ParseFailed(
                f"It has {before.st_size // 2**20} MB, at most {_MOST_BYTES // 2**20} are read."
            )
        data = path.read_bytes()
        after = path.stat()
        if (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, len(data)):
            return data
        time.sleep(_PAUSE)
    raise ParseFailed("It is being written to. Ingest it again when that is done.")
