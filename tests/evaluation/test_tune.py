"""A choice is made on all sets but one and believed where it holds on that one."""

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from domain.errors import InvalidInput
from eval import tune_env
from eval.pareto import Point
from eval.result import Result
from eval.sweep_grid import NOW
from eval.tune import Tuned, tune
from tests.evaluation.results import a_result
from tests.evaluation.test_pareto import a_point

Scores = Callable[[str, str, float], float]  # set, cell, what the question is worth → score
QUESTIONS = 40


def tuned(cells: Mapping[str, str], sets: str, scores: Scores) -> Tuned:
    """`cells`: their values of one setting."""
    results = {data: {name: a_run(data, name, scores) for name in cells} for data in sets}
    return tune([a_cell(name, value) for name, value in cells.items()], results, "nDCG@10")


def a_cell(name: str, value: str) -> Point:
    return replace(a_point(name, 0.0), values={"fusion.sharp": value})


def a_run(data: str, name: str, scores: Scores) -> Result:
    draw = random.Random(data)
    worth = {f"q{n}": draw.random() for n in range(QUESTIONS)}
    found = {query: scores(data, name, one) for query, one in worth.items()}
    return a_result(found, data=data, config=name)


CELLS = {NOW: "0.5", "up": "0.6", "down": "0.4"}


def everywhere_better(_: str, cell: str, worth: float) -> float:
    return min(1.0, worth * {NOW: 0.5, "up": 0.7, "down": 0.3}[cell])


def one_set_loses(data: str, cell: str, worth: float) -> float:
    if data == "d":
        return worth * {NOW: 0.9, "up": 0.5, "down": 0.9}[cell]
    return everywhere_better(data, cell, worth)


def only_noise(data: str, cell: str, worth: float) -> float:
    return random.Random(f"{data} {cell} {worth}").random()


def test_what_is_better_everywhere_is_chosen() -> None:
    found = tuned(CELLS, "abcd", everywhere_better)
    assert found.better
    assert found.choice == {"fusion.sharp": "0.6"}
    assert found.variables == ("FOREBAY_FUSION__SHARP=0.6",)


def test_each_set_is_judged_by_what_the_others_chose() -> None:
    found = tuned(CELLS, "abcd", everywhere_better)
    assert [one.name for one in found.left_out] == ["a", "b", "c", "d"]
    assert {one.chosen for one in found.left_out} == {"up"}
    assert found.over == "sets"


def test_what_is_surely_worse_on_one_set_is_not_chosen() -> None:
    found = tuned(CELLS, "abcd", one_set_loses)
    assert found.choice == {}


def test_a_set_that_did_not_see_the_choice_shows_what_it_would_have_lost() -> None:
    found = tuned(CELLS, "abcd", one_set_loses)
    (lost,) = (one for one in found.left_out if one.name == "d")
    assert lost.chosen == "up"
    assert lost.change.mean < -0.1
    assert not found.better


def test_chance_is_not_taken_for_better() -> None:
    assert not tuned(CELLS, "abcd", only_noise).better


def test_of_equals_nothing_is_changed() -> None:
    found = tuned(CELLS, "abcd", lambda data, cell, worth: worth)
    assert found.choice == {}
    assert found.gain.mean == 0


def test_one_set_is_dealt_into_folds() -> None:
    found = tuned(CELLS, "a", everywhere_better)
    assert found.over == "folds"
    assert len(found.left_out) == 5
    assert sum(one.questions for one in found.left_out) == QUESTIONS


def test_a_single_set_with_hardly_any_questions_is_refused() -> None:
    results = {"a": {NOW: a_result({"x": 1.0, "y": 0.0}, config=NOW)}}
    with pytest.raises(InvalidInput, match="too few for 5 folds"):
        tune([a_cell(NOW, "0.5")], results, "nDCG@10")


def test_other_variables_of_the_file_stay(tmp_path: Path) -> None:
    file = tmp_path / "forebay.env"
    file.write_text("# ours\nFOREBAY_API__KEY=secret\nexport FOREBAY_FUSION__SHARP=0.9\n")
    file.chmod(0o600)
    tune_env.write({"fusion.sharp": "0.4", "search.depth": "70"}, file)
    assert file.read_text().splitlines() == [
        "# ours",
        "FOREBAY_API__KEY=secret",
        "FOREBAY_FUSION__SHARP=0.4",
        "FOREBAY_SEARCH__DEPTH=70",
    ]
    assert file.stat().st_mode & 0o777 == 0o600


def test_what_is_to_be_unset_loses_its_line(tmp_path: Path) -> None:
    file = tmp_path / "forebay.env"
    file.write_text("FOREBAY_SELECT__MMR=0.7\n")
    tune_env.write({"select.mmr": "unset"}, file)
    assert "MMR" not in file.read_text()
