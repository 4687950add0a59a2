"""What goes to the worker and comes back is the same on both sides."""

from domain.documents import Block
from ingest.draft import Parsed
from ingest.source import Source
from ingest.wire import Refused, decode_answer, decode_source, encode_answer, encode_source


def test_a_source_survives_the_way() -> None:
    source = Source("é.md", b"\x00bytes", is_record=True)
    assert decode_source(encode_source(source)) == source


def test_what_was_parsed_survives_the_way() -> None:
    blocks = (Block("heading", 0, 3, ("A", "B")), Block("code", 5, 9, (), 2))
    parsed = Parsed("T", "# A\n\nx = 1", blocks, "text/markdown", {"a": ("x", "y"), "n": 1})
    assert decode_answer(encode_answer(parsed)) == parsed


def test_a_refusal_survives_the_way() -> None:
    assert decode_answer(encode_answer(Refused("It is empty."))) == Refused("It is empty.")
