"""What plain text, code, tables and records become."""

import json

import pytest

from domain.errors import ParseFailed
from ingest.parse import parse
from ingest.source import Source
from tests.ingest.reading import path_of, read, texts


def test_blank_lines_part_paragraphs_and_lines_stay() -> None:
    assert texts(read("a.txt", "one\ntwo\n\n \nthree")) == ["one\ntwo", "three"]


def test_underlined_lines_are_headings_by_order_of_their_marks() -> None:
    parsed = read("a.txt", "Guide\n=====\n\nFirst\n-----\n\none\n\nSecond\n------\n\ntwo")
    assert path_of(parsed, "two") == ("Guide", "Second")


def test_the_rule_of_a_table_is_no_underline() -> None:
    assert not texts(read("a.txt", "Name  Days\nsick  30\n----------\nall"), "heading")


def test_code_keeps_its_indentation() -> None:
    parsed = read("a.py", "def f():\n    return 1\n\n\n    # inner\n")
    assert texts(parsed, "code") == ["def f():\n    return 1", "    # inner"]


def test_a_row_says_its_columns() -> None:
    parsed = read("a.csv", "Name,Phone\nAnna,12\nBo,\n")
    assert texts(parsed, "table") == ["| Name: Anna | Phone: 12 |\n| Name: Bo |"]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"], ids=["comma", "semicolon", "tab", "bar"])
def test_the_delimiter_is_seen(mark: str) -> None:
    data = f"A{mark}B\n1{mark}two, three\n".replace("two, three", '"two, three"')
    assert texts(read("a.csv", data)) == ["| A: 1 | B: two, three |"]


def test_a_cell_may_have_lines() -> None:
    assert texts(read("a.csv", 'A,B\n1,"two\nlines"\n')) == ["| A: 1 | B: two lines |"]


def test_rows_without_names_for_columns_stay_rows() -> None:
    assert texts(read("a.csv", "1,2\n3,4\n")) == ["| 1 | 2 |\n| 3 | 4 |"]


def test_a_record_has_title_text_and_metadata() -> None:
    record = {"_id": "d1", "title": "T", "text": "One.", "metadata": {"year": 1950, "deep": {}}}
    parsed = parse(Source("d1", json.dumps(record).encode(), is_record=True))
    assert (parsed.title, parsed.text, parsed.metadata) == ("T", "One.", {"year": 1950})


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.md", b" \n", "empty"),
        ("a.md", b"<!-- nothing -->", "no text"),
        ("a.bin", b"\x00\x01\x02" * 99, "binary"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1...", "encrypted or an old"),
        ("a.docx", b"PK\x03\x04 cut off", "damaged"),
        ("a.pdf", b"%PDF-1.4 cut off", "damaged"),
        ("a.html", b"<html><body><script>x</script></body></html>", "no text"),
    ],
    ids=["blank", "comment", "binary", "ole", "cut-docx", "cut-pdf", "script"],
)
def test_what_cannot_be_read_says_why(name: str, data: bytes, reason: str) -> None:
    with pytest.raises(ParseFailed, match=reason):
        read(name, data)


def test_a_format_nobody_knows_is_read_as_text() -> None:
    assert texts(read("NOTES.xyz", "some text")) == ["some text"]


def test_the_content_says_more_than_the_name() -> None:
    assert read("a.txt", "<html><body><p>Hello</p></body></html>").media_type == "text/html"
