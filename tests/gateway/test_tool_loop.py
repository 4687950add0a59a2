"""A model with tools: rounds until it answers, within limits, as one answer."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from time import monotonic
from typing import Annotated

import pytest
from openai import AsyncOpenAI
from pydantic import Field

from domain.completion import Completion, Delta, Usage
from domain.deadline import Deadline
from domain.errors import ModelUnreachable
from domain.prompt import Carry, Prompt, Tool
from gateway.chat.openai_responses import OpenAIResponses
from gateway.tool_loop import LoopConfig, ToolUser
from gateway.tools import Tools
from prompts.choosing import choose_tools
from tests.gateway.policy.scripted import DONE, REQUEST, Scripted, Step, all_of, said
from tests.gateway.toolbox import TOOLS, call, calling, numbered
from tests.provider.script import Call, Reply
from tests.provider.server import Provider

PICKED = '{"tools": ["get_03", "get_40", "none"]}'


def a_user(
    *calls: Sequence[Step], tools: Tools = TOOLS, config: LoopConfig | None = None
) -> tuple[ToolUser, Scripted]:
    model = Scripted(*calls)
    return ToolUser(model, tools, choose_tools, config), model


async def test_results_go_back_until_there_is_an_answer() -> None:
    user, model = a_user([calling(call())], said("It is sent."))
    assert (await user.complete(REQUEST)).text == "It is sent."
    (made,) = model.asked[1].prompt.rounds
    assert json.loads(made.results[0].text) == {"number": 7, "state": "all"}


async def test_what_a_provider_wants_back_is_given_back() -> None:
    carry = Carry("openai", "[]")
    user, model = a_user([replace(calling(call()), carry=carry)], said("Sent."))
    await user.complete(REQUEST)
    assert model.asked[1].prompt.rounds[0].carry == carry


async def test_one_completion_has_what_all_calls_cost() -> None:
    user, _ = a_user([calling(call(), cost=5)], [calling(call(), cost=6)], said("Sent."))
    whole = await user.complete(REQUEST)
    assert whole.cost_microdollars == 18
    assert whole.usage == Usage(input=300, output=30)


async def test_a_stream_keeps_what_is_said_beside_calls() -> None:
    looking: list[Step] = [Delta("I look "), Delta("it up."), calling(call(), text="I look it up.")]
    user, _ = a_user(looking, said("It ", "is sent."))
    *deltas, whole = await all_of(user.stream(REQUEST))
    assert isinstance(whole, Completion)
    texts = [one.text for one in deltas if isinstance(one, Delta)]
    assert "".join(texts) == whole.text == "I look it up.\n\nIt is sent."


async def test_there_is_a_fifth_more_room_for_the_answer() -> None:
    user, model = a_user(said("Sent."))
    await user.complete(replace(REQUEST, max_output_tokens=1000))
    assert model.asked[0].max_output_tokens == 1200


async def test_calls_of_one_round_run_at_the_same_time_and_not_all() -> None:
    running, most = 0, 0

    async def get_thing(number: Annotated[int, Field(description="Which")]) -> int:
        """Gets a thing."""
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.01 / number)
        running -= 1
        return number

    calls = [replace(call("get_thing", f'{{"number": {n}}}'), id=str(n)) for n in range(1, 7)]
    config = LoopConfig(at_once=3, calls=5)
    user, model = a_user([calling(*calls)], said("Got."), tools=Tools([get_thing]), config=config)
    await user.complete(REQUEST)
    (made,) = model.asked[1].prompt.rounds
    assert most == 3
    assert [result.call for result in made.results] == ["1", "2", "3", "4", "5", "6"]
    assert [result.text for result in made.results[:5]] == ["1", "2", "3", "4", "5"]
    assert "5 calls at once are the most" in made.results[5].text


async def test_after_its_rounds_the_model_is_told_to_answer() -> None:
    user, model = a_user(
        [calling(call())], [calling(call())], said("As far as I know."), config=LoopConfig(rounds=1)
    )
    whole = await user.complete(REQUEST)
    assert whole.text == "As far as I know."
    assert json.loads(model.asked[2].prompt.rounds[1].results[0].text)["error"]["kind"] == "limit"
    assert whole.notes == (
        "No more tools were run: Tools were used in 1 rounds, which is the limit.",
    )


async def test_a_model_that_goes_on_calling_is_left() -> None:
    user, model = a_user(*[[calling(call())]] * 3, config=LoopConfig(rounds=1))
    whole = await user.complete(REQUEST)
    assert (whole.finish, len(model.asked)) == ("length", 3)


async def test_the_last_answer_is_paid_for_before_the_money_is_spent() -> None:
    user, model = a_user(
        *[[calling(call(), cost=30)]] * 2, [replace(DONE, cost_microdollars=30)],
        config=LoopConfig(microdollars=100),
    )  # fmt: skip
    whole = await user.complete(REQUEST)
    assert (whole.cost_microdollars, len(model.asked)) == (90, 3)
    assert "are spent on this question" in whole.notes[0]


async def test_a_tool_has_no_more_time_than_the_request() -> None:
    user, model = a_user([calling(call("wait_long", "{}"))], said("It takes long."))
    start = monotonic()
    await user.complete(replace(REQUEST, deadline=Deadline.after(0.05)))
    assert monotonic() - start < 1
    assert model.asked[1].prompt.rounds[0].results[0].failed


async def test_all_rounds_have_one_deadline() -> None:
    user, model = a_user([calling(call())], said("Sent."))
    await user.complete(REQUEST)
    assert model.asked[0].deadline == model.asked[1].deadline is not None


async def test_of_too_many_tools_a_small_model_picks() -> None:
    user, model = a_user(said(PICKED), said("Got."), tools=Tools(numbered(50)))
    whole = await user.complete(REQUEST)
    assert [request.tier for request in model.asked] == ["nano", ""]
    assert [tool.name for tool in model.asked[1].prompt.tools] == ["get_03", "get_40"]
    assert whole.cost_microdollars == 14


@pytest.mark.parametrize(
    "answer", [[ModelUnreachable("away")], said("get_03"), said('{"tools": []}'), [9.0]],
    ids=["away", "no JSON", "none", "late"],
)  # fmt: skip
async def test_without_a_pick_the_words_of_the_question_decide(answer: list[Step]) -> None:
    config = LoopConfig(picking_seconds=0.02)
    user, model = a_user(answer, said("Got."), tools=Tools(numbered(50)), config=config)
    prompt = replace(REQUEST.prompt, question="Get me thing 17 and thing 39, please.")
    await user.complete(replace(REQUEST, prompt=prompt))
    names = [tool.name for tool in model.asked[-1].prompt.tools]
    assert len(names) == 12
    assert names == sorted(names)


def test_the_list_of_tools_stands_before_the_boundary() -> None:
    one, other = (choose_tools(text, _told(3), 12) for text in ("How?", "Why?"))
    assert one.prefix_fingerprint == other.prefix_fingerprint
    assert one.version != choose_tools("How?", _told(4), 12).version


def test_a_question_cannot_end_its_fence() -> None:
    prompt: Prompt = choose_tools("a </question> b", _told(1), 12)
    assert prompt.tail[0].text.count("</question") == 1


async def test_a_real_client_takes_and_gives_all_of_it(
    client: AsyncOpenAI, provider: Provider
) -> None:
    provider.answer(
        Reply("I look.", calls=(Call("find_order", '{"number": 7, "detail": null}'),), reasoning=5),
        Reply(calls=(Call("find_order", '{"number": 0, "detail": null}'),)),
        Reply("It is sent."),
    )
    user = ToolUser(OpenAIResponses(client, "gpt-5.4-mini"), TOOLS, choose_tools)
    *deltas, whole = await all_of(user.stream(REQUEST))
    assert isinstance(whole, Completion)
    assert whole.text == "".join(one.text for one in deltas) == "I look.\n\nIt is sent."
    outputs = [i for i in provider.received[2].body["input"] if i["type"] == "function_call_output"]
    assert ["invalid_arguments" in one["output"] for one in outputs] == [False, True]
    assert whole.usage.reasoning == 5


def _told(how_many: int) -> tuple[Tool, ...]:
    return Tools(numbered(how_many)).told
