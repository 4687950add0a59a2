"""What goes wrong after status 200: failures inside an answer, and answers of another kind."""

import json
from collections.abc import AsyncIterator

import pytest
from openai import AsyncOpenAI

from domain import errors
from domain.completion import ChatRequest, Completion, Delta
from domain.ports import ChatModel
from gateway.chat.openai_chat import ChatCompletionsConfig, OpenAIChat
from gateway.chat.openai_responses import OpenAIResponses, ResponsesConfig
from gateway.retry import RetryConfig
from prompts.compose import compose
from tests.provider import responses
from tests.provider.script import Reply
from tests.provider.server import Provider
from tests.provider.tokens import counter

ONCE = RetryConfig(attempts=1)
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
    return OpenAIResponses(client, "gpt-5.4-mini", ResponsesConfig(retry=ONCE))


@pytest.fixture(params=["responses", "chat completions"])
def either(
    request: pytest.FixtureRequest, client: AsyncOpenAI, model: OpenAIResponses
) -> ChatModel:
    if request.param == "responses":
        return model
    config = ChatCompletionsConfig(openai=False, retry=ONCE)
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
    config = ChatCompletionsConfig(openai=False, retry=ONCE)
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
