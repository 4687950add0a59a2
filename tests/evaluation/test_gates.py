"""A gate holds or says which figure broke it."""

from pathlib import Path

import pytest

from domain.errors import InvalidInput
from eval.gates import Gates, check, read_gates
from tests.evaluation.results import a_result

PAIR = (a_result({"a": 0.9}, config="rrf"), a_result({"a": 0.8}))


def broken(**gates: dict[str, dict[str, float]]) -> tuple[str, ...]:
    return check(Gates.model_validate(gates), [PAIR]).broken


def test_a_floor_that_is_reached_holds() -> None:
    assert broken(floor={"handbook": {"nDCG@10": 0.8}}) == ()


def test_a_floor_that_is_not_reached_says_both_figures() -> None:
    (said,) = broken(floor={"handbook": {"nDCG@10": 0.85}})
    assert "0.8000" in said
    assert "0.8500" in said


def test_a_fall_within_the_limit_holds() -> None:
    assert broken(fall={"*": {"nDCG@10": 0.2}}) == ()


def test_a_fall_beyond_the_limit_names_both_systems() -> None:
    (said,) = broken(fall={"*": {"nDCG@10": 0.01}})
    assert "'rrf'" in said
    assert "'default'" in said


def test_a_set_of_its_own_replaces_the_general_limit() -> None:
    assert broken(fall={"*": {"nDCG@10": 0.01}, "handbook": {"nDCG@10": 0.2}}) == ()


def test_a_measure_that_was_not_measured_breaks_its_gate() -> None:
    (said,) = broken(floor={"handbook": {"nDCG@11": 0.1}})
    assert "nDCG@10" in said


def test_gates_of_sets_that_were_not_measured_are_said() -> None:
    assert check(Gates.model_validate({"floor": {"wiki": {"AP": 1}}}), [PAIR]).idle == ("wiki",)


@pytest.mark.parametrize(
    "text",
    ["floor = 3", "[floors.a]\nAP = 1", "[floor"],
    ids=["no table", "unknown table", "no toml"],
)
def test_a_file_without_gates_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "gates.toml").write_text(text)
    with pytest.raises(InvalidInput, match=r"gates\.toml"):
        read_gates(tmp_path / "gates.toml")


def test_a_gate_of_every_set_is_idle_where_no_set_has_its_measure() -> None:
    verdict = check(Gates.model_validate({"fall": {"*": {"Cite P": 0.1}}}), [PAIR])
    assert (verdict.broken, verdict.idle) == ((), ("Cite P of any set",))
