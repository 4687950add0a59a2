"""The test tells a difference from chance, and gives the same figures every time."""

import numpy as np
import pytest

from eval.significance import Change, changes


def change(*sets: list[float]) -> Change:
    return changes([np.array(one)[:, None] for one in sets])[0]


def test_the_same_everywhere_is_no_difference() -> None:
    assert change([0.0] * 20) == Change(0.0, 1.0, 0.0, 0.0, 0, 0, 20)


def test_a_gain_on_every_query_is_no_chance() -> None:
    found = change([0.1] * 20)
    assert found.p < 0.001
    assert found.low > 0


def test_one_lucky_query_is_chance() -> None:
    assert change([1.0] + [0.0] * 19).p > 0.9


def test_p_is_that_of_all_sign_flips() -> None:
    # of the 8 ways to sign three equal gains, 2 are as far from nothing
    assert change([0.1, 0.1, 0.1]).p == pytest.approx(0.25, abs=0.02)


def test_two_runs_give_the_same_figures() -> None:
    values = list(np.random.default_rng(1).normal(0.02, 0.2, 50))
    assert change(values) == change(values)


def test_the_interval_is_the_usual_one_for_many_queries() -> None:
    values = list(np.random.default_rng(2).normal(0.0, 1.0, 400))
    found, error = change(values), np.std(values) / 20
    assert found.high - found.low == pytest.approx(2 * 1.96 * error, rel=0.05)


def test_a_large_set_does_not_outvote_a_small_one() -> None:
    assert change([0.1] * 1000, [-0.1] * 10).mean == pytest.approx(0.0)


def test_wins_and_losses_are_counted_over_all_sets() -> None:
    found = change([0.1, 0.0], [-0.1, 0.2, 0.0])
    assert (found.wins, found.losses, found.ties) == (2, 1, 2)
