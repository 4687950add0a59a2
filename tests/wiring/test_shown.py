"""Which passages are shown is counted for each question, and written a moment later."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from answering.question import Question
from domain.answers import Dropped
from tests.evaluation.test_answers_score import an_answer
from tests.values import a_hit
from wiring.sampling import EVALUATION
from wiring.shown import Counts
from wiring.state.database import State, open_state

QUESTION = Question("How long are backups kept?", "acme", "handbook")
ANSWER = replace(an_answer(), shown=(a_hit(id="a"), a_hit(id="b")))


@pytest.fixture
async def state(tmp_path: Path) -> AsyncIterator[State]:
    async with open_state(f"sqlite:///{tmp_path / 'state.db'}") as opened:
        yield opened


async def counted(state: State, *answers: tuple[Question, object]) -> dict[str, int]:
    counts = Counts(state.shown)
    for question, answer in answers:
        counts.answered(question, answer)  # type: ignore[arg-type]
    await counts.close()
    return {one.chunk_id: one.times for one in await state.shown.of("acme", "handbook", "")}


async def test_each_passage_and_each_question_is_counted(state: State) -> None:
    fewer = replace(ANSWER, shown=ANSWER.shown[:1])
    assert await counted(state, (QUESTION, ANSWER), (QUESTION, fewer)) == {"": 2, "a": 2, "b": 1}


async def test_what_would_have_been_shown_were_it_not_pinned_counts_as_well(state: State) -> None:
    dropped = (
        Dropped(a_hit(id="p"), "pinned: it is [1]"),
        Dropped(a_hit(id="j"), "joined to 1"),
        Dropped(a_hit(id="q"), "further down; pinned: it is [2]"),
        Dropped(a_hit(id="r"), "the same as 1"),
    )
    found = await counted(state, (QUESTION, replace(ANSWER, dropped=dropped)))
    assert found == {"": 1, "a": 1, "b": 1, "p": 1, "j": 1}


@pytest.mark.parametrize(
    "question",
    [replace(QUESTION, endpoint=EVALUATION), replace(QUESTION, further=("other",))],
    ids=["of an evaluation", "to several collections"],
)
async def test_some_questions_are_not_counted(state: State, question: Question) -> None:
    assert await counted(state, (question, ANSWER)) == {}


async def test_what_a_strategy_shows_that_does_not_choose_passages_is_not_counted(
    state: State,
) -> None:
    assert await counted(state, (QUESTION, replace(ANSWER, strategy="document"))) == {}
