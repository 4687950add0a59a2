"""Hosted reranking: what goes over the wire, what it costs, and that no score goes astray."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from typing import get_args

import pytest

from domain.errors import Misconfigured, ModelUnreachable
from gateway.pricing import Prices
from gateway.rerank.dialects import DIALECTS, Provider
from gateway.rerank.hosted import HostedConfig, HostedReranker, open_client
from gateway.retry import RetryConfig
from tests.provider.rerank_server import RerankProvider, rerank_provider
from tests.provider.script import Reply

QUESTION = "how long are backups kept"
PASSAGES = ["backups are kept for 35 days", "the canteen opens at noon"]


@pytest.fixture(scope="module")
def one_provider() -> Iterator[RerankProvider]:
    with rerank_provider() as running:
        yield running


@pytest.fixture
def provider(one_provider: RerankProvider) -> RerankProvider:
    one_provider.forget()
    return one_provider


@pytest.fixture
async def reranker(provider: RerankProvider) -> AsyncIterator[HostedReranker]:
    config = HostedConfig("jina", base_url=provider.url("jina"), retry=RetryConfig(1))
    async with open_client(config) as client:
        yield HostedReranker(client, config)


async def asked(provider: RerankProvider, api: Provider) -> dict[str, object]:
    config = HostedConfig(api, api_key="sk-key", base_url=provider.url(api))
    async with open_client(config) as client:
        await HostedReranker(client, config).rerank(QUESTION, PASSAGES)
    return provider.received[0].body


async def priced(provider: RerankProvider, api: Provider, *, calls: int) -> int:
    """As if the server on loopback were the provider's own, where calls cost money."""
    async with open_client(HostedConfig(api, base_url=provider.url(api))) as client:
        model = DIALECTS[api].model or api
        price = Prices().known(api, model) or Prices().of("cohere", "rerank-v3.5")
        reranker = HostedReranker(client, HostedConfig(api, price=price))
        done = [await reranker.rerank(QUESTION, PASSAGES) for _ in range(calls)]
    return sum(reranking.cost_microdollars for reranking in done)


async def test_cohere_is_asked_in_its_words(provider: RerankProvider) -> None:
    assert await asked(provider, "cohere") == {
        "model": "rerank-v4.0-fast", "query": QUESTION, "documents": PASSAGES, "top_n": 2,
    }  # fmt: skip


async def test_voyage_is_asked_in_its_words(provider: RerankProvider) -> None:
    assert await asked(provider, "voyage") == {
        "model": "rerank-2.5", "query": QUESTION, "documents": PASSAGES, "top_k": 2,
        "truncation": True, "return_documents": False,
    }  # fmt: skip


async def test_jina_is_asked_in_its_words(provider: RerankProvider) -> None:
    assert await asked(provider, "jina") == {
        "model": "jina-reranker-v3", "query": QUESTION, "documents": PASSAGES, "top_n": 2,
        "return_documents": False,
    }  # fmt: skip


async def test_tei_is_asked_in_its_words(provider: RerankProvider) -> None:
    assert await asked(provider, "tei") == {"query": QUESTION, "texts": PASSAGES, "truncate": True}


@pytest.mark.parametrize("api", get_args(Provider))
async def test_the_key_goes_as_a_bearer(provider: RerankProvider, api: Provider) -> None:
    await asked(provider, api)
    assert provider.received[0].headers["authorization"] == "Bearer sk-key"


async def test_a_server_without_a_key_is_sent_none(
    provider: RerankProvider, reranker: HostedReranker
) -> None:
    await reranker.rerank(QUESTION, PASSAGES)
    assert "authorization" not in provider.received[0].headers


async def test_another_model_is_asked_for_by_name(provider: RerankProvider) -> None:
    config = HostedConfig("jina", model="bge-reranker-v2-m3", base_url=provider.url("jina"))
    async with open_client(config) as client:
        reranker = HostedReranker(client, config)
        await reranker.rerank(QUESTION, PASSAGES)
    assert reranker.name == "bge-reranker-v2-m3"
    assert provider.received[0].body["model"] == "bge-reranker-v2-m3"


@pytest.mark.parametrize(("said", "batch"), [(None, 100), (16, 16)])
def test_the_batch_is_the_providers_unless_it_is_set(said: int | None, batch: int) -> None:
    config = HostedConfig("cohere", api_key="k", batch=said)
    assert HostedReranker(open_client(config), config).batch == batch


async def test_connections_are_used_again(
    provider: RerankProvider, reranker: HostedReranker
) -> None:
    for _ in range(3):
        await reranker.rerank(QUESTION, PASSAGES)
    assert len({received.port for received in provider.received}) == 1


async def test_who_stops_waiting_closes_the_call(
    provider: RerankProvider, reranker: HostedReranker
) -> None:
    provider.answer(Reply(wait=5))
    waiting = asyncio.ensure_future(reranker.rerank(QUESTION, PASSAGES))
    while not provider.received:  # noqa: ASYNC110 - the other side tells nobody
        await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    while not provider.left:  # noqa: ASYNC110
        await asyncio.sleep(0.01)


SCORES = {"index": 0, "relevance_score": 0.5}, {"index": 1, "relevance_score": 0.25}


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"results": [SCORES[0]]}, "does not score passage 1"),
        ({"results": [SCORES[0], SCORES[0]]}, "scores passage 0 twice"),
        ({"results": [SCORES[0], {**SCORES[1], "index": 2}]}, "scores 2, which none"),
        ({"results": [SCORES[0], {**SCORES[1], "index": -1}]}, "scores -1, which none"),
        ({"results": [SCORES[0], {**SCORES[1], "index": True}]}, "scores True, which none"),
        ({"results": [SCORES[0], {**SCORES[1], "index": "1"}]}, "scores '1', which none"),
        ({"results": [SCORES[0], {"relevance_score": 1}]}, "scores None, which none"),
        ({"results": [SCORES[0], {"index": 1}]}, "score of passage 1 is None"),
        ({"results": [SCORES[0], {"index": 1, "score": 0.5}]}, "score of passage 1 is None"),
        ({"results": [SCORES[0], {**SCORES[1], "relevance_score": float("nan")}]}, "1 is nan"),
        ({"results": [SCORES[0], {**SCORES[1], "relevance_score": float("-inf")}]}, "1 is -inf"),
        ({"results": [SCORES[0], {**SCORES[1], "relevance_score": 10**400}]}, "1 is 1000"),
        ({"results": [SCORES[0], {**SCORES[1], "relevance_score": "0.5"}]}, r"1 is '0\.5'"),
        ({"results": ["a", "b"]}, "scores None, which none"),
        ({"results": {}}, "no list of results"),
        ({"data": list(SCORES)}, "no list of results"),
        ([*SCORES], "no list of results"),
        (None, "no list of results"),
    ],
)  # fmt: skip
async def test_an_answer_that_leaves_doubt_is_refused(
    provider: RerankProvider, reranker: HostedReranker, answer: object, why: str
) -> None:
    provider.answer(Reply(verbatim=json.dumps(answer)))
    with pytest.raises(ModelUnreachable, match=why) as caught:
        await reranker.rerank(QUESTION, PASSAGES)
    assert not caught.value.transient
    assert "FOREBAY_RERANK__PROVIDER" in str(caught.value)


@pytest.mark.parametrize("body", ["<html>", "", "[" * 50_000, '{"results": [{"ind'])
async def test_an_answer_that_is_no_json_is_refused(
    provider: RerankProvider, reranker: HostedReranker, body: str
) -> None:
    provider.answer(Reply(verbatim=body))
    with pytest.raises(ModelUnreachable, match="it is no JSON"):
        await reranker.rerank(QUESTION, PASSAGES)


async def test_scores_in_any_order_go_to_their_passages(
    provider: RerankProvider, reranker: HostedReranker
) -> None:
    provider.answer(Reply(verbatim=json.dumps({"results": SCORES[::-1]})))
    assert (await reranker.rerank(QUESTION, PASSAGES)).scores == (0.5, 0.25)


async def test_what_a_call_cost_is_told(provider: RerankProvider) -> None:
    assert await priced(provider, "cohere", calls=1) == 2_000


async def test_that_the_use_is_counted_here_is_said_once(
    provider: RerankProvider, caplog: pytest.LogCaptureFixture
) -> None:
    assert await priced(provider, "jina", calls=2) == 4_000  # two searches; it says but tokens
    (said,) = [record.message for record in caplog.records if record.levelno == logging.WARNING]
    assert said.startswith("'jina-reranker-v3' does not say what its calls use")


async def test_a_server_of_ones_own_costs_nothing_and_says_nothing(
    provider: RerankProvider, reranker: HostedReranker, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert (await reranker.rerank(QUESTION, PASSAGES)).cost_microdollars == 0
    assert not caplog.records


def test_a_provider_without_a_key_says_which_setting() -> None:
    with pytest.raises(Misconfigured, match="Set FOREBAY_RERANK__API_KEY"):
        open_client(HostedConfig("cohere"))


def test_tei_without_an_address_says_which_setting() -> None:
    with pytest.raises(Misconfigured, match="Set FOREBAY_RERANK__BASE_URL"):
        open_client(HostedConfig("tei"))


def test_an_address_that_is_none_is_named() -> None:
    with pytest.raises(Misconfigured, match="FOREBAY_RERANK__BASE_URL is http://"):
        open_client(HostedConfig("tei", base_url="http://[::"))


def test_a_key_with_a_line_end_is_refused_and_not_shown() -> None:
    with pytest.raises(Misconfigured, match="a line end") as caught:
        open_client(HostedConfig("cohere", api_key="secret\n"))
    assert "secret" not in str(caught.value)
    assert "secret" not in repr(HostedConfig("cohere", api_key="secret"))
