"""Many texts through OpenAI's embeddings: fast as it may, patient when it may not, nothing lost."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import numpy as np
import pytest
from openai import AsyncOpenAI

from domain.errors import (
    ModelBalanceEmpty,
    ModelError,
    ModelRateLimited,
    ModelRejected,
    ModelUnreachable,
)
from gateway.embed.openai import OpenAIEmbedder, OpenAIEmbedderConfig
from gateway.embed.pace import PaceConfig
from gateway.pricing import Prices
from gateway.retry import RetryConfig
from tests.provider.embeddings import vector
from tests.provider.limits import Limits
from tests.provider.script import Reply
from tests.provider.server import Provider
from tests.provider.tokens import counter

QUICK = PaceConfig(first_rest=0.02, longest_rest=0.1, patience=20)
CONFIG = OpenAIEmbedderConfig(
    "text-embedding-3-small",
    dimensions=8,
    inputs=10,
    pace=QUICK,
    retry=RetryConfig(first_wait=0.001),
)
TEXTS = [f"text {i}" for i in range(200)]  # 20 requests


def opened(client: AsyncOpenAI, config: OpenAIEmbedderConfig = CONFIG) -> OpenAIEmbedder:
    return OpenAIEmbedder(client, counter(), config)


async def embedded(embedder: OpenAIEmbedder, texts: list[str]) -> None:
    """All of them, and in their order."""
    found = await embedder.embed_documents(texts)
    for text, got in zip(texts, found, strict=True):
        np.testing.assert_allclose(got, vector(text, 8), atol=1e-6)


async def until(true: Callable[[], bool]) -> None:
    """The provider runs in a thread of its own, which can only be looked at."""
    while not true():  # noqa: ASYNC110
        await asyncio.sleep(0.01)


async def test_several_requests_are_under_way_at_once(
    client: AsyncOpenAI, provider: Provider
) -> None:
    provider.otherwise = Reply(wait=0.02)
    await embedded(opened(client), TEXTS)
    assert len(provider.received) == 20
    assert 4 <= provider.limits.most_under_way <= QUICK.most


async def test_a_busy_while_loses_nothing_and_is_no_storm(
    client: AsyncOpenAI, provider: Provider
) -> None:
    provider.limits = Limits(busy_until=time.monotonic() + 1)
    await embedded(opened(client), TEXTS)
    # two are under way when it begins; then one every tenth of a second
    assert 5 <= provider.limits.refused <= 16
    assert len(provider.received) == 20 + provider.limits.refused


async def test_all_rest_for_as_long_as_the_provider_asks(
    client: AsyncOpenAI, provider: Provider
) -> None:
    provider.answer(Reply(status=429, headers=(("retry-after", "0.5"),)))
    begun = time.monotonic()
    await embedded(opened(client), TEXTS)
    assert time.monotonic() - begun >= 0.5
    assert len(provider.received) == 21


async def test_it_finds_how_many_at_once_are_taken(client: AsyncOpenAI, provider: Provider) -> None:
    provider.limits = Limits(at_once=3)
    provider.otherwise = Reply(wait=0.01)
    embedder = opened(client)
    await embedded(embedder, TEXTS * 3)
    assert 1 <= provider.limits.refused < 30  # of 60: it finds out, and tries for more
    assert embedder._pace.lanes.width <= 5


async def test_tokens_a_minute_are_kept_to_without_being_refused(
    client: AsyncOpenAI, provider: Provider
) -> None:
    provider.limits = Limits(tokens=60_000, left=400)  # 1,000 a second
    begun = time.monotonic()
    await embedded(opened(client, replace(CONFIG, pace=replace(QUICK, start=1))), TEXTS * 2)
    took = time.monotonic() - begun
    spent = sum(counter().count(text) for text in TEXTS * 2)
    assert took >= (spent - 400) / 1_000 - 0.05
    assert provider.limits.refused <= 1


async def test_a_request_larger_than_a_minute_s_tokens_is_divided(
    client: AsyncOpenAI, provider: Provider
) -> None:
    provider.limits = Limits(tokens=60_000, left=59_000)
    texts = ["word " * 7_000] * 10  # 70,000 tokens: too many for one request, whenever it is sent
    embedder = opened(client, replace(CONFIG, inputs=2_048))
    embedding = asyncio.ensure_future(embedder.embed_documents(texts))
    await until(lambda: provider.limits.left < 25_000)
    embedding.cancel()  # the rest would take a minute
    assert [len(r.body["input"]) for r in provider.received] == [10, 5]


async def test_a_request_that_the_provider_counts_longer_is_divided(
    client: AsyncOpenAI, provider: Provider
) -> None:
    class Half:
        """Counts in a vocabulary of longer words."""

        def count(self, text: str) -> int:
            return counter().count(text) // 2

        def offsets(self, text: str) -> list[int]:
            raise NotImplementedError

    texts = [f"{i} " + "word " * 7_000 for i in range(50)]
    embedder = OpenAIEmbedder(client, Half(), replace(CONFIG, inputs=2_048))
    await embedded(embedder, texts)
    assert [len(r.body["input"]) for r in provider.received] == [50, 25, 25]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(status=401), ModelRejected),
        (Reply(status=400), ModelRejected),
        (Reply(status=402, headers=(("retry-after", "0"),)), ModelBalanceEmpty),
        (Reply(status=429, code="insufficient_quota"), ModelBalanceEmpty),
        (Reply(status=429, headers=(("retry-after", "3600"),)), ModelRateLimited),
    ],
    ids=["no key", "bad request", "no money", "no quota", "busy for an hour"],
)
async def test_what_waiting_does_not_cure_ends_it_at_once(
    client: AsyncOpenAI, provider: Provider, reply: Reply, kind: type[ModelError]
) -> None:
    provider.otherwise = reply
    with pytest.raises(kind, match=str(reply.status)):
        await opened(client).embed_documents(TEXTS)
    assert len(provider.received) <= 4  # two were under way, and two had their turn meanwhile


async def test_patience_ends(client: AsyncOpenAI, provider: Provider) -> None:
    provider.otherwise = Reply(status=503)
    impatient = replace(CONFIG, pace=replace(QUICK, patience=0.3))
    begun = time.monotonic()
    with pytest.raises(ModelError, match="503"):
        await opened(client, impatient).embed_documents(TEXTS)
    assert 0.1 < time.monotonic() - begun < 5


async def test_a_question_is_not_as_patient_as_documents(
    client: AsyncOpenAI, provider: Provider
) -> None:
    provider.otherwise = Reply(status=429)
    with pytest.raises(ModelRateLimited):
        await opened(client).embed_query("one")
    assert len(provider.received) == 4


async def test_a_question_does_not_wait_for_documents(
    client: AsyncOpenAI, provider: Provider
) -> None:
    provider.answer(Reply(status=429, headers=(("retry-after", "10"),)))
    embedder = opened(client)
    documents = asyncio.ensure_future(embedder.embed_documents(TEXTS))
    await until(lambda: bool(provider.received))
    assert len(await asyncio.wait_for(embedder.embed_query("one"), 5)) == 8
    documents.cancel()


@asynccontextmanager
async def a_line(breaks: set[int]) -> AsyncIterator[tuple[str, list[int]]]:
    """A server that hangs up on these connections, and answers the others; its URL, its calls."""
    calls: list[int] = []
    data = [{"object": "embedding", "index": 9 - i, "embedding": [1.0] * 8} for i in range(10)]
    body = json.dumps({"object": "list", "data": data, "model": "any"}).encode()
    head = f"content-type: application/json\r\ncontent-length: {len(body)}\r\nconnection: close"

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        calls.append(len(calls))
        if calls[-1] not in breaks:
            said = await reader.readuntil(b"\r\n\r\n")
            length = int(said.lower().split(b"content-length: ")[1].split()[0])
            await reader.readexactly(length)
            writer.write(f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n".encode() + body)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", calls


async def test_a_line_that_breaks_after_it_has_worked_is_tried_again(client: AsyncOpenAI) -> None:
    async with a_line(breaks={1, 2}) as (url, calls):
        embedder = opened(client.with_options(base_url=url))
        await embedder.embed_documents(TEXTS[:10])
        assert len(await embedder.embed_documents(TEXTS[:10])) == 10
        assert len(calls) == 4


async def test_a_line_that_never_worked_is_not_waited_for(client: AsyncOpenAI) -> None:
    async with a_line(breaks={0}) as (url, calls):
        with pytest.raises(ModelUnreachable):
            await opened(client.with_options(base_url=url)).embed_documents(TEXTS[:10])
        assert len(calls) == 1


async def test_who_waits_no_longer_ends_the_requests(
    client: AsyncOpenAI, provider: Provider
) -> None:
    provider.otherwise = Reply(wait=0.2)
    embedder = opened(client)
    embedding = asyncio.ensure_future(embedder.embed_documents(TEXTS))
    await until(lambda: bool(provider.received))
    embedding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await embedding
    await asyncio.sleep(0.3)  # what was on its way has come
    sent = len(provider.received)
    provider.otherwise = Reply()
    await embedded(embedder, TEXTS[:10])  # nobody holds a lane
    assert len(provider.received) == sent + 1


async def test_waiting_is_told(
    client: AsyncOpenAI, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    provider.answer(*[Reply(status=429, error="slow down")] * 6)
    with caplog.at_level(logging.WARNING):
        await opened(client).embed_documents(TEXTS)
    assert "goes on in 0 s, with 1 at once: " in caplog.messages[0]


def test_a_million_tokens_cost_what_the_catalogue_says(client: AsyncOpenAI) -> None:
    price = Prices().of("openai", "text-embedding-3-large")
    large = opened(client, OpenAIEmbedderConfig("text-embedding-3-large", price=price))
    assert large.cost_microdollars(1_000_000) == 130_000
    assert large.cost_microdollars(0) == 0
    assert large.batch == 1024


def test_another_server_costs_nothing(client: AsyncOpenAI) -> None:
    assert opened(client, replace(CONFIG, price=None)).cost_microdollars(10**9) == 0
