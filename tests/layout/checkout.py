"""The files of this checkout: all but those that .gitignore names. Needs no git."""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path, PurePosixPath

from pathspec import GitIgnoreSpec

ROOT = Path(__file__).parents[2]


@cache
def files() -> tuple[PurePosixPath, ...]:
    return tuple(sorted(_walk()))


def folders() -> set[str]:
    """Those at the top; hidden ones (`.ci`) are tools, not parts."""
    return {path.parts[0] for path in files() if len(path.parts) > 1 and path.parts[0][0] != "."}


def packages() -> set[str]:
    """The top-level packages that are installed: all but the two that only a checkout has."""
    found = {path.parts[0] for path in files() if path.parts[1:] == ("__init__.py",)}
    return found - {"tests", "bench"}


def modules() -> Iterator[PurePosixPath]:
    return (path for path in files() if path.suffix == ".py")


def read(path: PurePosixPath | str) -> str:
    return (ROOT / path).read_text("utf-8")


def _walk() -> Iterator[PurePosixPath]:
    ignored = GitIgnoreSpec.from_lines([".git", *read(".gitignore").splitlines()])
    for folder, inner, names in os.walk(ROOT):
        here = PurePosixPath(Path(folder).relative_to(ROOT).as_posix())
        inner[:] = [name for name in inner if not ignored.match_file(f"{here / name}/")]
        yield from (here / name for name in names if not ignored.match_file(str(here / name)))
