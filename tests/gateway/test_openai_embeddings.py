"""OpenAI's embeddings: order, unit length, batches, limits, retries."""

import numpy as np
import pytest
from openai import AsyncOpenAI

from domain.errors import InvalidInput, Misconfigured, ModelRejected, ModelUnreachable
from gateway.embed.openai import OpenAIEmbedder, OpenAIEmbedderConfig
from gateway.retry import RetryConfig
from tests.provider.embeddings import vector
from tests.provider.script import Reply
from tests.provider.server import Provider
from tests.provider.tokens import counter

SMALL = OpenAIEmbedderConfig("text-embedding-3-small", retry=RetryConfig(first_wait=0.001))


def embedder(client: AsyncOpenAI, config: OpenAIEmbedderConfig = SMALL) -> OpenAIEmbedder:
    return OpenAIEmbedder(client, counter(), config)


async def test_vectors_come_in_the_order_of_the_texts(
    client: AsyncOpenAI, provider: Provider
) -> None:
    del provider
    found = await embedder(client).embed_documents(["one", "two", "one"])
    for text, got in zip(["one", "two", "one"], found, strict=True):
        np.testing.assert_allclose(got, vector(text, 1536), atol=1e-6)
        assert got.dtype == np.float32


async def test_shortened_vectors_are_asked_for_and_another_space(
    client: AsyncOpenAI, provider: Provider
) -> None:
    short = embedder(client, OpenAIEmbedderConfig("text-embedding-3-small", dimensions=256))
    assert len(await short.embed_query("one")) == 256
    assert provider.received[0].body["dimensions"] == 256
    assert short.space.id != embedder(client).space.id


async def test_many_texts_go_in_several_requests(client: AsyncOpenAI, provider: Provider) -> None:
    config = OpenAIEmbedderConfig("text-embedding-3-small", dimensions=2)
    found = await embedder(client, config).embed_documents([str(i) for i in range(2050)])
    assert len(found) == 2050
    assert sorted(len(r.body["input"]) for r in provider.received) == [2, 2048]


async def test_many_questions_go_in_one_request(client: AsyncOpenAI, provider: Provider) -> None:
    questions = [f"question {i}" for i in range(100)]
    found = await embedder(client).embed_queries(questions)
    for text, got in zip(questions, found, strict=True):
        np.testing.assert_allclose(got, vector(text, 1536), atol=1e-6)
    assert len(provider.received) == 1


async def test_a_text_that_is_too_long_is_refused_before_the_call(
    client: AsyncOpenAI, provider: Provider
) -> None:
    with pytest.raises(InvalidInput, match="FOREBAY_CHUNK__MAX_TOKENS"):
        await embedder(client).embed_query("word " * 9000)
    assert provider.received == []


async def test_busy_is_waited_for_and_rejected_is_not(
    client: AsyncOpenAI, provider: Provider
) -> None:
    provider.answer(Reply(status=429), Reply())
    await embedder(client).embed_query("one")
    provider.answer(Reply(status=400))
    with pytest.raises(ModelRejected):
        await embedder(client).embed_query("one")
    assert len(provider.received) == 3


def test_an_unknown_model_needs_its_dimensions(client: AsyncOpenAI) -> None:
    with pytest.raises(InvalidInput, match="FOREBAY_EMBED__DIMENSIONS"):
        embedder(client, OpenAIEmbedderConfig("own-model"))


async def test_vectors_of_another_length_than_the_space_says_are_refused(
    client: AsyncOpenAI, provider: Provider
) -> None:
    del provider
    own = embedder(client, OpenAIEmbedderConfig("own-model", dimensions=8))
    with pytest.raises(Misconfigured, match="FOREBAY_EMBED__DIMENSIONS=64"):
        await own.embed_query("one")


@pytest.mark.parametrize(
    "body", ['{"data": []}', '{"hello": 1}', '{"data":'], ids=["no vectors", "other", "cut"]
)
async def test_an_answer_without_vectors_is_a_model_error(
    client: AsyncOpenAI, provider: Provider, body: str
) -> None:
    provider.answer(Reply(verbatim=body))
    with pytest.raises(ModelUnreachable, match="text-embedding-3-small"):
        await embedder(client).embed_query("one")
