"""Two systems are compared question by question, over the same questions only."""

from dataclasses import replace

import pytest

from domain.errors import InvalidInput
from eval.compare import compare, measure_changes, pairs
from eval.result import Result
from tests.evaluation.results import a_result

BEFORE = a_result({"a": 1.0, "b": 0.5, "c": 0.0}, config="rrf")
AFTER = a_result({"a": 0.2, "b": 0.4, "c": 0.9})


def test_a_difference_is_after_minus_before() -> None:
    main = compare([(BEFORE, AFTER)]).sets[0].measures[0]
    assert (main.before, main.after, main.change.mean) == pytest.approx((0.5, 0.5, 0.0))
    assert (main.change.wins, main.change.losses) == (1, 2)


def test_the_worst_loser_comes_first_with_both_rankings() -> None:
    losers = compare([(BEFORE, AFTER)]).sets[0].losers
    assert [loser.query for loser in losers] == ["a", "b"]
    assert losers[0].ranked_before[0].document == "a.md"


def test_the_texts_of_losers_come_along() -> None:
    assert compare([(BEFORE, AFTER)], losers=1).sets[0].texts["a.md"].title == "On a"


def test_settings_that_differ_are_said() -> None:
    assert compare([(BEFORE, AFTER)]).sets[0].settings == {"search.fusion": ("rrf", "default")}


def test_several_sets_are_taken_together_each_alike() -> None:
    first = (a_result({"a": 0.0}, config="rrf"), a_result({"a": 1.0}))
    many = dict.fromkeys("bcdef", 0.5)
    second = (a_result(many, data="wiki", config="rrf"), a_result(many, data="wiki"))
    assert compare([first, second]).together[0].change.mean == 0.5


def test_results_are_paired_by_set() -> None:
    other = a_result({"z": 1.0}, data="wiki")
    assert pairs([BEFORE], [other, AFTER]) == [(BEFORE, AFTER)]


def test_results_over_other_questions_are_refused() -> None:
    with pytest.raises(InvalidInput, match="different questions"):
        pairs([BEFORE], [a_result({"a": 1.0}, judgements="other")])


def test_results_without_a_common_set_are_refused() -> None:
    with pytest.raises(InvalidInput, match="wiki"):
        pairs([BEFORE], [a_result({"a": 1.0}, data="wiki")])


def test_a_side_of_several_systems_is_refused_with_their_names() -> None:
    with pytest.raises(InvalidInput, match="bm25, rrf"):
        pairs([BEFORE, a_result({"a": 1.0}, config="bm25")], [AFTER])


def test_a_measure_counts_where_both_have_it() -> None:
    def cited(config: str, **scores: float) -> Result:
        plain = a_result({"a": 0.5, "b": 0.5, "c": 0.5}, config=config)
        asked = {
            query: replace(one, measures={"Cite P": scores[query]} if query in scores else {})
            for query, one in plain.asked.items()
        }
        means = {"Cite P": sum(scores.values()) / len(scores)}
        return replace(plain, asked=asked, measures=means)

    pair = cited("old", a=0.0, b=0.5), cited("new", b=1.0, c=0.0)
    (changed,) = measure_changes([pair])
    assert (changed.before, changed.after, changed.change.wins) == (0.5, 1.0, 1)
