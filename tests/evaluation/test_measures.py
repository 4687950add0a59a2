"""Measures are the literature's, and nothing that was asked is left out of a mean."""

import pytest

from eval.measures import MAIN, means, measure


def test_a_query_that_found_nothing_scores_zero() -> None:
    scores = measure({"found": {"a": 1}, "empty": {"b": 1}}, {"found": ["a"], "empty": []})
    assert means(scores.values())[MAIN] == 0.5


def test_a_query_that_a_run_file_lacks_scores_zero() -> None:
    scores = measure({"found": {"a": 1}, "missing": {"b": 1}}, {"found": ["a"]})
    assert scores["missing"] == dict.fromkeys(scores["found"], 0.0)


def test_grades_and_ranks_count_as_in_the_literature() -> None:
    scores = measure({"q": {"a": 1, "b": 1}}, {"q": ["x", "a"]})["q"]
    assert scores["RR@10"] == 0.5
    assert scores["R@10"] == 0.5
    assert scores["AP"] == 0.25
    assert scores["Judged@10"] == 0.5
    assert scores["nDCG@10"] == pytest.approx(0.6309 / 1.6309, abs=1e-3)


def test_a_query_that_nobody_judged_does_not_count() -> None:
    assert measure({"q": {"a": 1}}, {"q": ["a"], "other": ["b"]}).keys() == {"q"}
