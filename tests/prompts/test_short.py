"""A prefix that is too short to be cached is said to be, with what helps and from where it pays."""

import pytest

from prompts.plan import Boundary
from prompts.sets import Library
from prompts.short import Needs, length_of, pays_from, shortfall
from tests.provider.tokens import counter

USUAL, FULLER = "answer/v1", "answer/v2"


def test_a_prefix_that_is_long_enough_is_passed_over() -> None:
    assert shortfall(USUAL, Library(), counter(), Needs("tiny", 100)) == ""


def test_the_fuller_set_is_named_with_the_share_from_which_it_pays() -> None:
    said = shortfall(USUAL, Library(), counter(), Needs("gpt-5.4", 1024))
    assert f"take {FULLER} (1,0" in said
    assert "which costs less where 82% of the questions" in said


def test_a_set_that_is_still_too_short_is_not_named() -> None:
    assert FULLER not in shortfall(USUAL, Library(), counter(), Needs("gemini-3.1-pro", 4096))


def test_the_fuller_set_is_long_enough_for_most_models() -> None:
    assert length_of(FULLER, Library(), counter()) >= 1_024


@pytest.mark.parametrize("miss", [1.0, 1.25, 2.0])
def test_at_the_break_even_both_sets_cost_the_same(miss: float) -> None:
    free = Boundary(1_000, 1_024, 0.0, miss)
    share = pays_from(300, 1_100, free)
    at = Boundary(1_100, 1_024, share, miss)
    assert 1_100 * at.price(1_100) == pytest.approx(300 * at.price(300))
