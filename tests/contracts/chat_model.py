"""What every ChatModel must do that talks to a provider. Needs the fixtures `model` and `provider`.

The provider is scripted in no vendor's words, so the same cases run over every adapter.
"""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace

import pytest

from domain import errors
from domain.completion import ChatRequest, Completion, Delta
from domain.ports import ChatModel
from domain.prompt import (
    Carry,
    Image,
    Message,
    OutputSchema,
    Prompt,
    Tool,
    ToolCall,
    ToolResult,
    ToolRound,
)
from tests.provider.script import Call, Reply
from tests.provider.server import Provider

TEXT = "Kept for 35 days [1]. Straße 12, naïve, 数据."
PROMPT = Prompt(
    version="test/v1",
    prefix=(Message("system", "Be exact."), Message("developer", "Answer in a sentence.")),
    history=(Message("user", "Hello?"), Message("assistant", "Yes?")),
    tail=(Message("user", "How long are backups kept?"),),
    question="How long are backups kept?",
    evidence=(),
)
TOOL = Tool(
    name="find_order",
    description="Finds an order by its number.",
    parameters='{"additionalProperties":false,"properties":{"number":{"type":"integer"}},'
    '"required":["number"],"type":"object"}',
)
SCHEMA = OutputSchema(
    name="retention",
    schema='{"additionalProperties":false,"properties":{"days":{"type":"integer"},'
    '"why":{"type":["string","null"]}},"required":["days","why"],"type":"object"}',
)
CALLS = (Call("find_order", '{"number": 7}'), Call("find_order", '{"number": 8}'))
REQUEST = ChatRequest(PROMPT)
WITH_TOOLS = ChatRequest(replace(PROMPT, tools=(TOOL,)))

ERRORS = {
    "bad request": (400, errors.ModelRejected),
    "wrong key": (401, errors.ModelRejected),
    "no balance": (402, errors.ModelBalanceEmpty),
    "forbidden": (403, errors.ModelRejected),
    "unknown model": (404, errors.ModelRejected),
    "too many": (429, errors.ModelRateLimited),
    "broken": (500, errors.ModelUnreachable),
    "busy": (503, errors.ModelUnreachable),
}


async def streamed(events: AsyncIterator[Delta | Completion]) -> tuple[list[Delta], Completion]:
    *deltas, completion = [event async for event in events]
    assert isinstance(completion, Completion)
    assert all(isinstance(delta, Delta) for delta in deltas)
    return [delta for delta in deltas if isinstance(delta, Delta)], completion


def alike(one: Completion, other: Completion) -> bool:
    """But for the names that a provider gives to each answer and each call."""
    return _nameless(one) == _nameless(other)


def a_round(asked: Completion, carry: Carry | None = None) -> ToolRound:
    results = tuple(ToolResult(call.id, f"order {i} is sent") for i, call in enumerate(asked.calls))
    return ToolRound(asked.calls, results, asked.text, carry or asked.carry)


class ChatModelContract:
    async def test_an_answer_has_its_text_its_end_and_its_usage(
        self, model: ChatModel, provider: Provider
    ) -> None:
        provider.say(TEXT)
        completion = await model.complete(REQUEST)
        assert completion.text == TEXT
        assert completion.finish == "stop"
        assert completion.usage.input > completion.usage.output > 5
        assert completion.request_id
        assert completion.provider

    async def test_a_stream_is_its_pieces_and_then_one_completion(
        self, model: ChatModel, provider: Provider
    ) -> None:
        provider.say(TEXT)
        deltas, completion = await streamed(model.stream(REQUEST))
        assert "".join(delta.text for delta in deltas) == completion.text == TEXT
        assert len(deltas) > 5

    async def test_a_stream_ends_with_what_a_whole_answer_is(
        self, model: ChatModel, provider: Provider
    ) -> None:
        provider.say(TEXT, TEXT)
        whole = await model.complete(REQUEST)
        assert alike((await streamed(model.stream(REQUEST)))[1], whole)

    @pytest.mark.parametrize("how", ["whole", "streamed"])
    async def test_what_an_answer_was_cut_at_is_told(
        self, model: ChatModel, provider: Provider, how: str
    ) -> None:
        provider.answer(Reply("Kept for", cut=True))
        assert (await answered(model, REQUEST, how)).finish == "length"

    @pytest.mark.parametrize("how", ["whole", "streamed"])
    async def test_a_refusal_is_told(self, model: ChatModel, provider: Provider, how: str) -> None:
        provider.answer(Reply("I cannot.", refusal=True))
        assert (await answered(model, REQUEST, how)).finish == "refusal"

    @pytest.mark.parametrize("how", ["whole", "streamed"])
    async def test_calls_of_tools_come_in_order_with_their_arguments(
        self, model: ChatModel, provider: Provider, how: str
    ) -> None:
        provider.answer(Reply(calls=CALLS))
        completion = await answered(model, WITH_TOOLS, how)
        assert completion.finish == "tool_calls"
        assert completion.text == ""
        assert [call.name for call in completion.calls] == ["find_order", "find_order"]
        assert [json.loads(c.arguments) for c in completion.calls] == [{"number": 7}, {"number": 8}]
        assert len({call.id for call in completion.calls}) == 2

    async def test_words_beside_a_call_are_kept(self, model: ChatModel, provider: Provider) -> None:
        provider.answer(Reply("I look it up.", calls=CALLS[:1]))
        deltas, completion = await streamed(model.stream(WITH_TOOLS))
        assert completion.text == "".join(d.text for d in deltas) == "I look it up."
        assert len(completion.calls) == 1

    async def test_results_go_back_round_after_round(
        self, model: ChatModel, provider: Provider
    ) -> None:
        provider.answer(Reply(calls=CALLS, reasoning=7), Reply(calls=CALLS[:1]), Reply(TEXT))
        rounds: tuple[ToolRound, ...] = ()
        request = WITH_TOOLS
        for _ in range(2):
            rounds = (*rounds, a_round(await model.complete(request)))
            request = ChatRequest(replace(WITH_TOOLS.prompt, rounds=rounds))
        assert (await model.complete(request)).text == TEXT
        assert provider.received[-1].raw.count(b"is sent") == 3

    async def test_a_round_that_another_provider_began_is_retold(
        self, model: ChatModel, provider: Provider
    ) -> None:
        call = ToolCall("toolu_1", "find_order", '{"number": 7}')
        begun = ToolRound(
            (call,), (ToolResult("toolu_1", "sent"),), "So.", Carry("another", "sealed")
        )
        provider.say(TEXT)
        request = ChatRequest(replace(WITH_TOOLS.prompt, rounds=(begun,)))
        assert (await model.complete(request)).text == TEXT
        assert b"sealed" not in provider.received[-1].raw

    async def test_an_answer_fits_the_schema_that_it_was_asked_for_in(
        self, model: ChatModel, provider: Provider
    ) -> None:
        completion = await model.complete(ChatRequest(replace(PROMPT, schema=SCHEMA)))
        assert set(json.loads(completion.text)) == {"days", "why"}

    async def test_an_image_arrives_with_its_bytes(
        self, model: ChatModel, provider: Provider
    ) -> None:
        image = Image("image/png", b"\x89PNG and the rest", detail="low")
        await model.complete(ChatRequest(replace(PROMPT, images=(image,))))
        assert base64.b64encode(image.data) in provider.received[-1].raw

    @pytest.mark.parametrize(("status", "kind"), ERRORS.values(), ids=ERRORS)
    @pytest.mark.parametrize("how", ["whole", "streamed"])
    async def test_an_error_has_its_class_and_is_called_once(
        self,
        model: ChatModel,
        provider: Provider,
        status: int,
        kind: type[errors.ModelError],
        how: str,
    ) -> None:
        provider.answer(Reply(status=status, error="scripted words"))
        with pytest.raises(kind, match="scripted words") as caught:
            await answered(model, REQUEST, how)
        assert len(provider.received) == 1
        assert getattr(caught.value, "transient", True) is True

    async def test_how_long_to_wait_is_told(self, model: ChatModel, provider: Provider) -> None:
        provider.answer(Reply(status=429, headers=(("retry-after", "7"),)))
        with pytest.raises(errors.ModelRateLimited) as caught:
            await model.complete(REQUEST)
        assert caught.value.retry_after == 7

    async def test_a_stream_that_breaks_off_is_an_error_after_what_it_said(
        self, model: ChatModel, provider: Provider
    ) -> None:
        provider.answer(Reply("one two three four five six seven", breaks_after=7))
        said: list[Delta | Completion] = []
        with pytest.raises(errors.ModelUnreachable):
            await kept(model.stream(REQUEST), said)
        assert said
        assert all(isinstance(event, Delta) for event in said)
        assert len(provider.received) == 1

    async def test_who_stops_listening_leaves_it_usable(
        self, model: ChatModel, provider: Provider
    ) -> None:
        provider.say(TEXT, TEXT)
        async with aclosing(model.stream(REQUEST)) as events:
            await anext(events)
        assert (await model.complete(REQUEST)).text == TEXT

    async def test_many_callers_at_once_get_what_is_theirs(
        self, model: ChatModel, provider: Provider
    ) -> None:
        provider.say(*[TEXT] * 10)
        asked = [streamed(model.stream(REQUEST)) for _ in range(10)]
        found = await asyncio.gather(*asked)
        assert {completion.text for _, completion in found} == {TEXT}
        assert len({completion.request_id for _, completion in found}) == 10

    async def test_check_reaches_the_provider_and_names_what_is_wrong(
        self, model: ChatModel, provider: Provider
    ) -> None:
        await model.check()
        provider.answer(Reply(status=401, error="bad key"))
        with pytest.raises(errors.ModelRejected, match="bad key"):
            await model.check()


async def kept(events: AsyncIterator[Delta | Completion], said: list[Delta | Completion]) -> None:
    async for event in events:
        said.append(event)  # noqa: PERF401 - what comes before an error counts


async def answered(model: ChatModel, request: ChatRequest, how: str) -> Completion:
    if how == "whole":
        return await model.complete(request)
    return (await streamed(model.stream(request)))[1]


def _nameless(completion: Completion) -> Completion:
    calls = tuple(replace(call, id="") for call in completion.calls)
    return replace(completion, request_id=None, calls=calls, carry=None)
