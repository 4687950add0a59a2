"""`forebay prompts` checks and compares what stands before the cache boundary."""

import json
from pathlib import Path

import pytest

from forebay.__main__ import main


@pytest.fixture(autouse=True)
def _data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOREBAY_DATA", str(tmp_path / "data"))


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "sets" / "answer" / "v9"
    folder.mkdir(parents=True)
    (folder / "system.md").write_text("You answer for $company.\n")
    (folder / "contract.json").write_text('{"variables": {"company": "us"}}')
    monkeypatch.setenv("FOREBAY_PROMPT__FOLDER", str(tmp_path / "sets"))
    return folder


def test_sets_are_listed_with_the_one_in_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prompts", "list"]) == 0
    assert "answer/v1 (in use)" in capsys.readouterr().out


def test_own_sets_are_listed_for_machines(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prompts", "list", "--json"]) == 0
    listed = {row["version"]: row["tokens"] for row in json.loads(capsys.readouterr().out)}
    assert listed["answer/v9"] == 5


def test_the_value_of_a_variable_comes_from_the_settings(
    own: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FOREBAY_PROMPT__VARIABLES__COMPANY", "Acme Corporation of Springfield")
    main(["prompts", "list", "--json"])
    listed = {row["version"]: row["tokens"] for row in json.loads(capsys.readouterr().out)}
    assert listed["answer/v9"] > 5


def test_a_date_in_a_set_ends_the_check_with_1(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (own / "system.md").write_text("You answer for $company. Today is 2026-11-21.\n")
    assert main(["prompts", "lint", "answer/v9"]) == 1
    assert "answer/v9/system.md:1 error date: '2026-11-21'" in capsys.readouterr().out


def test_a_short_prefix_is_a_warning_and_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prompts", "lint"]) == 0
    assert "1,024" in capsys.readouterr().out


def test_two_sets_are_compared_by_what_stays_cached(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["prompts", "diff", "answer/v9", "answer/v9"]) == 0
    assert "5 tokens, 100% of the new prefix, stay in the cache." in capsys.readouterr().out


def test_a_set_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prompts", "lint", "answer/v7"]) == 1
    assert "There is no prompt set 'answer/v7'" in capsys.readouterr().err
