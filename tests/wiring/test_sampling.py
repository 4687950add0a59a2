"""What is kept of production: by default nothing, else a share, of named tenants, for some days."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from answering.question import Question
from domain.errors import Unavailable
from domain.records import Turn
from domain.traces import Trace
from tests.contracts.state_traces import A_TRACE
from tests.evaluation.test_answers_score import an_answer
from wiring.sampling import EVALUATION, forget_old, keep
from wiring.settings import SampleSettings
from wiring.state.database import State, open_state

QUESTION = Question("How long are backups kept?", "acme", "handbook")
ANSWER = replace(an_answer(), id="3f2504e0-4f89-41d3-9a0c-0305e82c3301")  # its share is 0.247
TURN = Turn("And then?", "Gone.", "2026-11-03T09:30:00+00:00")


@pytest.fixture
async def state(tmp_path: Path) -> AsyncIterator[State]:
    async with open_state(f"sqlite:///{tmp_path / 'state.db'}") as opened:
        yield opened


async def kept(state: State, question: Question = QUESTION, **settings: object) -> list[Trace]:
    chosen = SampleSettings.model_validate({"share": 1, **settings})
    await keep(question, ANSWER, "rrf", chosen, state)
    return list(await state.traces.of(question.tenant, question.collection))


async def test_by_default_nothing_is_kept(state: State) -> None:
    await keep(QUESTION, ANSWER, "default", SampleSettings(), state)
    assert await state.traces.of("acme", "handbook") == []


async def test_a_kept_question_has_its_answer_and_config(state: State) -> None:
    (trace,) = await kept(state)
    assert (trace.question, trace.answer) == (QUESTION.text, ANSWER.text)
    assert (trace.config, trace.found) == ("rrf", True)


@pytest.mark.parametrize(("share", "number"), [(0.24, 0), (0.25, 1)], ids=["less", "more"])
async def test_a_share_is_kept(state: State, share: float, number: int) -> None:
    assert len(await kept(state, share=share)) == number


@pytest.mark.parametrize(("tenants", "number"), [(["evil"], 0), (["acme"], 1)])
async def test_of_named_tenants_alone_where_any_are_named(
    state: State, tenants: list[str], number: int
) -> None:
    assert len(await kept(state, tenants=tenants)) == number


async def test_what_an_evaluation_asks_is_not_kept(state: State) -> None:
    assert await kept(state, replace(QUESTION, endpoint=EVALUATION)) == []


async def test_the_first_question_of_a_conversation_is_kept(state: State) -> None:
    await state.sessions.append("acme", "s", TURN)
    assert len(await kept(state, replace(QUESTION, session="s"))) == 1


async def test_a_follow_up_is_not_kept(state: State) -> None:
    for _ in range(2):
        await state.sessions.append("acme", "s", TURN)
    assert await kept(state, replace(QUESTION, session="s")) == []


async def test_what_is_too_old_goes_also_where_nothing_is_kept_any_more(state: State) -> None:
    await state.traces.keep(replace(A_TRACE, at="2020-01-01T00:00:00+00:00"))
    await forget_old(SampleSettings(), state)
    assert await state.traces.of("acme", "handbook") == []


async def test_a_state_that_is_away_does_not_take_the_answer_along(
    state: State, caplog: pytest.LogCaptureFixture
) -> None:
    class Away:
        async def forget(self, before: str) -> None:
            raise Unavailable(f"The database is away since {before}.")

    away = replace(state, traces=Away())  # type: ignore[arg-type]  # all that is called of it
    await keep(QUESTION, ANSWER, "default", SampleSettings(share=1), away)
    assert "was not kept" in caplog.text
