"""What goes to the worker and comes back is the same on both sides."""

from domain.documents import Block, Link
from ingest.draft import Parsed
from ingest.source import Source
from ingest.wire import Refused, decode_answer, decode_source, encode_answer, encode_source


def test_a_source_survives_the_way() -> None:
    source = Source("é.md", b"\x00bytes", is_record=True)
    assert decode_source(encode_source(source)) == source


def test_a_name_of_raw_bytes_survives_the_way() -> None:
    source = Source("bad\udcff.txt", b"x")
    assert decode_source(encode_source(source)) == source


def test_what_was_parsed_survives_the_way() -> None:
    parsed = Parsed(
        title="T",
        text="# A\n\nx = 1",
        blocks=(Block("heading", 0, 3, ("A", "B")), Block("table", 5, 9, (), 2, headed=True)),
        media_type="text/markdown",
        language="en",
        links=(Link(0, 3, "http://a"),),
        metadata={"a": ("x", "y"), "n": 1},
    )
    assert decode_answer(encode_answer(parsed)) == parsed


def test_a_refusal_survives_the_way_with_its_kind() -> None:
    refused = Refused("It is empty.", "empty")
    assert decode_answer(encode_answer(refused)) == refused
