"""What plain text and records become."""

import json

from ingest.parse import parse
from ingest.source import Source
from tests.ingest.reading import path_of, read, texts

NUMBERED = """   Table of Contents

   1. About

   2. Use

      2.1. Daily

   Chapter 1. About

   Why it is there. Its reasons:

    1. Old things

    2. New things

   Chapter 2. Use

   2.1. Daily

   Every day.
"""


def test_blank_lines_part_paragraphs_and_lines_stay() -> None:
    assert texts(read("a.txt", "one\ntwo\n\n \nthree")) == ["one\ntwo", "three"]


def test_underlined_lines_are_headings_by_order_of_their_marks() -> None:
    parsed = read("a.txt", "Guide\n=====\n\nFirst\n-----\n\none\n\nSecond\n------\n\ntwo")
    assert path_of(parsed, "two") == ("Guide", "Second")


def test_the_rule_of_a_table_is_no_underline() -> None:
    assert not texts(read("a.txt", "Name  Days\nsick  30\n----------\nall"), "heading")


def test_numbered_lines_are_headings_and_their_table_of_contents_is_not() -> None:
    parsed = read("a.txt", NUMBERED)
    assert path_of(parsed, "Every day.") == ("Chapter 2. Use", "2.1. Daily")
    assert len(texts(parsed, "heading")) == 3


def test_numbered_items_are_no_headings() -> None:
    assert not texts(read("a.txt", "To do:\n\n1. Buy milk\n\n2. Sell eggs\n\n3. Rest"), "heading")


def test_a_record_has_title_text_and_metadata() -> None:
    record = {"_id": "d1", "title": "T", "text": "One.", "metadata": {"year": 1950, "deep": {}}}
    parsed = parse(Source("d1", json.dumps(record).encode(), is_record=True))
    assert (parsed.title, parsed.text, parsed.metadata) == ("T", "One.", {"year": 1950})


def test_a_format_nobody_knows_is_read_as_text() -> None:
    assert texts(read("NOTES.xyz", "some text")) == ["some text"]
