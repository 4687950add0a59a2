"""Both chat adapters, through the real SDK, against a server that speaks the wire format."""

import gc
import time
from collections.abc import AsyncIterator, Callable

import pytest
from openai import AsyncOpenAI

from domain import errors
from domain.completion import CachePlan, ChatRequest, Completion, Delta
from domain.ports import ChatModel
from domain.prompt import Evidence
from domain.records import Turn
from gateway.chat.openai_chat import ChatCompletionsConfig, OpenAIChat
from gateway.chat.openai_responses import OpenAIResponses
from gateway.frames import Frames
from gateway.openai_client import OpenAIConfig, open_client
from prompts.compose import compose
from tests.provider.script import Reply
from tests.provider.server import Provider
from tests.provider.tokens import MESSAGE_OVERHEAD, count, counter
from tests.values import a_chunk

MODEL = "gpt-5.4-mini"


def responses(client: AsyncOpenAI) -> ChatModel:
    return OpenAIResponses(client, MODEL)


def completions(client: AsyncOpenAI) -> ChatModel:
    return OpenAIChat(client, MODEL, counter())


def elsewhere(client: AsyncOpenAI) -> ChatModel:
    return OpenAIChat(client, "llama-4", counter(), ChatCompletionsConfig(openai=False))


ADAPTERS: dict[str, Callable[[AsyncOpenAI], ChatModel]] = {
    "responses": responses,
    "chat completions": completions,
    "another server": elsewhere,
}


@pytest.fixture(params=list(ADAPTERS.values()), ids=list(ADAPTERS))
def model(request: pytest.FixtureRequest, client: AsyncOpenAI) -> ChatModel:
    adapter: Callable[[AsyncOpenAI], ChatModel] = request.param
    return adapter(client)


def a_request(**parts: object) -> ChatRequest:
    prompt = compose(
        "How long?",
        [Evidence(1, a_chunk(text="Backups are kept for 35 days."))],
        history=[Turn("Hello?", "Yes?", "2026-01-01T00:00:00+00:00")],
    )
    return ChatRequest(prompt, **parts)  # type: ignore[arg-type]


async def streamed(events: AsyncIterator[Delta | Completion]) -> tuple[list[str], Completion]:
    found = [event async for event in events]
    *deltas, completion = found
    assert isinstance(completion, Completion)
    return [d.text for d in deltas if isinstance(d, Delta)], completion


async def test_the_answer_and_its_usage_come_back(model: ChatModel, provider: Provider) -> None:
    provider.answer(Reply("Seven days [1].", cached=7, reasoning=5))
    request = a_request()
    completion = await model.complete(request)
    assert completion.text == "Seven days [1]."
    assert completion.finish == "stop"
    messages = request.prompt.messages
    assert completion.usage.input == sum(count(m.text) + MESSAGE_OVERHEAD for m in messages)
    assert completion.usage.cached == 7
    assert completion.usage.output == count("Seven days [1].") + 5
    assert completion.usage.reasoning == 5


async def test_every_message_arrives_in_order_and_to_the_byte(
    model: ChatModel, provider: Provider
) -> None:
    request = a_request()
    await model.complete(request)
    body = provider.received[0].body
    arrived = [m["content"] for m in body.get("input") or body["messages"]]
    assert arrived == [m.text for m in request.prompt.messages]


async def test_two_questions_share_every_byte_before_the_boundary(
    model: ChatModel, provider: Provider
) -> None:
    for question in ("How long?", "Who decides, and when?"):
        await model.complete(ChatRequest(compose(question, [])))
    first, second = (received.raw.split(b"<passages>")[0] for received in provider.received)
    assert first == second


ERRORS = {
    "bad request": (Reply(status=400), errors.ModelRejected),
    "wrong key": (Reply(status=401), errors.ModelRejected),
    "forbidden": (Reply(status=403), errors.ModelRejected),
    "unknown model": (Reply(status=404), errors.ModelRejected),
    "no balance": (Reply(status=402), errors.ModelBalanceEmpty),
    "quota used up": (Reply(status=429, code="insufficient_quota"), errors.ModelBalanceEmpty),
}


@pytest.mark.parametrize(("reply", "kind"), ERRORS.values(), ids=ERRORS)
async def test_what_is_rejected_is_not_sent_again(
    model: ChatModel, provider: Provider, reply: Reply, kind: type[errors.ModelError]
) -> None:
    provider.answer(reply)
    with pytest.raises(kind, match="scripted"):
        await model.complete(a_request())
    provider.answer(reply)
    with pytest.raises(kind):
        await streamed(model.stream(a_request()))
    assert len(provider.received) == 2


async def test_a_stream_that_is_over_is_forgotten_at_once(model: ChatModel) -> None:
    """What only the collector finds is found late, and a prompt is large."""
    gc.collect()
    gc.disable()
    try:
        await streamed(model.stream(a_request()))
        left = [one for one in gc.get_objects() if isinstance(one, Frames)]
    finally:
        gc.enable()
    assert left == []


async def test_streams_one_after_another_share_a_connection(
    model: ChatModel, provider: Provider
) -> None:
    for _ in range(3):
        await streamed(model.stream(a_request()))
    assert len({received.port for received in provider.received}) == 1


async def test_a_server_that_is_not_there_is_unreachable_at_once(provider: Provider) -> None:
    nowhere = provider.url.rsplit(":", 1)[0] + ":1/v1"
    async with open_client(OpenAIConfig("sk", base_url=nowhere)) as client:
        start = time.monotonic()
        with pytest.raises(errors.ModelUnreachable, match="cannot be reached"):
            await OpenAIResponses(client, MODEL).complete(a_request())  # with the default waits
        assert time.monotonic() - start < 1


async def test_openai_is_sent_key_cache_key_and_effort(
    client: AsyncOpenAI, provider: Provider
) -> None:
    await responses(client).complete(
        a_request(cache=CachePlan("k1"), max_output_tokens=77, effort="low")
    )
    sent = provider.received[0]
    assert sent.headers["authorization"] == "Bearer sk-test"
    assert sent.body["prompt_cache_key"] == "k1"
    assert sent.body["max_output_tokens"] == 77
    assert sent.body["reasoning"] == {"effort": "low"}
    assert sent.body["store"] is False
    assert [m["role"] for m in sent.body["input"]][:2] == ["system", "developer"]


async def test_another_server_is_sent_nothing_that_it_may_reject(
    client: AsyncOpenAI, provider: Provider
) -> None:
    await elsewhere(client).complete(a_request(cache=CachePlan("k1")))
    body = provider.received[0].body
    assert set(body) == {"model", "messages", "max_tokens"}
    assert {m["role"] for m in body["messages"]} == {"system", "user", "assistant"}


async def test_usage_is_counted_where_a_server_does_not_say_it(
    client: AsyncOpenAI, provider: Provider
) -> None:
    provider.answer(Reply("Three little words", usage=False))
    request = a_request()
    completion = await elsewhere(client).complete(request)
    assert completion.usage.output == count("Three little words")
    assert completion.usage.input == sum(count(m.text) for m in request.prompt.messages)


def test_a_key_is_not_printed() -> None:
    assert "sk-secret" not in repr(OpenAIConfig("sk-secret"))
