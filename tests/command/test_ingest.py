"""`forebay ingest`: what it asks for, what it says, what it leaves behind."""

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.errors import CostNotAccepted, Unavailable
from domain.ingestion import Outcome
from forebay.__main__ import main
from forebay.stdin import spooled
from tests.command.scripted import Scripted, at_a_terminal, report, serving

TWO = report(("a.md", "added"), ("b.md", "unchanged"), chunks=4)
FAILED = report(("a.md", "added"), Outcome("b.pdf", "failed", "It is encrypted."))
GONE = report(*((f"{number}.md", "removed") for number in range(25)))
COSTLY = CostNotAccepted("Embedding would cost about $12.00. Accept it with --yes.")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FOREBAY_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def service(data: Path) -> Iterator[Scripted]:
    with serving(data, TWO) as script:
        yield script


def test_a_service_is_given_every_wish(service: Scripted) -> None:
    wishes = "--prune --rebuild --adopt --yes --chunk-tokens 200 --chunk-overlap 20"
    assert main(["ingest", "/docs", "--collection", "c", "--tenant", "t", *wishes.split()]) == 0
    asked = service.asked[0]
    assert asked.tenant == "t"
    assert asked.body == {
        "paths": ["/docs"],
        "collection": "c",
        "root": None,
        "prune": True,
        "dry_run": False,
        "rebuild": True,
        "adopt": True,
        "max_tokens": 200,
        "overlap": 20,
        "accept_cost": True,
    }


def test_paths_are_absolute_before_they_leave_this_process(
    service: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    main(["ingest", "docs", "more/**/*.md"])
    assert service.asked[0].body["paths"] == [f"{tmp_path}/docs", f"{tmp_path}/more/**/*.md"]


def test_standard_input_is_a_file_while_it_is_ingested(
    service: Scripted, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _pipe(monkeypatch, '{"_id": "1", "text": "One."}\n')
    assert main(["ingest", "-"]) == 0
    asked = service.asked[0]
    assert asked.body["root"] == "-"
    assert Path(str(asked.body["paths"][0])).name == "corpus.jsonl"  # type: ignore[index]
    assert asked.spooled == '{"_id": "1", "text": "One."}\n'
    assert not list((data / "stdin").iterdir())


def test_what_a_killed_process_left_of_standard_input_goes(tmp_path: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    left = tmp_path / "stdin" / str(gone.pid)
    left.mkdir(parents=True)
    with spooled(tmp_path, io.BytesIO(b"{}")):
        assert not left.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["-", "docs"], id="standard input beside a path"),
        pytest.param(["-", "--watch"], id="watching standard input"),
        pytest.param(["docs", "--watch", "--dry-run"], id="watching without changing anything"),
        pytest.param(["docs", "--address", "ray://x"], id="an address without a cluster"),
        pytest.param(["docs", "--poll"], id="polling without watching"),
        pytest.param(["docs", "--report", "no/such/report.json"], id="a report in no folder"),
        pytest.param(["docs", "--report", "/"], id="a report that is a folder"),
    ],
)
def test_what_cannot_be_meant_is_said_before_anything_runs(
    arguments: list[str], service: Scripted
) -> None:
    assert main(["ingest", *arguments]) == 2
    assert service.asked == []


def test_the_end_is_one_line(service: Scripted, capsys: pytest.CaptureFixture[str]) -> None:
    main(["ingest", "docs"])
    said = capsys.readouterr().err
    assert said == (
        "Collection default: 1 added, 1 unchanged; 4 chunks, 2 embedded, 2 from the cache; 1.2 s.\n"
    )


def test_a_cost_is_named(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(data, report(("a.md", "added"), chunks=9, cost=123_456)):
        main(["ingest", "docs"])
    assert "900 tokens for $0.1235" in capsys.readouterr().err


def test_each_failure_has_a_line_with_its_reason(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(data, FAILED):
        assert main(["ingest", "docs"]) == 3
    assert "failed b.pdf: It is encrypted.\n" in capsys.readouterr().err


def test_twenty_removed_documents_are_named_and_the_rest_counted(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(data, GONE):
        main(["ingest", "docs", "--prune"])
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "removed 0.md"
    assert said[20] == "… and 5 more; --report FILE lists all."


def test_json_has_the_counts_and_every_document(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(data, FAILED):
        assert main(["ingest", "docs", "--json"]) == 3
    said, err = capsys.readouterr()
    found = json.loads(said)
    assert found["counts"] == {"added": 1, "changed": 0, "unchanged": 0, "removed": 0, "failed": 1}
    assert found["outcomes"][1]["reason"] == "It is encrypted."
    assert err == ""


def test_the_report_is_written_when_documents_failed(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_text("old")
    with serving(data, FAILED):
        assert main(["ingest", "docs", "--report", str(file)]) == 3
    assert json.loads(file.read_text())["counts"]["failed"] == 1
    assert {path.name for path in tmp_path.iterdir()} == {"data", "report.json"}


def test_a_plan_is_printed_and_says_that_nothing_changed(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    planned = report(
        ("new.md", "added"), ("old.md", "changed"), ("gone.md", "removed"), ("same.md", "unchanged")
    )
    with serving(data, planned) as script:
        assert main(["ingest", "docs", "--dry-run"]) == 0
        assert script.asked[0].body["dry_run"]
    assert capsys.readouterr().out.splitlines() == [
        "added    new.md",
        "changed  old.md",
        "removed  gone.md",
        "unchanged: 1",
        "Collection default would have: 1 added, 1 changed, 1 removed. Nothing was changed.",
    ]


def test_a_cost_that_nobody_can_accept_ends_the_run(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(data, COSTLY):
        assert main(["ingest", "docs"]) == 1
    assert "--yes" in capsys.readouterr().err


@pytest.mark.parametrize(("typed", "runs", "code"), [("y", 2, 0), ("n", 1, 1), ("", 1, 1)])
def test_a_person_is_asked_whether_it_may_cost_that(
    typed: str, runs: int, code: int, data: Path
) -> None:
    with serving(data, COSTLY, TWO) as script:
        said, returned = at_a_terminal(["ingest", "docs"], typed, data)
    assert "$12.00" in said
    assert "[y/N]" in said
    assert returned == code
    assert [asked.body["accept_cost"] for asked in script.asked] == [False, True][:runs]


def test_a_service_that_is_away_is_one_line(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(data, Unavailable("The store does not answer.")):
        assert main(["ingest", "docs"]) == 1
    assert capsys.readouterr().err == "error: The store does not answer.\n"


def test_a_cluster_is_not_for_what_a_service_ingests(
    service: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ingest", "docs", "--engine", "ray"]) == 1
    assert "FOREBAY_QDRANT__URL" in capsys.readouterr().err
    assert service.asked == []


def _pipe(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
