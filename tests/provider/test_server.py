"""The provider speaks what the real SDK reads, to the letter of the SDK's own types."""

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import openai
import pytest
from openai import OpenAI
from openai.types import CreateEmbeddingResponse, Model
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from tests.provider.embeddings import vector
from tests.provider.script import Reply
from tests.provider.server import Provider
from tests.provider.server import provider as running
from tests.provider.tokens import MESSAGE_OVERHEAD, count

REPLIES = {
    "an answer": Reply("Kept for 35 days [1]."),
    "a refusal": Reply("I cannot.", refusal=True),
    "a cut answer": Reply("Kept for", cut=True),
}
MODEL = "gpt-5.4-mini"
ASKED = [{"role": "user", "content": "How long?"}]


@pytest.fixture(scope="module")
def one_provider() -> Iterator[Provider]:
    with running() as found:
        yield found


@pytest.fixture
def provider(one_provider: Provider) -> Provider:
    one_provider.forget()
    return one_provider


@pytest.fixture
def sdk(provider: Provider) -> Iterator[OpenAI]:
    with OpenAI(api_key="sk-test", base_url=provider.url, max_retries=0) as client:
        yield client


def posted(provider: Provider, path: str, **body: object) -> httpx2.Response:
    with httpx2.Client(trust_env=False) as client:
        return client.post(f"{provider.url}/{path}", json={"model": MODEL, **body})


def events(answer: httpx2.Response) -> list[Any]:
    lines = answer.text.splitlines()
    return [json.loads(line[6:]) for line in lines if line.startswith("data: {")]


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_a_response_has_every_field_of_its_type(provider: Provider, reply: Reply) -> None:
    provider.answer(reply)
    Response.model_validate(posted(provider, "responses", input=ASKED).json())


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_every_event_of_a_response_has_its_type(provider: Provider, reply: Reply) -> None:
    provider.answer(reply)
    event_type: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)
    for event in events(posted(provider, "responses", input=ASKED, stream=True)):
        event_type.validate_python(event)


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_a_chat_completion_has_every_field_of_its_type(provider: Provider, reply: Reply) -> None:
    provider.answer(reply)
    ChatCompletion.model_validate(posted(provider, "chat/completions", messages=ASKED).json())


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_every_chunk_of_a_chat_completion_has_its_type(provider: Provider, reply: Reply) -> None:
    provider.answer(reply)
    for chunk in events(posted(provider, "chat/completions", messages=ASKED, stream=True)):
        ChatCompletionChunk.model_validate(chunk)


def test_events_come_in_the_order_of_the_api(provider: Provider) -> None:
    provider.say("Yes.")
    found = [e["type"] for e in events(posted(provider, "responses", input=ASKED, stream=True))]
    assert list(dict.fromkeys(found)) == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]


def test_the_sdk_counts_instructions_and_a_plain_question(sdk: OpenAI) -> None:
    answer = sdk.responses.create(model=MODEL, instructions="Be brief.", input="How long?")
    assert answer.usage is not None
    expected = count("Be brief.") + count("How long?") + 2 * MESSAGE_OVERHEAD
    assert answer.usage.input_tokens == expected


def test_the_sdk_gets_usage_in_the_last_chunk_when_it_asks(sdk: OpenAI) -> None:
    *_, last = sdk.chat.completions.create(
        model=MODEL,
        messages=[{"role": "user", "content": "How long?"}],
        stream=True,
        stream_options={"include_usage": True},
    )
    assert last.choices == []
    assert last.usage is not None


def test_vectors_are_the_same_in_base64_and_in_numbers(sdk: OpenAI) -> None:
    model = "text-embedding-3-small"
    packed = sdk.embeddings.create(model=model, input="a")
    plain = sdk.embeddings.create(model=model, input="a", encoding_format="float")
    assert packed.data[0].embedding == plain.data[0].embedding == vector("a", 1536).tolist()
    CreateEmbeddingResponse.model_validate(plain.model_dump())


@pytest.mark.parametrize(
    "texts", [["a", ""], ["a"] * 2049, ["word " * 9000], ["word " * 8000] * 40],
    ids=["an empty text", "too many", "one too long", "too long together"],
)  # fmt: skip
def test_embeddings_beyond_the_limits_are_refused(sdk: OpenAI, texts: list[str]) -> None:
    with pytest.raises(openai.BadRequestError):
        sdk.embeddings.create(model="text-embedding-3-small", input=texts)


@pytest.mark.parametrize("path", ["responses", "chat/completions", "embeddings"])
def test_a_field_that_the_api_does_not_know_is_refused(provider: Provider, path: str) -> None:
    answer = posted(provider, path, input=ASKED, messages=ASKED, max_words=3)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "unknown_parameter"


def test_a_model_can_be_looked_up(sdk: OpenAI) -> None:
    Model.model_validate(sdk.models.retrieve(MODEL).model_dump())


def test_scripted_errors_reach_the_sdk_with_their_headers(sdk: OpenAI, provider: Provider) -> None:
    provider.answer(Reply(status=429, error="slow down", headers=(("retry-after", "7"),)))
    with pytest.raises(openai.RateLimitError, match="slow down") as caught:
        sdk.responses.create(model=MODEL, input="How long?")
    assert caught.value.response.headers["retry-after"] == "7"


def test_it_keeps_what_it_was_sent_to_the_byte(sdk: OpenAI, provider: Provider) -> None:
    sdk.responses.create(model=MODEL, input="Straße 12, 数据")
    (received,) = provider.received
    assert received.path == "/v1/responses"
    assert received.headers["authorization"] == "Bearer sk-test"
    assert json.loads(received.raw) == received.body == {"model": MODEL, "input": "Straße 12, 数据"}
