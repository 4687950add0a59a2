"""A model's questions and verdicts are read, booked, and never guessed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from answering.examine import Examiner
from tests.answering.test_understand import COST, Scripted
from wiring.state.database import State, open_state

LONG_AGO = "2020-01-01T00:00:00+00:00"


@pytest.fixture
async def state(tmp_path: Path) -> AsyncIterator[State]:
    async with open_state(f"sqlite:///{tmp_path / 'state.db'}") as opened:
        yield opened


def examiner(state: State, *says: str) -> Examiner:
    return Examiner(Scripted(*says), state.ledger, "acme")


async def test_questions_are_read_also_out_of_a_fence(state: State) -> None:
    said = '```json\n{"questions": [{"question": "How long?", "quote": "35 days"}]}\n```'
    (draft,) = await examiner(state, said).write_questions("Backups", "Kept for 35 days.", 2)
    assert (draft.question, draft.quote) == ("How long?", "35 days")


async def test_no_more_questions_come_back_than_were_asked_for(state: State) -> None:
    one = '{"question": "How long?", "quote": "35 days"}'
    said = f'{{"questions": [{one}, {one}, {one}]}}'
    assert len(await examiner(state, said).write_questions("", "Kept for 35 days.", 2)) == 2


async def test_what_is_no_json_is_no_question(state: State) -> None:
    assert await examiner(state, "Sure!").write_questions("", "Text.", 2) == ()


async def test_each_statement_has_its_verdict_or_none(state: State) -> None:
    asked = [("a", "b"), ("c", "d"), ("e", "f")]
    said = '{"1": "yes", "2": "no"}'
    assert await examiner(state, said).judge_support("Why?", asked) == [True, False, None]


async def test_nothing_stated_is_not_asked_about(state: State) -> None:
    assert await examiner(state).judge_support("Why?", []) == []


@pytest.mark.parametrize(
    ("said", "verdict"), [('{"verdict": "partly"}', "partly"), ("right", None)], ids=["json", "not"]
)
async def test_a_verdict_is_one_of_three_words_in_json(
    state: State, said: str, verdict: str | None
) -> None:
    assert await examiner(state, said).judge_answer("Why?", ["x"], "y") == verdict


async def test_every_call_is_booked_on_the_tenant(state: State) -> None:
    await examiner(state, '{"quote": ""}').find_answer("Why?", "", "Text.")
    assert await state.ledger.spent_microdollars("acme", LONG_AGO) == COST
