"""`forebay delete`: which documents, and not without being sure."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.errors import NotFound
from forebay.__main__ import main
from tests.command.scripted import Scripted, at_a_terminal, report, serving

THREE = report(("a.md", "removed"), ("b.md", "removed"), ("c.md", "removed"))


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FOREBAY_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def service(data: Path) -> Iterator[Scripted]:
    with serving(data, THREE) as script:
        yield script


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        pytest.param(["--source", "a", "--source", "b"], {"sources": ["a", "b"]}, id="names"),
        pytest.param(["--filter", '{"year": 2020}'], {"filter": {"year": 2020}}, id="a filter"),
        pytest.param(["--all"], {"everything": True}, id="all"),
    ],
)
def test_documents_are_removed_by(
    arguments: list[str], asked: dict[str, object], service: Scripted
) -> None:
    where = ["--collection", "c", "--tenant", "t"]
    assert main(["delete", *arguments, *where, "--yes"]) == 0
    nothing = {"sources": [], "filter": {}, "everything": False, "dry_run": False}
    assert [one.body for one in service.asked] == [{"collection": "c", **nothing, **asked}]
    assert service.asked[0].tenant == "t"


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param([], id="nothing"),
        pytest.param(["--all", "--source", "a.md"], id="two things"),
        pytest.param(["--filter", "{}"], id="a filter without a condition"),
        pytest.param(["--filter", "{"], id="a filter that is not JSON"),
    ],
)
def test_one_thing_is_named(arguments: list[str], service: Scripted) -> None:
    assert main(["delete", *arguments, "--yes"]) == 2
    assert service.asked == []


def test_where_nobody_can_be_asked_nothing_is_removed(
    service: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["delete", "--all"]) == 2
    said = capsys.readouterr().err
    assert "removes 3 documents" in said
    assert "--yes" in said
    assert [asked.body["dry_run"] for asked in service.asked] == [True]


@pytest.mark.parametrize(("typed", "runs", "code"), [("y", 2, 0), ("", 1, 1)])
def test_a_person_is_told_how_many_and_asked(
    typed: str, runs: int, code: int, service: Scripted, data: Path
) -> None:
    said, returned = at_a_terminal(["delete", "--all"], typed, data)
    assert "This removes 3 documents from the collection 'default'. Go on? [y/N]" in said
    assert returned == code
    assert [asked.body["dry_run"] for asked in service.asked] == [True, False][:runs]


def test_what_is_not_there_is_named(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(data, NotFound("Collection 'default' holds no document 'x.md'.")):
        assert main(["delete", "--source", "x.md", "--yes"]) == 1
    assert "'x.md'" in capsys.readouterr().err


def test_what_was_removed_is_said(service: Scripted, capsys: pytest.CaptureFixture[str]) -> None:
    main(["delete", "--all", "--yes"])
    said = capsys.readouterr().err
    assert "removed a.md\n" in said
    assert said.endswith("Collection default: 3 removed; 1.2 s.\n")


def test_json_has_the_counts(service: Scripted, capsys: pytest.CaptureFixture[str]) -> None:
    main(["delete", "--all", "--yes", "--json"])
    assert json.loads(capsys.readouterr().out)["counts"]["removed"] == 3
