"""Markers become citations with the exact place of their words."""

import pytest

from answering.citations import cite
from domain.prompt import Evidence
from tests.values import a_chunk

TEXT = "Copies are made at night. Backups are kept for 35 days. The room is blue."
EVIDENCE = [
    Evidence(1, a_chunk(text=TEXT, start=100, end=100 + len(TEXT))),
    Evidence(2, a_chunk(text="Only the duty engineer may restore one.", source="b.md")),
]


def test_the_quote_is_the_sentence_that_the_statement_stands_on() -> None:
    (citation,) = cite("They keep backups for 35 days [1].", EVIDENCE)
    assert citation.quote == "Backups are kept for 35 days."
    assert TEXT[citation.start - 100 : citation.end - 100] == citation.quote


@pytest.mark.parametrize("markers", ["[1][2]", "[1] [2]", "[1, 2]"])
def test_rows_of_markers_stand_behind_the_same_statement(markers: str) -> None:
    found = cite(f"Kept 35 days {markers}.", EVIDENCE)
    assert [citation.label for citation in found] == [1, 2]


def test_a_number_that_was_not_shown_cites_nothing() -> None:
    assert cite("It is so [7].", EVIDENCE) == ()


def test_the_same_sentence_is_cited_once() -> None:
    assert len(cite("Kept 35 days [1]. Backups are kept [1].", EVIDENCE)) == 1


def test_two_sentences_of_a_passage_are_two_citations() -> None:
    found = cite("Backups are kept for 35 days [1]. Copies are made at night [1].", EVIDENCE)
    assert [citation.quote for citation in found] == [
        "Backups are kept for 35 days.", "Copies are made at night.",
    ]  # fmt: skip


def test_what_the_answer_quotes_is_quoted_whole() -> None:
    said = "Copies are made at night. Backups are kept\nfor 35 days. [1]"
    (citation,) = cite(said, EVIDENCE)
    assert citation.quote == "Copies are made at night. Backups are kept for 35 days."


def test_an_answer_without_markers_has_no_citations() -> None:
    assert cite("Not in these documents.", EVIDENCE) == ()
