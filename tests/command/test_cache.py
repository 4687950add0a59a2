"""`forebay cache` shows what prompt caches did."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.completion import CacheOutcome
from domain.errors import InvalidInput
from forebay.__main__ import main
from forebay.since import since
from tests.contracts.state_ledger import a_row
from wiring.state.database import open_state

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FOREBAY_DATA", str(tmp_path))
    return tmp_path


def booked(data: Path, *outcomes: CacheOutcome) -> None:
    async def book() -> None:
        at = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
        async with open_state(f"sqlite:///{data / 'state.db'}") as state:
            await state.ledger.book(*(replace(a_row(at=at), cache=one) for one in outcomes))

    asyncio.run(book())


HIT = CacheOutcome(3_100, 3_072, "hit", "", 2_000, 2_500)
CHANGED = CacheOutcome(3_100, 0, "changed", "The prefix changed, in the tools.", -10, 0)


def test_it_shows_shares_money_and_reasons(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    booked(data, HIT, HIT, CHANGED)
    assert main(["cache"]) == 0
    shown = capsys.readouterr().out
    assert "100.0%" in shown
    assert "$0.0040" in shown
    assert "not read because changed 1" in shown
    assert "changed 1 ×: The prefix changed, in the tools." in shown


def test_machines_get_json(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    booked(data, HIT)
    assert main(["cache", "--by", "tenant,hour", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["group"][0] == "acme"
    assert row["saved_naive_microdollars"] == 2_500


def test_nothing_booked_is_said(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cache"]) == 1
    assert "look further back with --since" in capsys.readouterr().err


def test_an_unknown_grouping_is_refused_by_name(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cache", "--by", "version,colour"]) == 2
    assert "--by names 'colour'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("7d", "2026-11-14T12:00:00+00:00"),
        ("90m", "2026-11-21T10:30:00+00:00"),
        ("2026-11-01", "2026-11-01T00:00:00+00:00"),
        ("2026-11-01T09:00:00+01:00", "2026-11-01T09:00:00+01:00"),
    ],
)
def test_since_is_a_length_or_a_date(said: str, meant: str) -> None:
    assert since(said, NOW) == meant


def test_another_since_is_refused_with_examples() -> None:
    with pytest.raises(InvalidInput, match=r"--since is 'yesterday'\. Write 7d"):
        since("yesterday", NOW)
