"""Passages are pinned when that makes a question cheaper, and only then."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.plan import Boundary, Shown, plan

BOUNDARY = Boundary(tokens=2_000, least=1_024, hit=0.95)
NO_LIMIT = 10**9


def some(*times: int, tokens: int = 200) -> list[Shown]:
    return [Shown(f"c{number}", tokens, n) for number, n in enumerate(times)]


def test_what_nearly_every_question_shows_is_pinned() -> None:
    assert [one.id for one in plan(some(950, 30), 1_000, BOUNDARY, NO_LIMIT).pinned] == ["c0"]


def test_what_is_shown_seldom_stays_behind_the_boundary() -> None:
    assert plan(some(90, 30), 1_000, BOUNDARY, NO_LIMIT).pinned == ()


def test_the_saving_is_what_the_prices_say() -> None:
    made = plan(some(1_000), 1_000, BOUNDARY, NO_LIMIT)
    price = 0.95 * 0.1 + 0.05
    assert (made.before, made.after) == pytest.approx((2_000 * price + 200, 2_200 * price))


def test_no_more_is_pinned_than_the_limit() -> None:
    made = plan(some(990, 980, 970), 1_000, BOUNDARY, limit=400)
    assert [one.id for one in made.pinned] == ["c0", "c1"]


def test_few_questions_are_no_evidence() -> None:
    assert plan(some(1, 1), 3, BOUNDARY, NO_LIMIT).pinned == ()


def test_a_prefix_that_is_too_short_to_be_cached_is_filled_up() -> None:
    short = Boundary(tokens=700, least=1_024, hit=0.95)
    made = plan(some(*[900] * 3, tokens=150), 1_000, short, NO_LIMIT)
    assert len(made.pinned) == 3
    assert made.after < made.before / 2


def test_nothing_is_pinned_where_little_is_found_in_the_cache() -> None:
    rare = Boundary(tokens=2_000, least=1_024, hit=0.1, miss=1.25)
    assert plan(some(900), 1_000, rare, NO_LIMIT).pinned == ()


@given(
    st.lists(st.tuples(st.integers(1, 900), st.integers(0, 500)), max_size=20),
    st.floats(0, 1),
    st.integers(0, 4_000),
)
def test_a_plan_is_never_expected_to_cost_more(
    seen: list[tuple[int, int]], hit: float, prefix: int
) -> None:
    shown = [Shown(str(n), tokens, times) for n, (tokens, times) in enumerate(seen)]
    made = plan(shown, 500, Boundary(prefix, 1_024, hit, miss=1.25), NO_LIMIT)
    assert made.after <= made.surely + 1e-6 <= made.before + 2e-6
