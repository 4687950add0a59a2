"""What the model is shown fits the budget, in rank order; what is dropped has its reason."""

from hypothesis import given
from hypothesis import strategies as st

from answering.fit import fit
from tests.values import a_hit


@given(sizes=st.lists(st.integers(1, 400), max_size=30), budget=st.integers(1, 2000))
def test_shown_passages_fit_the_budget_and_nothing_gets_lost(sizes: list[int], budget: int) -> None:
    hits = [a_hit(text=str(i), tokens=size) for i, size in enumerate(sizes)]
    shown, dropped = fit(hits, budget)
    assert sum(hit.chunk.tokens for hit in shown) <= budget
    assert sorted(h.chunk.text for h in (*shown, *(d.hit for d in dropped))) == sorted(
        h.chunk.text for h in hits
    )


def test_rank_order_is_kept() -> None:
    hits = [a_hit(text=name, tokens=10) for name in "cab"]
    assert [hit.chunk.text for hit in fit(hits, 1000)[0]] == ["c", "a", "b"]


def test_the_same_text_is_shown_once() -> None:
    shown, dropped = fit([a_hit(text="same", source="a"), a_hit(text="same", source="b")], 1000)
    assert [hit.chunk.source for hit in shown] == ["a"]
    assert "already shown" in dropped[0].reason


def test_a_passage_that_does_not_fit_says_how_much_was_left() -> None:
    _, dropped = fit([a_hit(text="long", tokens=500)], 100)
    assert dropped[0].reason == "needs 504 tokens, 100 of 100 are left"
