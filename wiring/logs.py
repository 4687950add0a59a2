"""The service's log: one line of JSON an event, or text on a terminal, with the request's name.

Names, numbers and errors of our own; never a key, a question or a document. So of an error that was
not foreseen it says the kind and the places it came through, and no words: they may quote anything.
What libraries say of their requests stays out: at their lower levels they write bodies.
"""

import logging
import sys
from collections.abc import Iterator, MutableMapping
from traceback import walk_tb
from typing import Any, Literal, TextIO

import structlog
from structlog.types import Processor, WrappedLogger

from domain.errors import ForebayError
from domain.request_id import REQUEST_ID

Form = Literal["auto", "json", "text"]

_OURS = ("answering", "api", "eval", "forebay", "gateway", "ingest", "retrieval", "wiring")


def set_up_log(form: Form, stream: TextIO | None = None) -> None:
    """For the whole process. `auto` is text on a terminal, and JSON elsewhere."""
    stream = stream or sys.stderr
    as_text = form == "text" or (form == "auto" and stream.isatty())
    before: list[Processor] = [
        _without_words,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.stdlib.ExtraAdder(),
        _of_request,
    ]
    after: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if as_text:
        after.append(structlog.dev.ConsoleRenderer(colors=stream.isatty()))
    else:
        after.append(structlog.processors.JSONRenderer())
    handler = logging.StreamHandler(stream)
    handler.addFilter(_is_heard)
    handler.setFormatter(_Wordless(foreign_pre_chain=before, processors=after))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for name in _OURS:
        logging.getLogger(name).setLevel(logging.INFO)


class _Wordless(structlog.stdlib.ProcessorFormatter):
    """An error among what is written is told without words of others, too."""

    def format(self, record: logging.LogRecord) -> str:
        if isinstance(args := record.args, tuple):
            record = logging.makeLogRecord(record.__dict__)
            record.args = tuple(_said(a) if isinstance(a, BaseException) else a for a in args)
        return super().format(record)


def _is_heard(record: logging.LogRecord) -> bool:
    """A library may set its own level, by an environment variable of its own."""
    return record.levelno >= logging.WARNING or record.name.partition(".")[0] in _OURS


def _without_words(
    _: WrappedLogger, __: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    found = event.pop("exc_info", None)
    error = found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        event["exception"] = "\n".join(_trace(error))
        event["event"] = event["event"].partition("\n")[0]  # asyncio's goes on with the error
    return event


def _trace(error: BaseException) -> Iterator[str]:
    """Kinds and places, what it came from first."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before:
        yield from _trace(before)
    kind, said = type(error).__name__, _said(error)
    yield kind if said == kind else f"{kind}: {said}"
    for frame, line in walk_tb(error.__traceback__):
        name = frame.f_globals.get("__name__", "?")
        yield f"  {name}:{line} in {frame.f_code.co_name}"
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _trace(one)


def _said(error: BaseException) -> str:
    """Its words where they are ours alone, else its kind."""
    ours = isinstance(error, ForebayError) and not error.quotes
    return str(error) if ours else type(error).__name__


def _of_request(
    _: WrappedLogger, __: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    if name := REQUEST_ID.get():
        event["request_id"] = name
    return event
