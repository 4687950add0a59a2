"""What goes wrong after status 200: failures inside an answer, and answers of another kind."""

import json
from collections.abc import AsyncIterator

import pytest
from openai import AsyncOpenAI

from domain import errors
from domain.completion import ChatRequest, Completion, Delta, Usage
from domain.ports import ChatModel
from gateway.chat.openai_chat import ChatCompletionsConfig, OpenAIChat
from gateway.chat.openai_responses import OpenAIResponses
from prompts.compose import compose
from tests.provider import responses
from tests.provider.script import Reply
from tests.provider.server import Provider
from tests.provider.tokens import counter

REQUEST = ChatRequest(compose("How long?", []))
BODY = {"model": "gpt-5.4-mini", "input": "How long?"}

CODES = {
    "server_error": errors.ModelUnreachable,
    "rate_limit_exceeded": errors.ModelRateLimited,
    "insufficient_quota": errors.ModelBalanceEmpty,
    "invalid_prompt": errors.ModelRejected,
}


@pytest.fixture
def model(client: AsyncOpenAI) -> OpenAIResponses:
    return OpenAIResponses(client, "gpt-5.4-mini")


@pytest.fixture(params=["responses", "chat completions"])
def either(
    request: pytest.FixtureRequest, client: AsyncOpenAI, model: OpenAIResponses
) -> ChatModel:
    if request.param == "responses":
        return model
    config = ChatCompletionsConfig(openai=False)
    return OpenAIChat(client, "llama-4", counter(), config)


async def last(events: AsyncIterator[Delta | Completion]) -> Delta | Completion:
    return [event async for event in events][-1]


def failed(code: str) -> dict[str, object]:
    error = {"code": code, "message": "it went wrong"}
    return {**responses.whole(BODY, Reply()), "status": "failed", "error": error, "usage": None}


def streamed(*events: dict[str, object]) -> Reply:
    frames = "".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events)
    return Reply(verbatim=frames, media_type="text/event-stream")


@pytest.mark.parametrize(("code", "kind"), CODES.items(), ids=CODES)
async def test_a_failed_response_is_the_error_that_its_code_names(
    model: OpenAIResponses, provider: Provider, code: str, kind: type[errors.ModelError]
) -> None:
    provider.answer(Reply(verbatim=json.dumps(failed(code))))
    with pytest.raises(kind, match="it went wrong"):
        await model.complete(REQUEST)
    provider.answer(streamed({"type": "response.failed", "response": failed(code)}))
    with pytest.raises(kind, match="it went wrong"):
        await last(model.stream(REQUEST))


@pytest.mark.parametrize(("code", "kind"), CODES.items(), ids=CODES)
async def test_an_error_event_is_the_error_that_its_code_names(
    model: OpenAIResponses, provider: Provider, code: str, kind: type[errors.ModelError]
) -> None:
    provider.answer(streamed({"type": "error", "code": code, "message": "it went wrong"}))
    with pytest.raises(kind, match="it went wrong"):
        await last(model.stream(REQUEST))


async def test_an_error_among_chat_chunks_is_told(client: AsyncOpenAI, provider: Provider) -> None:
    frame = json.dumps({"error": {"code": "server_error", "message": "out of memory"}})
    provider.answer(Reply(verbatim=f"data: {frame}\n\n", media_type="text/event-stream"))
    config = ChatCompletionsConfig(openai=False)
    with pytest.raises(errors.ModelUnreachable, match="out of memory"):
        await last(OpenAIChat(client, "llama-4", counter(), config).stream(REQUEST))


async def test_a_response_stopped_by_the_content_filter_is_a_refusal(
    model: OpenAIResponses, provider: Provider
) -> None:
    body = responses.whole(BODY, Reply(cut=True))
    body["incomplete_details"] = {"reason": "content_filter"}
    provider.answer(Reply(verbatim=json.dumps(body)))
    assert (await model.complete(REQUEST)).finish == "refusal"


async def test_a_web_page_says_that_the_address_is_wrong(
    either: ChatModel, provider: Provider
) -> None:
    page = Reply(verbatim="<html>Welcome</html>", media_type="text/html")
    provider.answer(page, page, page)
    with pytest.raises(errors.ModelRejected, match="OPENAI_BASE_URL"):
        await either.complete(REQUEST)
    with pytest.raises(errors.ModelRejected, match="OPENAI_BASE_URL"):
        await last(either.stream(REQUEST))
    with pytest.raises(errors.ModelRejected, match="OPENAI_BASE_URL"):
        await either.check()


@pytest.mark.parametrize("body", ['{"hello": 1}', '{"id":'], ids=["other JSON", "cut JSON"])
async def test_an_answer_that_cannot_be_read_is_a_model_error(
    either: ChatModel, provider: Provider, body: str
) -> None:
    provider.answer(Reply(verbatim=body))
    with pytest.raises(errors.ModelUnreachable, match=either.name):
        await either.complete(REQUEST)


@pytest.mark.parametrize(
    "frame",
    ['{"type": "response.output_text.delta"}', '{"hello": 1}', '{"choices": [{"index": 0}]}'],
    ids=["a delta of nothing", "other JSON", "a choice of nothing"],
)
async def test_a_frame_that_lacks_a_part_is_a_model_error(
    either: ChatModel, provider: Provider, frame: str
) -> None:
    provider.answer(Reply(verbatim=f"data: {frame}\n\n", media_type="text/event-stream"))
    with pytest.raises(errors.ModelUnreachable, match=either.name):
        await last(either.stream(REQUEST))


WAITS = {
    "seconds": (("retry-after", "7"), 7),
    "milliseconds": (("retry-after-ms", "1500"), 1.5),
    "a moment that is over": (("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT"), 0),
    "nonsense": (("retry-after", "soon"), None),
}


@pytest.mark.parametrize(("header", "seconds"), WAITS.values(), ids=WAITS)
async def test_how_long_to_wait_is_read_in_whichever_way_it_is_said(
    model: OpenAIResponses, provider: Provider, header: tuple[str, str], seconds: float | None
) -> None:
    provider.answer(Reply(status=429, headers=(header,)))
    with pytest.raises(errors.ModelRateLimited) as caught:
        await model.complete(REQUEST)
    assert caught.value.retry_after == seconds


async def test_a_request_that_timed_out_there_may_pass_soon(
    either: ChatModel, provider: Provider
) -> None:
    provider.answer(Reply(status=408))
    with pytest.raises(errors.ModelUnreachable) as caught:
        await either.complete(REQUEST)
    assert caught.value.transient


async def test_a_failed_response_says_what_it_used(
    model: OpenAIResponses, provider: Provider
) -> None:
    used = {"input_tokens": 9, "output_tokens": 2, "total_tokens": 11}
    provider.answer(Reply(verbatim=json.dumps({**failed("server_error"), "usage": used})))
    with pytest.raises(errors.ModelUnreachable) as caught:
        await model.complete(REQUEST)
    assert caught.value.usage == Usage(input=9, output=2)


async def test_a_server_need_not_say_which_tokens_were_cached_or_thought(
    model: OpenAIResponses, provider: Provider
) -> None:
    used = {"input_tokens": 9, "output_tokens": 2, "total_tokens": 11}
    body = {**responses.whole(BODY, Reply()), "usage": used}
    provider.answer(Reply(verbatim=json.dumps(body)))
    assert (await model.complete(REQUEST)).usage == Usage(input=9, output=2)


async def test_another_server_s_word_for_a_prompt_too_long_is_known(
    either: ChatModel, provider: Provider
) -> None:
    error = {"code": 400, "message": "too long", "type": "exceed_context_size_error"}
    provider.answer(Reply(status=400, verbatim=json.dumps({"error": error})))
    with pytest.raises(errors.ModelContextExceeded):
        await either.complete(REQUEST)
