"""Trials, tiers and schemas from the command line, with a model behind them."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.evaluation.test_arms import a_row
from tests.provider.server import Provider
from tests.provider.server import provider as running
from tests.service import forebay
from wiring.state.database import open_state


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running() as found:
        yield found


async def test_both_arms_are_compared(tmp_path: Path) -> None:
    now = datetime.now(UTC).isoformat()
    control, canary = (a_row(arm, tenant="default", at=now) for arm in ("control", "canary"))
    async with open_state(f"sqlite:///{tmp_path / 'state.db'}") as state:
        for _ in range(30):
            await state.ledger.book(control, replace(canary, cost_microdollars=300))
    done = forebay("canary", data=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "cost" in done.stdout
    assert "0.000100 $" in done.stdout
    assert "30 questions, model of canary, answer/v1" in done.stdout
    assert "Few questions" in done.stdout


async def test_questions_of_an_earlier_trial_are_left_out_and_counted(tmp_path: Path) -> None:
    async with open_state(f"sqlite:///{tmp_path / 'state.db'}") as state:
        for hour, trial in ((3, "one"), (1, "two")):
            at = (datetime.now(UTC) - timedelta(hours=hour)).isoformat()
            rows = (a_row(a, tenant="default", at=at, trial=trial) for a in ("control", "canary"))
            await state.ledger.book(*rows)
    assert (
        "newest trial; 2 questions of earlier ones left out"
        in forebay("canary", data=tmp_path).stdout
    )
    assert json.loads(forebay("canary", "--json", data=tmp_path).stdout)["earlier"] == 2


async def test_a_trial_that_has_just_begun_is_waited_for(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    before = (now - timedelta(hours=1)).isoformat()
    rows = [a_row("canary", tenant="default", at=before, trial="one")]
    rows += [a_row("control", tenant="default", at=now.isoformat(), trial="two")]
    async with open_state(f"sqlite:///{tmp_path / 'state.db'}") as state:
        await state.ledger.book(*rows)
    done = forebay("canary", data=tmp_path)
    assert done.returncode == 1
    assert "have no canary of the newest trial; 1 question of earlier ones left out" in done.stderr


def test_without_a_trial_the_next_step_is_said(tmp_path: Path) -> None:
    done = forebay("canary", data=tmp_path)
    assert done.returncode == 1
    assert "FOREBAY_CANARY__SHARE" in done.stderr


def test_an_answer_of_a_schema_is_printed_with_its_tier(
    data: Path, provider: Provider, tmp_path: Path
) -> None:
    schema = tmp_path / "schema.json"
    schema.write_text('{"type":"object","properties":{"days":{"type":"integer"}}}')
    provider.say('{"days": 35}')
    asked = ("ask", "How long?", "--tier", "auto", "--schema", str(schema))
    done = forebay(*asked, data=data, OPENAI_BASE_URL=provider.url)
    assert done.returncode == 0, done.stderr
    assert '{"days": 35}' in done.stdout
    assert "tier nano: it asks for a single fact" in done.stdout


def test_a_model_may_look_again(data: Path, provider: Provider) -> None:
    provider.say("35 days [1].")
    done = forebay("ask", "How long?", "--tools", data=data, OPENAI_BASE_URL=provider.url)
    assert done.returncode == 0, done.stderr
    assert "search" in json.dumps(provider.received[-1].body["tools"])


def test_models_without_a_date_are_named(data: Path, provider: Provider) -> None:
    environ = {
        "OPENAI_BASE_URL": provider.url,
        "ANTHROPIC_API_KEY": "sk-ant",
        "FOREBAY_TIERS__PRO": "anthropic/claude-opus-4-7",
    }
    found = forebay("doctor", "--json", data=data, **environ)
    assert "without a date in their names" in found.stdout
    assert "anthropic/claude-opus-4-7" in found.stdout


def test_a_question_on_trial_is_asked_of_the_canary_and_booked(
    data: Path, provider: Provider
) -> None:
    environ = {
        "OPENAI_BASE_URL": provider.url,
        "FOREBAY_CANARY__SHARE": "1",
        "FOREBAY_CANARY__CHAIN": "openai/gpt-5.4-mini-2026-03-17",
    }
    done = forebay("ask", "How long are backups kept?", "--json", data=data, **environ)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["arm"], answer["model"]) == ("canary", "gpt-5.4-mini-2026-03-17")
    compared = forebay("canary", data=data)
    assert "have no control" in compared.stderr
