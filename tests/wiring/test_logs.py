"""A log line is JSON with its request's name, and libraries keep their bodies to themselves."""

import asyncio
import gc
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from domain.errors import InvalidInput, ModelRejected, ParseFailed, Unavailable
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


def type_of(error: Exception) -> str:
    return type(error).__name__


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


def test_an_error_comes_on_one_line_with_its_places_and_without_its_words(
    stream: io.StringIO,
) -> None:
    try:
        try:
            raise ValueError("quokka")
        except ValueError as error:
            raise ModelRejected("quokka") from error
    except ModelRejected:
        logging.getLogger("api").exception("broken")
    (line,) = lines(stream)
    said = line["exception"].splitlines()
    assert [one for one in said if not one.startswith(" ")] == ["ValueError", "ModelRejected"]
    assert said[1].startswith("  tests.wiring.test_logs:")
    assert "quokka" not in str(line)


def test_of_an_error_whose_words_are_ours_they_are_told(stream: io.StringIO) -> None:
    error = Unavailable("The disk is full.")
    logging.getLogger("api").warning("jobs wait: %s", error)
    logging.getLogger("api").error("broken", exc_info=error)
    first, second = lines(stream)
    assert first["event"] == "jobs wait: The disk is full."
    assert second["exception"] == "Unavailable: The disk is full."


@pytest.mark.parametrize(
    "error", [InvalidInput("quokka"), ParseFailed("quokka"), KeyError("quokka")], ids=type_of
)
def test_an_error_among_what_is_written_is_its_kind(stream: io.StringIO, error: Exception) -> None:
    logging.getLogger("api").warning("job %s failed: %s", "j", error)
    (line,) = lines(stream)
    assert line["event"] == f"job j failed: {type(error).__name__}"


def test_of_a_group_each_error_is_told(stream: io.StringIO) -> None:
    group = ExceptionGroup("quokka", [ValueError("quokka"), TypeError("quokka")])
    logging.getLogger("api").error("broken", exc_info=group)
    (line,) = lines(stream)
    assert line["exception"].splitlines() == ["ExceptionGroup", "ValueError", "TypeError"]


async def test_a_task_that_nobody_waited_for_keeps_its_words(stream: io.StringIO) -> None:
    async def fail() -> None:
        raise ValueError("quokka")

    task = asyncio.create_task(fail())
    await asyncio.wait({task})
    del task
    gc.collect()
    (line,) = lines(stream)
    assert line["exception"].startswith("ValueError\n")
    assert "quokka" not in str(line)


def test_a_library_that_sets_its_own_level_is_not_heard(stream: io.StringIO) -> None:
    logger = logging.getLogger("openai")
    logger.setLevel(logging.DEBUG)
    try:
        logger.debug("POST {'input': 'quokka'}")
    finally:
        logger.setLevel(logging.NOTSET)
    assert stream.getvalue() == ""


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
