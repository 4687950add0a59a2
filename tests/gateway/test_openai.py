"""Both chat adapters, through the real SDK, against a server that speaks the wire format."""

import time
from collections.abc import AsyncIterator, Callable

import pytest
from openai import AsyncOpenAI

from domain import errors
from domain.completion import ChatRequest, Completion, Delta
from domain.ports import ChatModel
from domain.prompt import Evidence
from domain.records import Turn
from gateway.chat.openai_chat import ChatCompletionsConfig, OpenAIChat
from gateway.chat.openai_responses import OpenAIResponses, ResponsesConfig
from gateway.openai_client import OpenAIConfig, open_client
from gateway.retry import RetryConfig
from prompts.compose import compose
from tests.provider.script import Reply
from tests.provider.server import Provider
from tests.provider.tokens import MESSAGE_OVERHEAD, count, counter
from tests.values import a_chunk

AT_ONCE = RetryConfig(first_wait=0.001)
MODEL = "gpt-5.4-mini"


def responses(client: AsyncOpenAI) -> ChatModel:
    return OpenAIResponses(client, MODEL, ResponsesConfig(retry=AT_ONCE))


def completions(client: AsyncOpenAI) -> ChatModel:
    return OpenAIChat(client, MODEL, counter(), ChatCompletionsConfig(retry=AT_ONCE))


def elsewhere(client: AsyncOpenAI) -> ChatModel:
    config = ChatCompletionsConfig(openai=False, retry=AT_ONCE)
    return OpenAIChat(client, "llama-4", counter(), config)


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


async def test_a_stream_says_the_same_as_a_whole_answer(
    model: ChatModel, provider: Provider
) -> None:
    text = "Kept for 35 days [1]. Straße 12, naïve, 数据."
    provider.say(text, text)
    whole = await model.complete(a_request())
    pieces, completion = await streamed(model.stream(a_request()))
    assert "".join(pieces) == text
    assert len(pieces) > 5
    assert completion == whole


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


@pytest.mark.parametrize("cut", [True, False], ids=["cut", "refusal"])
async def test_a_cut_answer_and_a_refusal_are_told_apart(
    model: ChatModel, provider: Provider, *, cut: bool
) -> None:
    reply = Reply("I cannot", cut=cut, refusal=not cut)
    provider.answer(reply, reply)
    expected = "length" if cut else "refusal"
    assert (await model.complete(a_request())).finish == expected
    assert (await streamed(model.stream(a_request())))[1].finish == expected


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


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_what_may_pass_is_tried_again(
    model: ChatModel, provider: Provider, status: int
) -> None:
    provider.answer(Reply(status=status), Reply(status=status), Reply("At last."))
    assert (await model.complete(a_request())).text == "At last."
    provider.answer(Reply(status=status), Reply("At last."))
    assert (await streamed(model.stream(a_request())))[1].text == "At last."
    assert len(provider.received) == 5


async def test_after_four_attempts_the_error_stays(model: ChatModel, provider: Provider) -> None:
    provider.answer(*[Reply(status=503)] * 9)
    with pytest.raises(errors.ModelUnreachable):
        await model.complete(a_request())
    assert len(provider.received) == 4


async def test_a_stream_that_breaks_off_is_an_error_and_never_begun_again(
    model: ChatModel, provider: Provider
) -> None:
    provider.answer(Reply("one two three four five", breaks_after=5))
    events = model.stream(a_request())
    assert isinstance(await anext(events), Delta)
    with pytest.raises(errors.ModelUnreachable):
        await streamed(events)
    assert len(provider.received) == 1


async def test_streams_one_after_another_share_a_connection(
    model: ChatModel, provider: Provider
) -> None:
    for _ in range(3):
        await streamed(model.stream(a_request()))
    assert len({received.port for received in provider.received}) == 1


async def test_retry_after_is_honoured(client: AsyncOpenAI, provider: Provider) -> None:
    provider.answer(Reply(status=429, headers=(("retry-after", "0.3"),)), Reply("Now."))
    start = time.monotonic()
    await responses(client).complete(a_request())
    assert time.monotonic() - start >= 0.3


async def test_a_wait_that_is_too_long_is_not_waited_for(
    client: AsyncOpenAI, provider: Provider
) -> None:
    provider.answer(Reply(status=429, headers=(("retry-after", "600"),)))
    with pytest.raises(errors.ModelRateLimited) as caught:
        await responses(client).complete(a_request())
    assert caught.value.retry_after == 600
    assert len(provider.received) == 1


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
    await responses(client).complete(a_request(cache_key="k1", max_output_tokens=77))
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
    completion = await elsewhere(client).complete(a_request(cache_key="k1"))
    body = provider.received[0].body
    assert set(body) == {"model", "messages", "max_tokens"}
    assert {m["role"] for m in body["messages"]} == {"system", "user", "assistant"}
    assert completion.cost_microdollars == 0


async def test_usage_is_counted_where_a_server_does_not_say_it(
    client: AsyncOpenAI, provider: Provider
) -> None:
    provider.answer(Reply("Three little words", usage=False))
    request = a_request()
    completion = await elsewhere(client).complete(request)
    assert completion.usage.output == count("Three little words")
    assert completion.usage.input == sum(count(m.text) for m in request.prompt.messages)


async def test_check_reaches_the_server_and_names_what_is_wrong(
    model: ChatModel, provider: Provider
) -> None:
    await model.check()
    provider.answer(Reply(status=401, error="bad key"))
    with pytest.raises(errors.ModelRejected, match="bad key"):
        await model.check()


def test_a_key_is_not_printed() -> None:
    assert "sk-secret" not in repr(OpenAIConfig("sk-secret"))
