"""A model's questions and verdicts are read, booked, and never guessed."""

import pytest

from answering.examine import Examiner
from tests.answering.test_understand import Scripted
from tests.gateway.place import a_gateway, a_lane
from tests.gateway.policy.scripted import MemoryLedger


def examiner(*says: str) -> Examiner:
    return Examiner(Scripted(*says), "acme")


async def test_questions_are_read_also_out_of_a_fence() -> None:
    said = '```json\n{"questions": [{"question": "How long?", "quote": "35 days"}]}\n```'
    (draft,) = await examiner(said).write_questions("Backups", "Kept for 35 days.", 2)
    assert (draft.question, draft.quote) == ("How long?", "35 days")


async def test_no_more_questions_come_back_than_were_asked_for() -> None:
    one = '{"question": "How long?", "quote": "35 days"}'
    said = f'{{"questions": [{one}, {one}, {one}]}}'
    assert len(await examiner(said).write_questions("", "Kept for 35 days.", 2)) == 2


async def test_what_is_no_json_is_no_question() -> None:
    assert await examiner("Sure!").write_questions("", "Text.", 2) == ()


async def test_each_statement_has_its_verdict_or_none() -> None:
    asked = [("a", "b"), ("c", "d"), ("e", "f")]
    said = '{"1": "yes", "2": "no"}'
    assert await examiner(said).judge_support("Why?", asked) == [True, False, None]


async def test_nothing_stated_is_not_asked_about() -> None:
    assert await examiner().judge_support("Why?", []) == []


@pytest.mark.parametrize(
    ("said", "verdict"), [('{"verdict": "partly"}', "partly"), ("right", None)], ids=["json", "not"]
)
async def test_a_verdict_is_one_of_three_words_in_json(said: str, verdict: str | None) -> None:
    assert await examiner(said).judge_answer("Why?", ["x"], "y") == verdict


async def test_every_call_is_booked_on_the_tenant() -> None:
    ledger = MemoryLedger()
    chat = a_gateway(a_lane(Scripted('{"quote": ""}')), ledger=ledger)
    await Examiner(chat, "acme").find_answer("Why?", "", "Text.")
    (row,) = ledger.rows
    assert (row.tenant, row.endpoint) == ("acme", "eval")
    assert row.cost_microdollars > 0
