"""CSV and its relatives."""

import pytest

from tests.ingest.reading import read, texts


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


def test_a_quote_that_is_never_closed_costs_only_its_row() -> None:
    rows = texts(read("a.csv", 'A,B\n1,"open\n2,closed\n'))[0].splitlines()
    assert rows[1] == "| A: 2 | B: closed |"


def test_a_caption_above_the_table_is_not_its_head() -> None:
    parsed = read("a.csv", "Stock of pumps,,\nName,Days,Place\nP1,3,Bonn\n")
    assert texts(parsed) == ["Stock of pumps", "| Name: P1 | Days: 3 | Place: Bonn |"]


def test_rows_of_other_lengths_lose_nothing() -> None:
    assert texts(read("a.csv", "A,B\n1,2,3\n4\n")) == ["| A: 1 | B: 2 | 3 |\n| A: 4 |"]


def test_a_huge_cell_is_read() -> None:
    assert "last" in read("a.csv", f"A,B\n{'x' * 200_000},y\nlast,z\n").text
