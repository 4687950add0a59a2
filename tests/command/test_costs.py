"""`forebay costs` over a small ledger: who spent what, when, and an alarm for the shell."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.records import LedgerRow
from forebay.__main__ import main
from tests.contracts.state_ledger import a_row
from wiring.state.database import open_state

CENT = 10_000


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FOREBAY_DATA", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "120")
    return tmp_path


def book(folder: Path, *rows: LedgerRow) -> None:
    async def write() -> None:
        async with open_state(f"sqlite:///{folder}/state.db") as state:
            await state.ledger.book(*rows)

    asyncio.run(write())


def on(days_ago: float, cents: int, **parts: object) -> LedgerRow:
    at = datetime.now(UTC) - timedelta(days=days_ago)
    return replace(a_row(cents * CENT, at=at.isoformat()), **parts)  # type: ignore[arg-type]


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = main(["costs", *arguments])
    said = capsys.readouterr()
    return code, said.out + said.err


def groups(out: str) -> dict[tuple[str, ...], int]:
    return {tuple(g["group"]): g["cost_microdollars"] // CENT for g in json.loads(out)["groups"]}


def test_without_calls_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys) == (0, "No model call is booked in this time.\n")


def test_the_dearest_comes_first_with_its_share(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book(folder, on(1, 30), on(1, 170, model="gpt-5.4"))
    code, out = shown(capsys)
    lines = out.splitlines()
    assert code == 0
    assert lines[1].split()[:7] == ["gpt-5.4", "1", "4,000", "77%", "300", "$1.70", "85%"]
    assert lines[2].startswith("gpt-5.4-mini")
    assert "together $2.00" in out


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (["tenant"], {("acme",): 3, ("globex",): 4}),
        (["feature", "tier"], {("", ""): 3, ("care", "pro"): 4}),
        (["tools"], {("",): 3, ("find_order,refund",): 4}),
    ],
    ids=["tenant", "two columns", "tools"],
)
def test_any_column_groups(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    by: Sequence[str],
    expected: dict[tuple[str, ...], int],
) -> None:
    other = on(1, 4, tenant="globex", feature="care", tier="pro", tools=("find_order", "refund"))
    book(folder, on(1, 3), other)
    _, out = shown(capsys, "--json", *(part for name in by for part in ("--by", name)))
    assert groups(out) == expected


def test_a_tenant_and_a_period_narrow_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book(folder, on(1, 1), on(20, 2), on(1, 4, tenant="globex"))
    _, out = shown(capsys, "--json", "--tenant", "acme", "--since", "7d")
    assert groups(out) == {("gpt-5.4-mini",): 1}


def test_hours_can_be_seen(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book(folder, on(0, 1))
    _, out = shown(capsys, "--json", "--hourly", "--since", "3h")
    whens = json.loads(out)["whens"]
    assert len(whens) == 4
    assert whens[-1] == f"{datetime.now(UTC):%Y-%m-%dT%H}"


def test_a_spike_is_named_and_ends_with_1(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book(folder, *(on(day, 50) for day in range(2, 20)), on(1, 900))
    code, out = shown(capsys)
    assert code == 1
    assert "model gpt-5.4-mini cost $9.00, usual is $0.5000" in out


def test_a_column_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = shown(capsys, "--by", "question")
    assert code == 2
    assert "no column 'question'" in out


def test_a_time_that_is_none_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = shown(capsys, "--since", "yesterday")
    assert code == 2
    assert "'yesterday' is no time" in out
