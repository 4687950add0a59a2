"""Rankings for several wordings become one."""

from domain.hits import Hit
from retrieval.joined import joined
from tests.values import a_hit


def hits(**scores: float) -> list[Hit]:
    return [a_hit(score, id=name) for name, score in scores.items()]


def order(*lists: list[Hit]) -> str:
    return "".join(hit.chunk.id for hit in joined(lists))


def test_one_ranking_stays_as_it_is() -> None:
    assert joined([hits(a=2.0, b=1.0)]) == hits(a=2.0, b=1.0)


def test_what_both_wordings_find_comes_first() -> None:
    assert order(hits(a=2.0, b=1.9, c=0.0), hits(b=2.0, d=1.0, a=0.0))[0] == "b"


def test_the_question_counts_for_more_than_another_wording() -> None:
    assert order(hits(a=2.0, b=1.0), hits(b=2.0, a=1.0)) == "ab"


def test_a_wording_that_finds_nothing_changes_nothing() -> None:
    assert order(hits(a=2.0, b=1.0), []) == "ab"
