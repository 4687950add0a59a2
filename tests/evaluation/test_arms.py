"""Two arms of a trial, compared by what the ledger has of them."""

import random

import pytest

from domain.completion import Usage
from domain.records import LedgerRow
from eval.arms import Measured, compare


def a_row(arm: str, cost: int = 100, **parts: object) -> LedgerRow:
    usual: dict[str, object] = {
        "at": "2026-11-03T09:30:00+00:00",
        "tenant": "acme",
        "endpoint": "ask",
        "model": f"model of {arm}",
        "prompt_version": "answer/v1",
        "prefix_fingerprint": "",
        "usage": Usage(),
        "cost_microdollars": cost,
        "seconds": 1.0,
        "finish": "stop",
        "arm": arm,
        "found": True,
    }
    return LedgerRow(**{**usual, **parts})  # type: ignore[arg-type]


def measured(rows: list[LedgerRow], name: str) -> Measured:
    return next(one for one in compare(rows).measures if one.name == name)


def drawn(arm: str, number: int, mean: int) -> list[LedgerRow]:
    seeded = random.Random(f"{arm} {number}")
    return [a_row(arm, max(0, round(seeded.gauss(mean, 30)))) for _ in range(number)]


def test_a_difference_beyond_chance_is_seen() -> None:
    cost = measured([*drawn("control", 200, 100), *drawn("canary", 60, 150)], "cost")
    assert cost.p < 0.01
    assert cost.low > 0
    assert cost.canary - cost.control == pytest.approx(0.00005, abs=0.00001)


def test_chance_is_not_taken_for_a_difference() -> None:
    rows = [a_row("control", cost) for cost in (70, 90, 110, 130) * 50]
    rows += [a_row("canary", cost) for cost in (90, 110, 130) * 3]
    cost = measured(rows, "cost")
    assert cost.p > 0.05
    assert cost.low < 0 < cost.high


def test_shares_are_compared() -> None:
    rows = [a_row("control", found=i % 10 != 0) for i in range(100)]
    rows += [a_row("canary", found=i % 2 != 0) for i in range(100)]
    found = measured(rows, "found")
    assert (found.control, found.canary) == (0.9, 0.5)
    assert found.p < 0.01


def test_arms_that_are_the_same_differ_by_chance_alone() -> None:
    rows = [a_row(arm) for arm in ("control", "canary") for _ in range(20)]
    assert measured(rows, "refused").p == 1


def test_calls_of_one_request_are_one_question() -> None:
    first = a_row("canary", 30, request="r", finish="broken", found=None, at="2026-11-03T09:00Z")
    rows = [first, a_row("canary", 70, request="r"), a_row("control")]
    assert compare(rows).arms[1].questions == 1
    assert measured(rows, "cost").canary == pytest.approx(0.0001)
    assert measured(rows, "failed").canary == 0


def test_only_answers_count_and_nobody_who_left() -> None:
    rows = [a_row("canary"), a_row("canary", endpoint="understand"), a_row("canary", finish="left")]
    assert compare([*rows, a_row("control"), a_row("")]).arms[1].questions == 1


def test_a_measure_that_an_arm_has_not_is_left_out() -> None:
    names = [one.name for one in compare([a_row("control"), a_row("canary", found=None)]).measures]
    assert "found" not in names
    assert "first word" not in names


def test_it_says_whose_models_and_prompts_and_that_they_are_few() -> None:
    found = compare([a_row("control"), a_row("canary", prompt_version="answer/v2")])
    assert found.arms[1].models == ("model of canary",)
    assert found.arms[1].prompts == ("answer/v2",)
    assert found.few


EARLIER = "2026-11-02T09:30:00+00:00"


def test_only_the_newest_trial_counts() -> None:
    rows = [a_row(arm, 900, at=EARLIER, trial="one") for arm in ("control", "canary")]
    rows += [a_row(arm, 100, trial="two") for arm in ("control", "canary")]
    cost = measured(rows[::-1], "cost")
    assert (cost.control, cost.canary) == (0.0001, 0.0001)


def test_questions_of_earlier_trials_are_counted() -> None:
    rows = [a_row("canary", at=EARLIER, trial="one", request="r") for _ in range(2)]
    rows += [a_row("control", at=EARLIER), a_row("canary", at=EARLIER, finish="left")]
    assert compare([*rows, a_row("control", trial="two")]).earlier == 2


def test_an_arm_that_only_an_earlier_trial_has_is_empty() -> None:
    found = compare([a_row("canary", at=EARLIER, trial="one"), a_row("control", trial="two")])
    assert [arm.questions for arm in found.arms] == [1, 0]


def test_calls_without_a_trial_do_not_decide_which_is_the_newest() -> None:
    rows = [a_row(arm, at=EARLIER, trial="one") for arm in ("control", "canary")]
    assert compare([*rows, a_row("")]).arms[1].questions == 1
