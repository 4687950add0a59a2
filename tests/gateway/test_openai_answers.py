"""What OpenAI's formats say beside the text: summaries, calls, background answers, odd streams."""

import asyncio
import json
from contextlib import suppress
from dataclasses import replace

import pytest
from openai import AsyncOpenAI

from domain import errors
from domain.completion import ChatRequest, Delta
from gateway.chat.openai_chat import ChatCompletionsConfig, OpenAIChat
from gateway.chat.openai_responses import OpenAIResponses, ResponsesConfig
from tests.contracts.chat_model import CALLS, PROMPT, REQUEST, TEXT, WITH_TOOLS, streamed
from tests.provider import chat as chat_format
from tests.provider import responses as responses_format
from tests.provider.script import Reply
from tests.provider.server import Provider
from tests.provider.tokens import counter

SOON = ResponsesConfig(look_every=0.01)
LATER = ChatRequest(PROMPT, background=True)
BODY = {"model": "gpt-5.4-mini", "input": "How long?"}
CHAT_BODY = {**BODY, "messages": [], "stream_options": {"include_usage": True}}


@pytest.fixture
def model(client: AsyncOpenAI) -> OpenAIResponses:
    return OpenAIResponses(client, "gpt-5.4-mini", SOON)


@pytest.fixture
def elsewhere(client: AsyncOpenAI) -> OpenAIChat:
    return OpenAIChat(client, "llama-4", counter(), ChatCompletionsConfig(openai=False))


def framed(*events: dict[str, object], done: bool = False) -> Reply:
    named = [f"event: {e['type']}\n" if "type" in e else "" for e in events]
    frames = [f"{n}data: {json.dumps(e)}\n\n" for n, e in zip(named, events, strict=True)]
    end = "data: [DONE]\n\n" if done else ""
    return Reply(verbatim="".join(frames) + end, media_type="text/event-stream")


async def test_the_summary_of_the_reasoning_is_streamed_apart_from_the_text(
    model: OpenAIResponses, provider: Provider
) -> None:
    provider.answer(Reply(TEXT, summary="It looks.\n\nIt finds.", reasoning=30))
    deltas, completion = await streamed(model.stream(ChatRequest(PROMPT, summary=True)))
    thought = "".join(d.text for d in deltas if d.kind == "summary")
    assert thought == completion.summary == "It looks.\n\nIt finds."
    assert "".join(d.text for d in deltas if d.kind == "text") == completion.text == TEXT


async def test_a_background_answer_is_asked_for_until_it_is_done(
    model: OpenAIResponses, provider: Provider
) -> None:
    provider.answer(Reply(TEXT, polls=(200, 200)))
    assert (await model.complete(LATER)).text == TEXT
    assert [r.path.count("/resp_") for r in provider.received] == [0, 1, 1, 1]
    assert provider.received[0].body["background"] is True


async def test_a_background_answer_can_be_streamed_at_its_end(
    model: OpenAIResponses, provider: Provider
) -> None:
    provider.answer(Reply(TEXT, summary="It looks."))
    deltas, completion = await streamed(model.stream(replace(LATER, summary=True)))
    assert deltas == [Delta("It looks.", "summary"), Delta(TEXT)]
    assert completion.text == TEXT


async def test_a_look_that_fails_for_now_does_not_begin_the_answer_again(
    model: OpenAIResponses, provider: Provider
) -> None:
    provider.answer(Reply(TEXT, polls=(503, 429, 200)))
    assert (await model.complete(LATER)).text == TEXT
    assert sum(r.path.endswith("/responses") for r in provider.received) == 1


async def test_a_background_answer_that_cannot_be_looked_at_is_called_off(
    model: OpenAIResponses, provider: Provider
) -> None:
    provider.answer(Reply(TEXT, polls=(503,) * 9))
    with pytest.raises(errors.ModelUnreachable):
        await model.complete(LATER)
    assert provider.received[-1].path.endswith("/cancel")


async def test_who_goes_away_calls_a_background_answer_off(
    model: OpenAIResponses, provider: Provider
) -> None:
    provider.answer(Reply(TEXT, polls=(200,) * 1000))
    asking = asyncio.create_task(model.complete(LATER))
    while len(provider.received) < 3:  # noqa: ASYNC110 - counted in the provider's thread
        await asyncio.sleep(0.01)
    asking.cancel()
    with suppress(asyncio.CancelledError):
        await asking
    assert provider.received[-1].path.endswith("/cancel")


async def test_a_call_that_was_cut_short_is_no_call(
    model: OpenAIResponses, elsewhere: OpenAIChat, provider: Provider
) -> None:
    torn = replace(CALLS[0], arguments='{"number": ')
    provider.answer(*[Reply(calls=(torn,), cut=True)] * 2)
    for adapter in (model, elsewhere):
        completion = await adapter.complete(WITH_TOOLS)
        assert (completion.finish, completion.calls) == ("length", ())


async def test_a_call_without_a_name_of_its_own_is_named_by_its_place(
    elsewhere: OpenAIChat, provider: Provider
) -> None:
    body = chat_format.whole(CHAT_BODY, Reply(calls=CALLS))
    for call in body["choices"][0]["message"]["tool_calls"]:
        call["id"] = ""
    provider.answer(Reply(verbatim=json.dumps(body)))
    completion = await elsewhere.complete(WITH_TOOLS)
    assert [call.id for call in completion.calls] == ["call_0", "call_1"]


async def test_what_was_left_out_is_noted(model: OpenAIResponses) -> None:
    asked = ChatRequest(PROMPT, effort="high", temperature=0.2, stop=("END",))
    notes = " ".join((await model.complete(asked)).notes)
    assert "temperature" in notes
    assert "stop" in notes


async def test_an_effort_that_the_model_does_not_take_is_refused_unsent(
    client: AsyncOpenAI, provider: Provider
) -> None:
    with pytest.raises(errors.InvalidInput, match="medium, high, xhigh") as caught:
        await OpenAIResponses(client, "gpt-5.4-pro").complete(ChatRequest(PROMPT, effort="low"))
    assert caught.value.field == "effort"
    assert not provider.received


async def test_a_frame_that_comes_twice_is_said_once(
    model: OpenAIResponses, provider: Provider
) -> None:
    events = list(responses_format.events(BODY, Reply("one two three")))
    place = next(i for i, e in enumerate(events) if "delta" in e) + 1
    provider.answer(framed(*events[: place + 1], *events[place:]))
    deltas, completion = await streamed(model.stream(REQUEST))
    assert "".join(d.text for d in deltas) == completion.text == "one two three"


async def test_a_stream_that_lost_a_frame_is_an_error(
    model: OpenAIResponses, provider: Provider
) -> None:
    events = list(responses_format.events(BODY, Reply("one two three")))
    place = next(i for i, e in enumerate(events) if "delta" in e) + 1
    provider.answer(framed(*events[:place], *events[place + 1 :]))
    with pytest.raises(errors.ModelUnreachable, match="lost a part"):
        await streamed(model.stream(REQUEST))


async def test_a_torn_frame_is_an_error(
    model: OpenAIResponses, elsewhere: OpenAIChat, provider: Provider
) -> None:
    torn = Reply(verbatim='data: {"type": "resp\n\n', media_type="text/event-stream")
    for adapter in (model, elsewhere):
        provider.answer(torn)
        with pytest.raises(errors.ModelUnreachable, match="cannot be read"):
            await streamed(adapter.stream(REQUEST))


async def test_done_without_a_finish_is_no_end(elsewhere: OpenAIChat, provider: Provider) -> None:
    chunks = [c for c in chat_format.events(CHAT_BODY, Reply("one")) if not _finishes(c)]
    provider.answer(framed(*chunks, done=True))
    with pytest.raises(errors.ModelUnreachable, match="without finishing"):
        await streamed(elsewhere.stream(REQUEST))


@pytest.mark.parametrize("done", [True, False], ids=["done", "no done"])
async def test_a_finish_is_the_end_whatever_follows(
    elsewhere: OpenAIChat, provider: Provider, *, done: bool
) -> None:
    provider.answer(framed(*chat_format.events(CHAT_BODY, Reply("one", usage=not done)), done=done))
    completion = (await streamed(elsewhere.stream(REQUEST)))[1]
    assert completion.text == "one"
    assert completion.usage.output == 1
    assert bool(completion.notes) is done  # who did not say what it used was counted


def _finishes(chunk: dict[str, object]) -> bool:
    choices = chunk["choices"]
    return isinstance(choices, list) and any(choice["finish_reason"] for choice in choices)
