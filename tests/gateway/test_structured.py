"""Answers as data: what they are read as, and what becomes of those that cannot be."""

import json
from dataclasses import replace

import pytest
from openai import AsyncOpenAI
from pydantic import BaseModel, Field

from domain.completion import ChatRequest
from domain.errors import InvalidInput
from domain.ports import ChatModel
from domain.prompt import Image, Message, Prompt, ToolCall, ToolResult, ToolRound
from gateway.chat.openai_chat import ChatCompletionsConfig, OpenAIChat
from gateway.chat.openai_responses import OpenAIResponses
from gateway.structured import (
    Incomplete,
    Invalid,
    Parsed,
    Refused,
    of_model,
    of_schema,
    structured,
)
from tests.contracts.chat_model import PROMPT, REQUEST
from tests.provider.rerank_graders import Grader
from tests.provider.script import Call, Reply
from tests.provider.server import Provider
from tests.provider.tokens import counter

FITS = '{"days": 35, "why": null}'


class Retention(BaseModel):
    days: int = Field(ge=0, le=3650)
    why: str = Field("it is the rule", min_length=3)


SCHEMA = {
    "type": "object",
    "properties": {
        "days": {"type": "integer", "maximum": 3650},
        "why": {"type": "string", "minLength": 3},
    },
    "required": ["days"],
}
WANTED = of_model(Retention)


def again(prompt: Prompt, raw: str, fault: str) -> Prompt:
    said = (Message("assistant", raw), Message("user", f"Wrong: {fault}."))
    return replace(prompt, tail=(*prompt.tail, *said))


@pytest.fixture(params=["responses", "chat completions", "another server"])
def model(request: pytest.FixtureRequest, client: AsyncOpenAI) -> ChatModel:
    if request.param == "responses":
        return OpenAIResponses(client, "gpt-5.4-mini")
    if request.param == "chat completions":
        return OpenAIChat(client, "gpt-5.4-mini", counter())
    return OpenAIChat(client, "llama-4", counter(), ChatCompletionsConfig(openai=False))


async def test_an_answer_that_fits_is_a_value_of_the_model(
    model: ChatModel, provider: Provider
) -> None:
    provider.say(FITS)
    result = await structured(model, REQUEST, WANTED, again)
    assert isinstance(result, Parsed)
    assert result.value == Retention(days=35)
    assert len(result.completions) == 1


async def test_an_answer_to_a_schema_is_plain_data(model: ChatModel, provider: Provider) -> None:
    provider.say(FITS)
    result = await structured(model, REQUEST, of_schema("retention", SCHEMA), again)
    assert isinstance(result, Parsed)
    assert result.value == {"days": 35}


async def test_a_refusal_an_end_and_a_misfit_are_three_results(
    model: ChatModel, provider: Provider
) -> None:
    provider.answer(Reply("I cannot.", refusal=True), Reply('{"days": 3', cut=True))
    refused = await structured(model, REQUEST, WANTED, again)
    incomplete = await structured(model, REQUEST, WANTED, again)
    provider.say("35 days", "35")
    invalid = await structured(model, REQUEST, WANTED, again)
    assert isinstance(refused, Refused)
    assert refused.words == "I cannot."
    assert isinstance(incomplete, Incomplete)
    assert incomplete.raw == '{"days": 3'
    assert isinstance(invalid, Invalid)
    assert invalid.raw == "35"
    assert len(invalid.completions) == 2


async def test_what_does_not_fit_is_asked_for_once_more_with_what_is_wrong(
    model: ChatModel, provider: Provider
) -> None:
    provider.say('{"days": -1, "why": null}', FITS)
    result = await structured(model, REQUEST, WANTED, again)
    assert isinstance(result, Parsed)
    assert len(result.completions) == 2
    second = json.dumps(provider.received[1].body)
    assert "Wrong: days: Input should be greater than or equal to 0." in second


async def test_the_second_question_has_the_same_schema_and_prefix(
    model: ChatModel, provider: Provider
) -> None:
    provider.say("no", FITS)
    await structured(model, REQUEST, WANTED, again)
    first, second = (received.body for received in provider.received)
    for part in ("text", "response_format"):
        assert first.get(part) == second.get(part)
    said = "input" if "input" in first else "messages"
    assert second[said][: len(first[said])] == first[said]


MISFITS = {
    "no JSON": ("35 days", "no JSON"),
    "not a number": ('{"days": NaN, "why": null}', "NaN"),
    "the wrong type": ('{"days": "many", "why": null}', "days"),
    "too large": ('{"days": 9999, "why": null}', "days"),
    "too short, which strict mode does not see": ('{"days": 1, "why": "x"}', "why"),
    "missing": ('{"why": null}', "days"),
    "a list": ("[1]", "the root"),
    "too deep": ("[" * 100_000, "deep"),
}


@pytest.mark.parametrize(("said", "word"), MISFITS.values(), ids=MISFITS)
@pytest.mark.parametrize(
    "wanted", [WANTED, of_schema("retention", SCHEMA)], ids=["model", "schema"]
)
def test_what_is_wrong_is_said_so_that_it_can_be_put_right(
    said: str, word: str, wanted: object
) -> None:
    with pytest.raises(ValueError, match=word) as caught:
        wanted.read(said)  # type: ignore[attr-defined]
    assert len(str(caught.value)) < 1000


async def test_calls_of_tools_are_no_answer(client: AsyncOpenAI, provider: Provider) -> None:
    provider.answer(*[Reply(calls=(Call("find_order"),))] * 2)
    result = await structured(OpenAIResponses(client, "gpt-5.4-mini"), REQUEST, WANTED, again)
    assert isinstance(result, Invalid)
    assert "tools" in result.fault


async def test_what_tools_said_stays_before_the_second_question() -> None:
    made = ToolRound((ToolCall("c", "find", "{}"),), (ToolResult("c", "sent"),))
    grader = Grader(["no", FITS])
    prompt = replace(PROMPT, rounds=(made,), images=(Image(url="https://example.com/a.png"),))
    result = await structured(grader, ChatRequest(prompt), WANTED, again)
    assert isinstance(result, Parsed)
    turns = grader.asked[1].prompt.turns
    assert turns[-3:] == (made, Message("assistant", "no"), turns[-1])
    assert grader.asked[1].prompt.prefix == PROMPT.prefix


def test_a_schema_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no JSON schema"):
        of_schema("x", {"type": "object", "properties": {"a": {"type": "text"}}})
