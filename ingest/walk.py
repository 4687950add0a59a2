"""Paths → sources: files, folders in sorted order, and corpora of BEIR's layout.

Hidden files are left out, and so are links out of the ingested folder: a link must not bring
in what its owner cannot see there. Knows nothing of formats beyond a corpus.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.errors import InvalidInput, ParseFailed
from ingest.corpus import is_corpus, records
from ingest.source import Source

_MOST_BYTES = 512 * 2**20


@dataclass(frozen=True, slots=True)
class Found:
    """A file to be read. One that cannot be is kept, with its problem, for the report."""

    path: Path
    name: str
    documents: int = 1
    problem: str = ""


def find(paths: Sequence[Path]) -> list[Found]:
    """All files under these paths; no two documents have the same name."""
    found: list[Found] = []
    owners: dict[str, Path] = {}
    for path in dict.fromkeys(paths):
        for item in _under(path):
            if is_corpus(item.path):
                names = [record.name for record in records(item.path)]
            else:
                names = [item.name]
            _claim(names, item.path, owners)
            found.append(Found(item.path, item.name, len(names), item.problem))
    return found


def read(found: Found) -> Iterator[Source]:
    """The documents of one file, read now."""
    if found.problem:
        raise ParseFailed(found.problem)
    if is_corpus(found.path):
        yield from records(found.path)
        return
    try:
        if (size := found.path.stat().st_size) > _MOST_BYTES:
            raise ParseFailed(
                f"It has {size // 2**20} MB, at most {_MOST_BYTES // 2**20} are read."
            )
        yield Source(found.name, found.path.read_bytes())
    except OSError as error:
        raise ParseFailed(f"It cannot be read: {error.strerror}.") from error


def _claim(names: list[str], path: Path, owners: dict[str, Path]) -> None:
    for name in names:
        if name in owners:
            raise InvalidInput(
                f"'{name}' would stand for two documents, one of {owners[name]} and one of {path}. "
                "Ingest the folder that holds both, or them into different collections.",
                field="paths",
            )
        owners[name] = path


def _under(path: Path) -> Iterator[Found]:
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError) as error:  # 3.11 and 3.12 raise RuntimeError for a loop of links
        raise InvalidInput(f"There is no file or folder {path}.", field="paths") from error
    if real.is_dir():
        yield from _walk(real, real)
    elif real.is_file():
        yield Found(path, _printable(path.name))
    else:
        raise InvalidInput(f"{path} is neither a file nor a folder.", field="paths")


def _walk(folder: Path, root: Path) -> Iterator[Found]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        yield Found(folder, _name(folder, root), 1, f"It cannot be opened: {error.strerror}.")
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir() and not entry.is_symlink():
            yield from _walk(entry, root)
        elif _belongs(entry, root):
            yield Found(entry, _name(entry, root))


def _belongs(entry: Path, root: Path) -> bool:
    """A regular file that lies under the root, be it through a link."""
    try:
        return entry.is_file() and entry.resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError):
        return False


def _name(path: Path, root: Path) -> str:
    return _printable(path.relative_to(root).as_posix())


def _printable(name: str) -> str:
    """Names may be any bytes; what travels on is proper Unicode."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
