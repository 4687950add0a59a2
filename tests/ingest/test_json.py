"""JSON: records whole, under the path that leads to them."""

import json

import pytest

from domain.errors import ParseFailed
from tests.ingest.reading import path_of, read, texts


def of(value: object) -> str:
    return json.dumps(value)


def test_a_list_of_like_objects_is_a_table_whose_rows_name_their_fields() -> None:
    parsed = read("a.json", of([{"a": 1, "b": "x"}, {"a": 2, "b": None}]))
    assert texts(parsed, "table") == ["| a: 1 | b: x |\n| a: 2 |"]


def test_short_fields_of_an_object_stand_together() -> None:
    assert texts(read("a.json", of({"host": "db", "port": 5, "tls": True}))) == [
        "host: db\nport: 5\ntls: true"
    ]


def test_what_lies_deeper_is_a_section_under_its_names() -> None:
    parsed = read("a.json", of({"pumps": {"p1": {"speed": 40}}}))
    assert path_of(parsed, "speed: 40") == ("pumps", "p1")


def test_a_record_with_lists_in_it_stays_whole() -> None:
    parsed = read("a.json", of([{"id": 1, "tags": ["x", "y"], "by": {"name": "Ann"}}]))
    assert texts(parsed) == ["id: 1\ntags: x, y\nby.name: Ann"]


def test_a_document_in_a_list_is_a_section_with_its_text() -> None:
    parsed = read("a.jsonl", of({"title": "Leave", "text": "One.\n\nTwo.", "year": 7}))
    assert texts(parsed) == ["# Leave", "One.", "Two.", "year: 7"]
    assert path_of(parsed, "Two.") == ("Leave",)


def test_numbers_stay_as_they_are_written_however_long() -> None:
    assert "9" * 5000 in read("a.json", '{"n": ' + "9" * 5000 + "}").text


def test_a_broken_line_of_many_costs_only_itself() -> None:
    assert texts(read("a.jsonl", '{"a": 1}\n{"a"\n{"a": 3}\n')) == ["a: 1", "a: 3"]


def test_lines_that_are_mostly_broken_are_refused() -> None:
    with pytest.raises(ParseFailed, match="2 of its 3 lines"):
        read("a.jsonl", '{"a": 1}\nx\ny\n')


def test_a_title_in_the_file_is_its_title() -> None:
    assert read("a.json", of({"title": "Pumps", "n": 1})).title == "Pumps"
