"""Paths → the files under them: files, folders in sorted order, globs, corpora of BEIR's layout.

Hidden files are left out, and so are links out of the ingested folder: a link must not bring
in what its owner cannot see there. Knows nothing of formats beyond a corpus.
"""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from domain.documents import DocumentRecord
from domain.errors import InvalidInput
from ingest.corpus import is_corpus

_MAGIC = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Root:
    """What one of the paths covers: the documents that have gone when they are not found."""

    name: str  # as documents remember it
    names: re.Pattern[str] | None = None  # of the documents; None: all that lie under it
    is_file: bool = False  # one file was named, and may be gone

    def covers(self, record: DocumentRecord) -> bool:
        inside = record.root == self.name or self._is_corpus_inside(record.root)
        return inside and (self.names is None or bool(self.names.fullmatch(record.source)))

    def _is_corpus_inside(self, root: str) -> bool:
        return is_corpus(Path(root)) and root.startswith(f"{self.name}/") and not self.is_file


@dataclass(frozen=True, slots=True)
class Found:
    """A file to be read. One that cannot be is kept, with its problem, for the report."""

    path: Path
    name: str  # relative to its root, POSIX
    root: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Walked:
    roots: tuple[Root, ...]
    found: tuple[Found, ...]


def find(paths: Sequence[str], *, root: str | None = None, may_be_gone: bool = False) -> Walked:
    """All files under these paths. `root`: what documents remember instead of their folder."""
    roots: list[Root] = []
    found: dict[Found, None] = {}
    for path in dict.fromkeys(paths):
        under, files = _under(Path(path), may_be_gone=may_be_gone)
        roots.append(under if root is None else Root(root))
        named = root or under.name
        found |= dict.fromkeys(
            Found(file.path, file.name, str(file.path) if _own(file, root) else named, file.problem)
            for file in files
        )
    return Walked(tuple(roots), tuple(found))


def _own(file: Found, root: str | None) -> bool:
    """A corpus is the root of its own records."""
    return root is None and is_corpus(file.path)


def _under(path: Path, *, may_be_gone: bool) -> tuple[Root, Iterator[Found]]:
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError) as error:  # 3.11 and 3.12 raise RuntimeError for a loop of links
        if _MAGIC.search(path.name) or any(_MAGIC.search(part) for part in path.parts):
            return _glob(path)
        if may_be_gone and path.parent.is_dir():
            return _file(path.parent.resolve() / path.name), iter(())
        raise InvalidInput(f"There is no file or folder {path}.", field="paths") from error
    if real.is_dir():
        return Root(str(real)), _walk(real)
    if is_corpus(real) and real.is_file():
        return Root(str(real)), iter([Found(real, real.name, "")])
    if real.is_file():
        return _file(real.parent / path.name), iter([Found(real, printable(path.name), "")])
    raise InvalidInput(f"{path} is neither a file nor a folder.", field="paths")


def _file(path: Path) -> Root:
    return Root(str(path.parent), re.compile(re.escape(printable(path.name))), is_file=True)


def _glob(path: Path) -> tuple[Root, Iterator[Found]]:
    """`docs/**/*.md`: the files of `docs` whose names match the rest."""
    parts = path.parts
    first = next(  # a folder whose own name looks like a glob is that folder
        i
        for i, part in enumerate(parts)
        if _MAGIC.search(part) and not Path(*parts[: i + 1]).exists()
    )
    folder = Path(*parts[:first])
    if not folder.is_dir():
        raise InvalidInput(f"There is no folder {folder} to look for {path} in.", field="paths")
    real = folder.resolve()
    names = _pattern(parts[first:])
    return Root(str(real), names), (f for f in _walk(real) if f.problem or names.fullmatch(f.name))


def _pattern(parts: Sequence[str]) -> re.Pattern[str]:
    """`**` stands for any folders; `*`, `?` and `[…]` stay within a name."""
    pieces = [r"(?:[^/]+/)*" if part == "**" else _part(part) + "/" for part in parts]
    last = pieces.pop()
    return re.compile("".join(pieces) + (r".*" if parts[-1] == "**" else last[:-1]), re.DOTALL)


def _part(part: str) -> str:
    made = ""
    for piece in re.findall(r"\[!?\]?[^]]*\]|.", part, re.DOTALL):
        if piece in "*?":
            made += r"[^/]*" if piece == "*" else r"[^/]"
        elif len(piece) > 1:
            inside = piece[1:-1].replace("\\", r"\\")
            made += f"[^{inside[1:]}]" if inside.startswith("!") else f"[{inside}]"
        else:
            made += re.escape(piece)
    return made


def _walk(root: Path) -> Iterator[Found]:
    """Files before folders, each in the order of their names; not recursive, for deep trees."""
    folders = [(root, "")]
    while folders:
        folder, prefix = folders.pop()
        try:
            with os.scandir(folder) as entries:
                ordered = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            yield Found(folder, prefix or "/", "", f"It cannot be opened: {error.strerror}.")
            continue
        inner = []
        for entry in ordered:
            name = prefix + printable(entry.name)
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                inner.append((folder / entry.name, f"{name}/"))
            elif _belongs(entry, root):
                yield Found(folder / entry.name, name, "")
        folders += reversed(inner)


def _belongs(entry: "os.DirEntry[str]", root: Path) -> bool:
    """A regular file that lies under the root, be it through a link."""
    try:
        if not entry.is_symlink():
            return entry.is_file(follow_symlinks=False)
        return entry.is_file() and Path(entry.path).resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError):
        return False


def printable(name: str) -> str:
    """Names may be any bytes; what travels on is proper Unicode, and two stay two."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def lies_under(source: str, folder: str) -> bool:
    return folder == "/" or PurePosixPath(source).is_relative_to(folder)
