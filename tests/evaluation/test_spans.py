"""Gold spans are found again where a reader has moved or cleaned their characters."""

from eval.labels import Span
from eval.spans import LOST, lost, place


def placed(span: Span, text: str) -> Span:
    return place({"q": (span,)}, {"a.md": text})["q"][0]


def test_a_span_that_is_in_its_place_stays() -> None:
    span = Span("a.md", 4, 7, "def")
    assert placed(span, "abc def") == span


def test_a_span_without_text_is_believed() -> None:
    span = Span("a.md", 4, 7)
    assert placed(span, "abc def") == span


def test_white_space_and_marks_may_differ() -> None:
    span = Span("a.md", 10, 30, "**28 days**\nof leave")
    found = placed(span, "We have 28 days of leave.")
    assert (found.start, found.end) == (8, 24)


def test_of_several_places_the_nearest_is_taken() -> None:
    found = placed(Span("a.md", 21, 24, "day"), "day .... day ..... day ....")
    assert found.start == 19


def test_a_span_that_is_nowhere_is_lost() -> None:
    spans = place({"q": (Span("a.md", 0, 4, "gone"),)}, {"a.md": "other"})
    assert spans["q"][0].source == LOST
    assert lost(spans) == 1


def test_a_span_of_a_document_that_is_not_there_is_lost() -> None:
    assert lost(place({"q": (Span("b.md", 0, 4, "text"),)}, {"a.md": "text"})) == 1
