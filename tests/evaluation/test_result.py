"""A result survives its file, and is found again by folder and config."""

from pathlib import Path

import pytest

from domain.errors import InvalidInput
from eval.result import collect, read, save
from tests.evaluation.results import a_result


def test_a_result_survives_its_file(tmp_path: Path) -> None:
    result = a_result({"a": 0.5, "b": 1.0})
    assert read(save(result, tmp_path)) == result


def test_the_newest_of_a_set_and_config_counts(tmp_path: Path) -> None:
    old = a_result({"a": 0.1}, at="2026-01-01T00:00:00+00:00")
    new = a_result({"a": 0.2}, at="2026-02-01T00:00:00+00:00")
    save(new, tmp_path / "first")
    save(old, tmp_path / "second")
    assert collect([str(tmp_path)]) == [new]


def test_one_config_of_a_folder_is_named_behind_it(tmp_path: Path) -> None:
    for config in ("rrf", "default"):
        save(a_result({"a": 0.1}, config=config), tmp_path)
    assert [result.config for result in collect([f"{tmp_path}@rrf"])] == ["rrf"]


def test_an_unknown_config_lists_what_the_folder_has(tmp_path: Path) -> None:
    save(a_result({"a": 0.1}, config="rrf"), tmp_path)
    with pytest.raises(InvalidInput, match="it has rrf"):
        collect([f"{tmp_path}@magic"])


def test_an_empty_folder_says_how_results_are_made(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="forebay eval run"):
        collect([str(tmp_path)])


def test_another_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "x.result.json").write_text("{}")
    with pytest.raises(InvalidInput, match=r"x\.result\.json"):
        collect([str(tmp_path / "x.result.json")])


def test_recall_per_1000_tokens_is_a_ratio_of_means(tmp_path: Path) -> None:
    result = a_result({"a": 0.5})
    assert result.recall_per_1000 is None  # nothing was shown
    result = read(save(result, tmp_path))
    assert result.latencies == (4.0,)
