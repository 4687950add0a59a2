"""What is shown within a budget is what the service would show, and gold is counted in it."""

import pytest

from eval.budget import Gold, document_recall, shown, span_scores
from eval.labels import Span
from eval.spans import LOST
from tests.values import a_hit

HITS = [a_hit(source=f"{n}.md", text=f"text {n}", tokens=300) for n in range(40)]


def test_a_larger_budget_shows_more() -> None:
    found = shown(HITS[:8], HITS, Gold(frozenset({"0.md", "5.md"}))).measures
    assert (found["R@500t"], found["R@1000t"], found["R@2000t"]) == (0.5, 0.5, 1.0)


def test_the_curve_goes_on_beyond_what_the_service_shows() -> None:
    found = shown(HITS[:8], HITS, Gold(frozenset({"9.md"})))
    assert found.tokens == 8 * 300
    assert found.measures["Shown R"] == 0.0
    assert found.measures["R@4000t"] == 1.0


def test_span_recall_counts_each_gold_character_once() -> None:
    hits = [a_hit(start=0, end=10), a_hit(start=5, end=15)]
    gold = [Span("a.md", 8, 18), Span("a.md", 12, 20)]
    assert span_scores(hits, gold)[0] == pytest.approx(7 / 12)


def test_span_precision_pays_for_what_is_shown_twice() -> None:
    hits = [a_hit(start=0, end=10), a_hit(start=0, end=10)]
    assert span_scores(hits, [Span("a.md", 0, 10)]) == (1.0, 0.5)


def test_a_span_in_another_document_is_not_covered() -> None:
    assert span_scores([a_hit(start=0, end=10)], [Span("b.md", 0, 10)]) == (0.0, 0.0)


def test_a_lost_span_counts_as_missed() -> None:
    gold = [Span("a.md", 0, 10), Span(LOST, 0, 10, "gone text.")]
    assert span_scores([a_hit(start=0, end=10)], gold)[0] == 0.5


def test_a_question_without_relevant_documents_has_no_recall() -> None:
    assert document_recall(HITS, frozenset()) == 0.0
