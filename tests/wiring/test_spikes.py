"""What is out of the usual is found, and what is usual is not."""

import random

import pytest

from wiring.spikes import spikes

DAYS = [f"2026-10-{day:02}" for day in range(1, 31)]
ME = ("acme",)
DOLLAR = 1_000_000


def found(costs: list[int], *, since: str = DAYS[0]) -> list[str]:
    spent = {day: cost for day, cost in zip(DAYS, costs, strict=False) if cost}
    return [spike.when for spike in spikes({ME: spent}, DAYS, since=since)]


def test_a_day_that_costs_ten_times_as_much_is_a_spike() -> None:
    assert found([DOLLAR] * 20 + [10 * DOLLAR] + [DOLLAR] * 9) == [DAYS[20]]


def test_days_that_go_up_and_down_are_none() -> None:
    chance = random.Random(3)
    assert found([round(DOLLAR * chance.uniform(0.6, 1.4)) for _ in DAYS]) == []


def test_one_spike_does_not_hide_the_next() -> None:
    costs = [DOLLAR] * 30
    costs[15] = costs[17] = 9 * DOLLAR
    assert found(costs) == [DAYS[15], DAYS[17]]


def test_cents_are_not_worth_a_word() -> None:
    assert found([1_000] * 20 + [100_000]) == []


def test_a_week_of_history_comes_first() -> None:
    assert found([DOLLAR] * 6 + [9 * DOLLAR]) == []
    assert found([DOLLAR] * 7 + [9 * DOLLAR]) == [DAYS[7]]


def test_days_without_calls_count_as_nothing_spent() -> None:
    assert found([1] + [0] * 9 + [DOLLAR]) == [DAYS[10]]


def test_what_was_before_the_period_is_history_alone() -> None:
    costs = [DOLLAR] * 10 + [9 * DOLLAR] + [DOLLAR] * 5
    assert found(costs, since=DAYS[11]) == []


def test_less_than_usual_is_no_spike() -> None:
    assert found([DOLLAR] * 20 + [1]) == []


def test_an_hour_is_compared_with_the_same_hour_of_other_days() -> None:
    hours = [f"2026-10-{day:02}T{hour:02}" for day in range(1, 11) for hour in range(24)]
    busy = {when: 5 * DOLLAR for when in hours if when.endswith("T09")}
    assert spikes({ME: busy}, hours, since=hours[0], step=24) == []
    busy["2026-10-10T03"] = 5 * DOLLAR
    assert [s.when for s in spikes({ME: busy}, hours, since=hours[0], step=24)] == ["2026-10-10T03"]


def test_a_spike_says_what_was_usual() -> None:
    costs = dict(zip(DAYS, [DOLLAR] * 20 + [9 * DOLLAR], strict=False))
    (spike,) = spikes({ME: costs}, DAYS, since=DAYS[0])
    assert (spike.cost_microdollars, spike.usual_microdollars) == (9 * DOLLAR, DOLLAR)
    assert spike.score == pytest.approx(32.0)
