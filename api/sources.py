"""What a document that came over HTTP is called: its file's name, made safe to be a path."""

import re
import unicodedata
from pathlib import PurePosixPath

from domain.errors import InvalidInput

_PART_BYTES = 240  # file systems take 255
_NAME_BYTES = 1_000
_ABSOLUTE = re.compile(r"/|[A-Za-z]:/")


def source_name(given: str, field: str) -> str:
    r"""`a\b.md` → `a/b.md`, `C:\docs\b.md` → `b.md`; what cannot be a name is refused."""
    path = given.replace("\\", "/")
    name = PurePosixPath(path).name if _ABSOLUTE.match(path) else str(PurePosixPath(path))
    if wrong := _wrong(name):
        raise InvalidInput(f"A document cannot be called {given[:100]!r}: {wrong}.", field=field)
    return name


def _wrong(name: str) -> str:
    parts = name.split("/")
    if name in {"", "."}:
        return "that is no name"
    if ".." in parts:
        return "'..' leads out of where it belongs"
    if any(part.startswith(".") for part in parts):
        return "names with a leading dot are hidden files, which are left out"
    if any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in name):
        return "it holds a control character"
    if len(name.encode()) > _NAME_BYTES or any(len(p.encode()) > _PART_BYTES for p in parts):
        return f"it is too long ({_PART_BYTES} bytes between slashes, {_NAME_BYTES:,} in all)"
    return ""
