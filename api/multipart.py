"""The body of an upload, as it comes in, becomes files in the spool; none is held in memory.

Knows what a form looks like and how large a file may be, and nothing of what is done with it.
"""

from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import HTTPException, Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from domain.errors import InvalidInput
from wiring.spool import Incoming

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

FORM = "multipart/form-data"
_FIELD_BYTES = 10_000
_MOST_FILES = 1_000
_FILES = frozenset({"file", "files"})


@dataclass(frozen=True, slots=True)
class Part:
    """What the form says of one of its parts before its content."""

    field: str
    filename: str | None = None

    @property
    def is_file(self) -> bool:
        return self.filename is not None


Event = Part | bytes | None  # a part begins, some of its content, it ends


async def form(request: Request) -> AsyncIterator[Event]:
    """What a multipart body says, in order. One that ends too early is an InvalidInput."""
    parser = _Parser(request.headers.get("content-type", ""))
    async for data in _body(request):
        for event in parser.feed(data):
            yield event
    if not parser.complete:
        raise _malformed("it ends before its last boundary")


async def raw(request: Request, name: str) -> AsyncIterator[Event]:
    """A body that is the file itself, as a form with one part."""
    yield Part("file", name)
    async for data in _body(request):
        yield data
    yield None


async def _body(request: Request) -> AsyncIterator[bytes]:
    coding = request.headers.get("content-encoding", "identity")
    if coding != "identity":
        detail = f"The body is encoded ({coding[:100]}). Send it plain."
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail)
    try:
        async for data in request.stream():
            if data:
                yield data
    except ClientDisconnect as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "The body broke off.") from error


async def receive(
    events: AsyncIterator[Event],
    files: Incoming,
    *,
    name: Callable[[str], str],
    fields: Collection[str] = (),
    most_bytes: int,
) -> dict[str, str]:
    """Files go to the spool, under what `name` makes of theirs; the other fields come back."""
    values: dict[str, bytes] = {}
    part = Part("")
    size = 0
    async for event in events:
        if isinstance(event, Part):
            part, size = event, 0
            if part.filename is not None:
                _check_file(part, files)
                await files.begin(name(part.filename))
            else:
                _check_field(part, values, fields)
                values[part.field] = b""
        elif event is None:
            if part.is_file:
                await files.end()
        else:
            size += len(event)
            if part.is_file:
                _check_size(part, size, most_bytes)
                await files.write(event)
            else:
                _check_size(part, size, _FIELD_BYTES)
                values[part.field] += event
    return {field: _text(value) for field, value in values.items()}


class _Parser:
    """Bytes of a body → what they say, in order."""

    def __init__(self, content_type: str) -> None:
        kind, options = parse_options_header(content_type)
        if kind != FORM.encode() or not options.get(b"boundary"):
            raise InvalidInput(
                f"The Content-Type is {content_type[:100]!r}. Send files as {FORM} with a boundary."
            )
        self.complete = False
        self._events: list[Event] = []
        self._name = self._value = self._disposition = b""
        callbacks: MultipartCallbacks = {
            "on_part_begin": self._part,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header,
            "on_headers_finished": self._headers,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._all,
        }
        with _translated():
            self._parser = MultipartParser(options[b"boundary"], callbacks)

    def feed(self, data: bytes) -> list[Event]:
        self._events = []
        with _translated():
            self._parser.write(data)
        return self._events

    def _part(self) -> None:
        self._disposition = b""

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header(self) -> None:
        if self._name.lower() == b"content-disposition":
            self._disposition = self._value
        self._name = self._value = b""

    def _headers(self) -> None:
        options = parse_options_header(self._disposition)[1]
        filename = options.get(b"filename")
        field = _text(options.get(b"name", b""))
        self._events.append(Part(field, None if filename is None else _text(filename)))

    def _data(self, data: bytes, start: int, end: int) -> None:
        self._events.append(data[start:end])

    def _end(self) -> None:
        self._events.append(None)

    def _all(self) -> None:
        self.complete = True


def _check_file(part: Part, files: Incoming) -> None:
    if part.field not in _FILES:
        raise InvalidInput(f"A file came as '{part.field}'. Call the field 'files'.", field="files")
    if len(files.sources) >= _MOST_FILES:
        raise InvalidInput(
            f"An upload may have {_MOST_FILES:,} files. Send several.", field="files"
        )


def _check_field(part: Part, values: Collection[str], fields: Collection[str]) -> None:
    field = part.field[:100]
    if field in _FILES:
        raise InvalidInput("A file needs a name: send `filename` with it.", field=field)
    if field not in fields:
        known = ", ".join(["files", *fields])
        raise InvalidInput(f"There is no field '{field}'; there are {known}.", field=field)
    if field in values:
        raise InvalidInput(f"The field '{field}' is there twice.", field=field)


def _check_size(part: Part, size: int, most: int) -> None:
    if size > most:
        what = part.filename or part.field
        remedy = " FOREBAY_UPLOAD__FILE_MB sets this." if part.is_file else ""
        detail = f"'{what[:100]}' has more than {most:,} bytes.{remedy}"
        raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except FormParserError as error:
        raise _malformed(str(error)) from error


def _malformed(reason: str) -> InvalidInput:
    return InvalidInput(f"The body is no {FORM} ({reason[:200]}).")


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")
