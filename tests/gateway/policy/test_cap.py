"""An answer that outgrows what was asked for is ended, closed and booked."""

from dataclasses import replace

import pytest

from domain.completion import Completion, Delta, Usage
from domain.errors import CapReached
from gateway.counting import Counting
from tests.gateway.place import a_gateway, a_lane
from tests.gateway.policy.scripted import REQUEST, MemoryLedger, Scripted, Step, all_of, said
from tests.provider.tokens import counter

COUNTING = Counting(counter())
WORDS: list[Step] = [Delta("hay ")] * 500
SHORT = replace(REQUEST, max_output_tokens=100)


async def ended(model: Scripted, dearest: int | None = None) -> tuple[Completion, MemoryLedger]:
    ledger = MemoryLedger()
    gateway = a_gateway(a_lane(model, "openai/gpt-5.4-mini"), ledger=ledger, dearest=dearest)
    last = (await all_of(gateway.stream(SHORT)))[-1]
    assert isinstance(last, Completion)
    return last, ledger


async def test_beyond_the_token_limit_it_ends_as_too_long_with_a_note() -> None:
    completion, _ = await ended(Scripted(WORDS))
    assert completion.finish == "length"
    assert "longer than 100 tokens" in completion.notes[0]
    assert 100 < completion.usage.output < 200
    assert completion.usage.output == COUNTING.text(completion.text)


async def test_the_call_is_closed() -> None:
    model = Scripted(WORDS)
    await ended(model)
    assert model.under_way == 0


async def test_what_was_said_is_booked() -> None:
    completion, ledger = await ended(Scripted(WORDS))
    assert [(row.finish, row.usage.output, row.cost_microdollars) for row in ledger.rows] == [
        ("length", completion.usage.output, completion.cost_microdollars)
    ]
    assert completion.cost_microdollars > 0


async def test_beyond_what_one_call_may_cost_it_ends() -> None:
    completion, _ = await ended(Scripted(WORDS[:90]), dearest=200)
    assert completion.finish == "length"
    assert "$0.0002" in completion.notes[0]


async def test_an_answer_within_its_limits_is_left_alone() -> None:
    completion, _ = await ended(Scripted(said(*["hay "] * 90)))
    assert (completion.finish, completion.usage) == ("stop", Usage(input=100, output=10))


async def test_a_question_s_own_budget_ends_it() -> None:
    gateway = a_gateway(a_lane(Scripted(WORDS), "openai/gpt-5.4-mini"), ledger=MemoryLedger())
    asked = replace(REQUEST, most_microdollars=400)
    last = (await all_of(gateway.stream(asked)))[-1]
    assert isinstance(last, Completion)
    assert last.finish == "length"
    assert "$0.0004" in last.notes[0]


async def test_a_prompt_that_costs_more_than_its_budget_is_not_sent() -> None:
    model = Scripted(WORDS)
    gateway = a_gateway(a_lane(model, "openai/gpt-5.4-mini"), ledger=MemoryLedger())
    with pytest.raises(CapReached, match="budget_dollars"):
        await all_of(gateway.stream(replace(SHORT, most_microdollars=1)))
