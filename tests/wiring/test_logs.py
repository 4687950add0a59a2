"""A log line is JSON with its request's name, and libraries keep their bodies to themselves."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from domain.request_id import REQUEST_ID
from wiring.logs import set_up_log


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    set_up_log("auto", stream)
    yield stream
    root.handlers = before
    root.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_says_when_where_and_what(stream: io.StringIO) -> None:
    logging.getLogger("gateway.books").warning("%d calls wait", 3, extra={"tenant": "acme"})
    (line,) = lines(stream)
    assert line.pop("at").endswith("Z")
    assert line == {
        "level": "warning", "logger": "gateway.books", "event": "3 calls wait", "tenant": "acme",
    }  # fmt: skip


def test_a_line_bears_the_request_that_it_is_about(stream: io.StringIO) -> None:
    token = REQUEST_ID.set("abc")
    logging.getLogger("api").info("request")
    REQUEST_ID.reset(token)
    logging.getLogger("api").info("other")
    assert [line.get("request_id") for line in lines(stream)] == ["abc", None]


def test_an_error_comes_on_one_line_with_its_trace(stream: io.StringIO) -> None:
    try:
        raise ValueError("no")
    except ValueError:
        logging.getLogger("api").exception("broken")
    (line,) = lines(stream)
    assert "ValueError: no" in line["exception"]


@pytest.mark.parametrize("library", ["openai", "httpx2", "anthropic", "qdrant_client"])
def test_what_libraries_say_of_their_requests_stays_out(stream: io.StringIO, library: str) -> None:
    logging.getLogger(library).info("POST {'input': 'a question'}")
    assert stream.getvalue() == ""


def test_a_terminal_gets_text() -> None:
    stream = io.StringIO()
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        set_up_log("text", stream)
        logging.getLogger("api").info("request", extra={"status": 200})
    finally:
        root.handlers, root.level = before, level
    assert "request" in stream.getvalue()
    assert "status=200" in stream.getvalue()
