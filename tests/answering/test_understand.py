"""What a model's answers make of a question, and what is searched when it has none of use."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator

import pytest

from answering.understand import (
    Asking,
    UnderstandConfig,
    hypothetical,
    joined_with,
    several,
    standalone,
    understand,
)
from domain.answers import NOT_FOUND
from domain.completion import Account, ChatRequest, Completion, Delta, FinishReason, Usage
from domain.errors import (
    ForebayError,
    ModelRateLimited,
    ModelRejected,
    ModelUnreachable,
    Unavailable,
)
from domain.records import Turn

QUESTION = "And for contractors?"
TURNS = [Turn("How many days of leave do employees have?", "30 days [1].", "2026-01-01T00:00:00Z")]
ALONE = "How many days of leave do contractors have?"
USAGE = Usage(input=100, cached=40, output=10, reasoning=4)
COST = 7


class Scripted:
    """Implements domain.ports.ChatModel: says what it is told to, remembers what it was asked."""

    name = "scripted"

    def __init__(self, *says: str | ForebayError, finish: FinishReason = "stop") -> None:
        self.says = deque(says)
        self.finish: FinishReason = finish
        self.asked: list[ChatRequest] = []
        self.cancelled = 0
        self.wait = 0.0

    async def complete(self, request: ChatRequest) -> Completion:
        self.asked.append(request)
        said = self.says.popleft()
        try:
            await asyncio.sleep(self.wait)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if isinstance(said, ForebayError):
            raise said
        return Completion(said, self.finish, self.name, USAGE, COST)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta | Completion, None]:
        completion = await self.complete(request)
        yield Delta(completion.text)
        yield completion

    async def check(self) -> None:
        return


FAILING = {
    "busy": ModelRateLimited("it is busy"),
    "away": ModelUnreachable("it is away"),
    "no service": Unavailable("it is down"),
}
USELESS = {
    "nothing": "",
    "blanks": " \n ",
    "not found": NOT_FOUND,
    "overlong": "leave " * 200,
    "several lines": "Here is the question:\nHow many days?",
    "an empty fence": "<question></question>",
}


async def test_a_follow_up_is_rewritten() -> None:
    found = await standalone(QUESTION, TURNS, Scripted(ALONE))
    assert found.texts == (ALONE,)
    assert found.notes == ()


async def test_the_model_sees_conversation_and_question() -> None:
    model = Scripted(ALONE)
    await standalone(QUESTION, TURNS, model)
    shown = model.asked[0].prompt.tail[0].text
    assert TURNS[0].question in shown
    assert shown.endswith(f"<question>\n{QUESTION}\n</question>")


async def test_a_question_without_a_conversation_costs_no_call() -> None:
    found = await standalone(QUESTION, [], Scripted())
    assert (found.texts, found.calls, found.cost_microdollars) == ((QUESTION,), (), 0)
    assert found.usage == Usage()


@pytest.mark.parametrize("said", ["UNCHANGED", " UNCHANGED.\n", "<question>UNCHANGED</question>"])
async def test_a_question_that_stands_alone_stays(said: str) -> None:
    found = await standalone(QUESTION, TURNS, Scripted(said))
    assert (found.texts, found.notes) == ((QUESTION,), ())


async def test_a_repeated_fence_is_taken_off() -> None:
    found = await standalone(QUESTION, TURNS, Scripted(f"Sure!\n<question>\n{ALONE}\n</question>"))
    assert found.texts == (ALONE,)


async def test_a_question_of_several_lines_may_be_rewritten_in_as_many() -> None:
    found = await standalone("And these?\n- a\n- b", TURNS, Scripted("Leave of:\n- a\n- b"))
    assert found.texts == ("Leave of:\n- a\n- b",)


@pytest.mark.parametrize("said", USELESS.values(), ids=USELESS)
async def test_a_useless_rewriting_leaves_the_question_and_a_note(said: str) -> None:
    found = await standalone(QUESTION, TURNS, Scripted(said))
    assert found.texts == (QUESTION,)
    assert found.notes[0].startswith("The question was not rewritten with its conversation: ")
    assert found.cost_microdollars == COST


async def test_a_rewriting_that_was_cut_is_useless() -> None:
    found = await standalone(QUESTION, TURNS, Scripted("How many", finish="length"))
    assert found.texts == (QUESTION,)
    assert "its answer was cut at 1,500 tokens" in found.notes[0]


async def test_a_refusal_is_no_rewriting() -> None:
    found = await standalone(QUESTION, TURNS, Scripted("I cannot.", finish="refusal"))
    assert found.texts == (QUESTION,)
    assert found.notes[0].endswith(": scripted refuses.")


async def test_wordings_come_after_the_question_and_each_once() -> None:
    said = (
        f"1. Leave of contractors?\n- leave of Contractors\n\n{ALONE.upper()}\n(2) Vacation rules"
    )
    found = await several(ALONE, Scripted(said), 3)
    assert found.texts == (ALONE, "Leave of contractors?", "Vacation rules")


async def test_no_more_wordings_than_asked_for() -> None:
    assert len((await several(ALONE, Scripted("a\nb\nc\nd"), 2)).texts) == 3


async def test_what_introduces_wordings_is_none() -> None:
    found = await several(ALONE, Scripted("Here are two:\n```\na b\nc d\n```"), 3)
    assert found.texts == (ALONE, "a b", "c d")


async def test_a_wording_that_was_cut_is_left_out() -> None:
    found = await several(ALONE, Scripted("a b\nc d\nhow ma", finish="length"), 5)
    assert found.texts == (ALONE, "a b", "c d")


async def test_a_number_at_the_beginning_of_a_wording_is_its_own() -> None:
    found = await several("3 days?", Scripted("2024 leave\n30 days of leave"), 5)
    assert found.texts[1:] == ("2024 leave", "30 days of leave")


@pytest.mark.parametrize("said", ["", f"{ALONE}\n", "Wordings:", "leave " * 200])
async def test_without_another_wording_there_is_a_note(said: str) -> None:
    found = await several(ALONE, Scripted(said), 3)
    assert found.texts == (ALONE,)
    assert found.notes[0].startswith("The question was searched in its own words alone: ")


async def test_a_hypothetical_passage_is_what_the_model_says() -> None:
    found = await hypothetical(ALONE, Scripted("\nContractors have no leave.\n"))
    assert found.texts == ("Contractors have no leave.",)


async def test_a_passage_that_was_cut_is_of_use() -> None:
    found = await hypothetical(ALONE, Scripted("Contractors have", finish="length"))
    assert found.texts == ("Contractors have",)


async def test_a_long_passage_is_shortened() -> None:
    found = await hypothetical(ALONE, Scripted("ab" * 5_000))
    assert found.texts == ("ab" * 1_000,)


@pytest.mark.parametrize("said", ["", NOT_FOUND])
async def test_without_a_passage_there_is_a_note(said: str) -> None:
    found = await hypothetical(ALONE, Scripted(said))
    assert found.texts == ()
    assert found.notes == (
        "The question was searched without a hypothetical passage: scripted gave no answer.",
    )


@pytest.mark.parametrize("error", FAILING.values(), ids=FAILING)
async def test_a_model_that_fails_for_now_leaves_the_question_and_a_note(
    error: ForebayError,
) -> None:
    alone = await standalone(QUESTION, TURNS, Scripted(error))
    others = await several(QUESTION, Scripted(error), 3)
    passage = await hypothetical(QUESTION, Scripted(error))
    assert (alone.texts, others.texts, passage.texts) == ((QUESTION,), (QUESTION,), ())
    assert all(str(error) in found.notes[0] for found in (alone, others, passage))


async def test_a_late_model_is_not_waited_for() -> None:
    model = Scripted(ALONE)
    model.wait = 60
    found = await standalone(QUESTION, TURNS, model, Asking(seconds=0.01))
    assert found.texts == (QUESTION,)
    assert found.notes[0].endswith(": scripted did not answer within 0.01 s.")
    assert model.cancelled == 1


async def test_a_rejected_call_is_told_as_it_is() -> None:
    with pytest.raises(ModelRejected, match="wrong key"):
        await standalone(QUESTION, TURNS, Scripted(ModelRejected("wrong key")))


async def test_who_stops_waiting_ends_the_calls() -> None:
    model = Scripted("a", "b")
    model.wait = 60
    config = UnderstandConfig(wordings=2, passage=True)
    waiting = asyncio.ensure_future(understand(QUESTION, [], model, config))
    while len(model.asked) < 2:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert model.cancelled == 2


async def test_a_call_says_whose_it_is() -> None:
    model = Scripted("x")
    await hypothetical(QUESTION, model, Asking(Account("acme", "wiki")))
    assert model.asked[0].account == Account("acme", "wiki", endpoint="understand")


async def test_a_call_can_be_booked() -> None:
    found = await standalone(QUESTION, TURNS, Scripted(ALONE))
    assert found.usage == USAGE
    assert found.cost_microdollars == COST
    assert found.calls[0].prompt.version == "rewrite/v1"
    assert found.calls[0].seconds >= 0


async def test_by_default_no_model_is_asked() -> None:
    found = await understand(QUESTION, TURNS, Scripted(), UnderstandConfig())
    assert (found.texts, found.passage, found.notes, found.calls) == ((QUESTION,), "", (), ())


async def test_wordings_and_passage_are_of_the_rewritten_question() -> None:
    model = Scripted(ALONE, "Leave of contractors", "They have none.")
    config = UnderstandConfig(rewrite="model", wordings=1, passage=True)
    found = await understand(QUESTION, TURNS, model, config, account=Account("acme"))
    assert found.texts == (ALONE, "Leave of contractors")
    assert found.passage == "They have none."
    assert [request.prompt.question for request in model.asked] == [QUESTION, ALONE, ALONE]
    assert [call.completion.cost_microdollars for call in found.calls] == [COST] * 3


async def test_every_note_is_kept() -> None:
    config = UnderstandConfig(rewrite="model", wordings=1, passage=True)
    found = await understand(QUESTION, TURNS, Scripted("", "", ""), config)
    assert len(found.notes) == 3
    assert found.texts == (QUESTION,)


async def test_a_rejected_call_ends_the_other() -> None:
    model = Scripted(ModelRejected("wrong key"), "x")
    with pytest.raises(ModelRejected, match="wrong key"):
        await understand(QUESTION, [], model, UnderstandConfig(wordings=1, passage=True))


def test_without_a_model_a_follow_up_is_marked_as_joined() -> None:
    found = joined_with(QUESTION, TURNS)
    assert found.texts == ("And for contractors? many days leave employees",)
    assert found.notes == (
        "The question refers to earlier ones: it was searched with many, days, leave, employees.",
    )


async def test_without_a_model_none_is_asked() -> None:
    model = Scripted()
    found = await understand(QUESTION, TURNS, model, UnderstandConfig(rewrite="words"))
    assert found.texts[0].startswith(QUESTION)
    assert (model.asked, found.calls) == ([], ())
