"""The embedded engine's errors as ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from domain.errors import DataDirectoryBusy, NotFound, Unavailable


@contextmanager
def engine_errors(collection: str, folder: Path) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if type(error) is not Exception:  # the engine raises bare Exceptions; others are ours
            raise
        raise _translated(collection, folder, str(error)) from error


def _translated(collection: str, folder: Path, said: str) -> NotFound | Unavailable:
    if "WouldBlock" in said:
        return DataDirectoryBusy(
            f"Another process holds collection '{collection}' in {folder}. Wait until it ends, "
            "or set FOREBAY_DATA to another directory, or FOREBAY_QDRANT__URL to share a server."
        )
    if "not initialized" in said:  # dropped while this call waited
        return NotFound(f"There is no collection '{collection}' any more.")
    return Unavailable(
        f"The embedded store failed on collection '{collection}' in {folder}: {said}."
    )
