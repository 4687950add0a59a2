"""What kind of thing a file is: told by its first bytes, then by its name, since names lie.

A kind names a reader in `ingest/parse.py`, or a refusal here. Reads no more than it must: of a
zip archive only the list of its parts.
"""

import io
import re
import zipfile
from pathlib import PurePosixPath

from domain.errors import ParseFailed
from ingest.decode import looks_binary
from ingest.lexicon import lexicon

_OWN = (
    *("csv", "docx", "eml", "epub", "html", "ipynb", "json", "jsonl", "md", "msg", "odt", "pdf"),
    *("pptx", "rst", "rtf", "txt", "xlsx", "xml"),
)
_NAMED = lexicon("suffixes")
_SUFFIXES = {
    **{kind: kind for kind in _OWN},
    **{suffix: kind for kind, suffixes in _NAMED.items() for suffix in suffixes},
}
_ZIPPED = frozenset({"docx", "pptx", "xlsx", "epub", "odt"})
_NEVER_TEXT = _ZIPPED | {"pdf", "msg", "rtf"}
_CODE = frozenset(
    {
        *("code", "c", "cpp", "csharp", "go", "java", "javascript", "php", "python", "ruby"),
        *("rust", "tsx", "typescript"),
    }
)
_PARTS = {"word/": "docx", "ppt/": "pptx", "xl/": "xlsx"}
_MIMETYPES = {
    b"application/epub+zip": "epub",
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.text-template": "odt",
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_BINARY = (
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"\x7fELF", "a program"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"\x1f\x8b\x08", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"SQLite format 3\x00", "a database"),
    (b"OggS\x00", "a sound"),
    (b"ID3\x03", "a sound"),
    (b"ID3\x04", "a sound"),
)
_REFUSALS = {
    "encrypted": ("It is encrypted. Save it without a password.", "encrypted"),
    "ole": (
        (
            "It is an old binary Office file (.doc, .xls, .ppt). "
            "Save it as .docx, .xlsx, .pptx or .pdf."
        ),
        "unsupported",
    ),
    "zip": ("It is an archive, not a document. Unpack it and ingest what is in it.", "unsupported"),
    "broken": ("It is damaged: an archive that is cut off or broken.", "corrupt"),
}
_START = 1024
_HTML = re.compile(rb"(?:<!--.*?-->\s*|<\?xml[^>]*>\s*)*<(?:!doctype\s+html|html)\b", re.DOTALL)


def kind_of(name: str, data: bytes) -> str:
    named = kind_by_name(name)
    if found := _by_signature(data, named):
        return found
    if named in _NEVER_TEXT:
        return named if looks_binary(data) else _by_markup(data) or "txt"
    if named in _CODE:
        return named  # a template or a script may begin with markup and is none
    return _by_markup(data) or named or "txt"


def refuse(kind: str, data: bytes) -> None:
    """Raises for what no reader is for."""
    if kind == "binary":
        what = next((what for magic, what in _BINARY if data.startswith(magic)), "binary")
        raise ParseFailed(f"It is {what}, and has no text that can be read.", kind="binary")
    if kind in _REFUSALS:
        message, reason = _REFUSALS[kind]
        raise ParseFailed(message, kind=reason)


def kind_by_name(name: str) -> str:
    path = PurePosixPath(name)
    if path.name.lower() in _NAMED["names"]:
        return "code"
    return _SUFFIXES.get(path.suffix[1:].lower().strip(), "")


def _by_signature(data: bytes, named: str) -> str:
    if data.startswith(_OLE):
        return _ole(data)
    if data.startswith(_ZIP):
        return _zip(data, named)
    if any(data.startswith(magic) for magic, _ in _BINARY):
        return "binary"
    start = data[:_START]
    if start.lstrip().startswith(b"%PDF-") or (named == "pdf" and b"%PDF-" in start):
        return "pdf"
    return "rtf" if start.startswith(b"{\\rtf") else ""


def _by_markup(data: bytes) -> str:
    start = data[:_START].lstrip(b"\xef\xbb\xbf \t\r\n")
    if _HTML.match(start.lower()):
        return "html"
    return "xml" if start.startswith(b"<?xml") else ""


def _ole(data: bytes) -> str:
    """Office's container of old, told by the names of the streams in it."""
    if _wide("EncryptedPackage") in data:
        return "encrypted"
    return "msg" if _wide("__properties_version1.0") in data else "ole"


def _wide(name: str) -> bytes:
    return name.encode("utf-16-le")


def _zip(data: bytes, named: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if "mimetype" in names and archive.getinfo("mimetype").file_size < _START:
                found = _MIMETYPES.get(archive.read("mimetype").strip())
                if found or named not in _ZIPPED:
                    return found or "zip"
    except (zipfile.BadZipFile, ValueError, OSError, RuntimeError, NotImplementedError, EOFError):
        return named if named in _ZIPPED else "broken"  # the reader will say what is wrong with it
    for part, kind in _PARTS.items():
        if any(name.startswith(part) for name in names):
            return kind
    if "META-INF/container.xml" in names:
        return "epub"
    return "odt" if {"content.xml", "META-INF/manifest.xml"} <= set(names) else "zip"
