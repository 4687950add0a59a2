"""One thing to ingest, as it was read: a name, its bytes, and what kind of thing it is.

The kind is told by the content first and by the name second, since names lie.
"""

import io
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from domain.ids import content_hash

RECORD = "record"  # a line of a corpus, not a file
_SUFFIXES = {
    "markdown": "md",
    "mdx": "md",
    "htm": "html",
    "xhtml": "html",
    "tsv": "csv",
    "tab": "csv",
    "docm": "docx",
    "xlsm": "xlsx",
}
_OFFICE = {"word/": "docx", "ppt/": "pptx", "xl/": "xlsx"}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True)
class Source:
    name: str  # a POSIX path relative to the ingested root, or the id of a record
    data: bytes
    is_record: bool = False

    @cached_property
    def content_hash(self) -> str:
        return content_hash(self.data)

    @cached_property
    def kind(self) -> str:
        if self.is_record:
            return RECORD
        suffix = PurePosixPath(self.name).suffix[1:].lower()
        return _by_content(self.data) or _SUFFIXES.get(suffix, suffix)


def _by_content(data: bytes) -> str | None:
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"%pdf-"):
        return "pdf"
    if start.startswith((b"<!doctype html", b"<html")):
        return "html"
    if data.startswith(_OLE):
        return "ole"
    return _office(data) if data.startswith(b"PK\x03\x04") else None


def _office(data: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError):
        return None  # its reader will say what is wrong with it
    return next(
        (kind for part, kind in _OFFICE.items() if any(n.startswith(part) for n in names)), None
    )
