"""The service's log: one line of JSON an event, or text on a terminal, with the request's name.

Names, numbers and errors of our own; never a key, a question or a document. What libraries say of
their requests stays out: at their lower levels they write bodies.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Literal, TextIO

import structlog
from structlog.types import Processor, WrappedLogger

from domain.request_id import REQUEST_ID

Form = Literal["auto", "json", "text"]

_OURS = ("answering", "api", "eval", "forebay", "gateway", "ingest", "retrieval", "wiring")


def set_up_log(form: Form, stream: TextIO | None = None) -> None:
    """For the whole process. `auto` is text on a terminal, and JSON elsewhere."""
    stream = stream or sys.stderr
    as_text = form == "text" or (form == "auto" and stream.isatty())
    before: list[Processor] = [
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
        after += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=before, processors=after)
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for name in _OURS:
        logging.getLogger(name).setLevel(logging.INFO)


def _of_request(
    _: WrappedLogger, __: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    if name := REQUEST_ID.get():
        event["request_id"] = name
    return event
