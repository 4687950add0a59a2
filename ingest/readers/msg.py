"""A message that Outlook saved (.msg): a container of properties, of which a few are read.

Its text is the plain one, else the HTML page, else the RTF, which is compressed. Told apart from
other files in such containers by the stream that lists its properties.
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import olefile

from domain.errors import ParseFailed
from ingest.decode import clean
from ingest.draft import Draft
from ingest.readers.mail import text_of, write_attachments, write_page
from ingest.readers.rtf import write_rtf

_PROPERTIES = "__properties_version1.0"
_ATTACHMENT = "__attach_version1.0_"
_SUBJECT, _CLASS, _BODY, _PAGE, _RICH = 0x0037, 0x001A, 0x1000, 0x1013, 0x1009
_SENDER, _ADDRESS, _SMTP, _TO = 0x0C1A, 0x0C1F, 0x5D01, 0x0E04
_SENT, _ARRIVED = 0x0039, 0x0E06
_LONG_NAME, _SHORT_NAME, _CONTENT_ID, _MESSAGE = 0x3707, 0x3704, 0x3712, "__substg1.0_3701000D"
_HIDDEN, _MIME = 0x7FFE, 0x370E
_TEXT_PAGE, _HTML_PAGE = 0x3FFD, 0x3FDE  # code pages
_STRING, _STRING8, _BINARY = "001F", "001E", "0102"
_ENTRY = struct.Struct("<HHI8s")
_HEADS = {"message": 32, "embedded": 24, "attachment": 8}  # bytes before the first entry
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_MOST = 200  # messages in messages
_UTF8 = 65001
# What the compressed form takes for known.
_KNOWN = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
    b"\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0"
    b"\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_WINDOW = 4096
_COMPRESSED, _STORED = b"LZFu", b"MELA"

Path = tuple[str, ...]


def read_msg(data: bytes) -> Draft:
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as container:
            return _read(container)
    except (OSError, struct.error, IndexError, ValueError, TypeError) as error:
        raise ParseFailed("It is no Outlook message, or is damaged.", kind="corrupt") from error


def _read(container: olefile.OleFileIO) -> Draft:
    if not container.exists(_PROPERTIES):
        raise ParseFailed(
            "It is no Outlook message, but another file of old Office. "
            "Save it as .docx, .xlsx, .pptx or .pdf.",
            kind="unsupported",
        )
    first = _Part(container, (), "message")
    draft = Draft(title=first.text(_SUBJECT))
    draft.metadata.update({name: value for name, value in _about(first).items() if value})
    todo, seen = [(first, 1)], 0
    while todo and seen < _MOST:
        part, level = todo.pop()
        todo += [(inner, level + 1) for inner in reversed(_write(part, draft, level))]
        seen += 1
    if not draft.parsed("", "").blocks:
        raise ParseFailed("The message has neither a subject nor text.", kind="no_text")
    return draft


def _write(part: "_Part", draft: Draft, level: int) -> "list[_Part]":
    """One message; those that are attached to it are yet to be written."""
    draft.leave(level)
    draft.heading(part.text(_SUBJECT), level)
    if level > 1:
        about = [f"{name.capitalize()}: {value}" for name, value in _about(part).items() if value]
        draft.add("paragraph", "\n".join(about))
    if not _write_body(part, draft, level) and "SMIME" in part.text(_CLASS).upper():
        raise ParseFailed(
            "It is encrypted or signed as a whole. Save it without that.", kind="encrypted"
        )
    names, within = [], []
    for attached in part.attachments():
        if attached.container.exists([*attached.path, _MESSAGE]):
            within.append(_Part(part.container, (*attached.path, _MESSAGE), "embedded"))
        elif not attached.number(_HIDDEN) and not attached.is_shown():
            names.append(attached.text(_LONG_NAME) or attached.text(_SHORT_NAME))
    write_attachments(names, draft)
    return within


def _write_body(part: "_Part", draft: Draft, level: int) -> bool:
    if (body := part.text(_BODY)).strip():
        draft.paragraphs(body)
    elif (page := part.page()).strip():
        write_page(page, draft, level=level)
    elif rich := part.stream(_RICH, _BINARY):
        write_rtf(decompressed(rich), draft, level=level)
    else:
        return False
    return True


def _about(part: "_Part") -> dict[str, str]:
    name, address = part.text(_SENDER), part.text(_SMTP) or part.text(_ADDRESS)
    known = "@" in address and address != name
    sender = f"{name} <{address}>".strip() if known else name
    return {"from": sender, "to": part.text(_TO).rstrip("\0"), "date": part.date()}


@dataclass(frozen=True, slots=True)
class _Part:
    """A message or an attachment: a folder of the container."""

    container: olefile.OleFileIO
    path: Path
    kind: str

    def stream(self, number: int, form: str) -> bytes:
        name = [*self.path, f"__substg1.0_{number:04X}{form}"]
        if not self.container.exists(name):
            return b""
        data: bytes = self.container.openstream(name).read()
        return data

    def text(self, number: int) -> str:
        if data := self.stream(number, _STRING):
            return clean(data.decode("utf-16-le", "replace")).rstrip("\0")
        data = self.stream(number, _STRING8).rstrip(b"\0")
        return text_of(data, _charset(self.number(_TEXT_PAGE))) if data else ""

    def page(self) -> str:
        """Its HTML, which is bytes by the book, but also comes as text."""
        if data := self.stream(_PAGE, _BINARY):
            return text_of(data.rstrip(b"\0"), _charset(self.number(_HTML_PAGE)))
        return self.text(_PAGE)

    def number(self, number: int) -> int:
        return int.from_bytes(self._fixed(number)[:4], "little")

    def is_shown(self) -> bool:
        """A picture within the text."""
        return bool(self.text(_CONTENT_ID)) and self.text(_MIME).startswith("image/")

    def date(self) -> str:
        ticks = self._fixed(_SENT) or self._fixed(_ARRIVED)
        try:
            moment = _EPOCH + timedelta(microseconds=int.from_bytes(ticks, "little") // 10)
        except OverflowError:
            return ""
        return moment.replace(microsecond=0).isoformat() if ticks.strip(b"\0") else ""

    def attachments(self) -> "list[_Part]":
        depth = len(self.path)
        found = {
            tuple(path[: depth + 1])
            for path in self.container.listdir()
            if len(path) > depth + 1
            and tuple(path[:depth]) == self.path
            and path[depth].startswith(_ATTACHMENT)
        }
        return [_Part(self.container, path, "attachment") for path in sorted(found)]

    def _fixed(self, number: int) -> bytes:
        """The value of a property that lies in the list itself; empty: it has none."""
        name = [*self.path, _PROPERTIES]
        if not self.container.exists(name):
            return b""
        data = self.container.openstream(name).read()[_HEADS[self.kind] :]
        for _, known, _, value in _ENTRY.iter_unpack(data[: len(data) // 16 * 16]):
            if known == number:
                return bytes(value)
        return b""


def _charset(page: int) -> str | None:
    """Of a number that Windows gives to it."""
    if not page:
        return None
    return {_UTF8: "utf-8", 20127: "ascii", 28591: "cp1252"}.get(page, f"cp{page}")


def decompressed(data: bytes) -> bytes:
    """RTF as Outlook packs it: eight flags, then for each a byte, or where it was seen before."""
    _, size, form, _ = struct.unpack("<II4sI", data[:16])
    if form == _STORED:
        return data[16 : 16 + size]
    if form != _COMPRESSED:
        raise ValueError(f"the RTF is packed as {form!r}")
    window, to = bytearray(_KNOWN.ljust(_WINDOW, b"\0")), len(_KNOWN)
    out = bytearray()
    for start, count in _steps(data):
        if start == to and count:
            break
        for i in range(count or 1):
            byte = window[(start + i) % _WINDOW] if count else start
            out.append(byte)
            window[to] = byte
            to = (to + 1) % _WINDOW
    return bytes(out[:size])


def _steps(data: bytes) -> Iterator[tuple[int, int]]:
    """Where it was seen and how long it is; or a byte, and 0."""
    at = 16
    while at < len(data):
        flags, at = data[at], at + 1
        for bit in range(8):
            if flags >> bit & 1 and at + 1 < len(data):
                where, at = int.from_bytes(data[at : at + 2], "big"), at + 2
                yield where >> 4, (where & 15) + 2
            elif at < len(data):
                yield data[at], 0
                at += 1
