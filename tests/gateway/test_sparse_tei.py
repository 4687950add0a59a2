"""Sparse vectors from a server that speaks like Text Embeddings Inference."""

from collections.abc import AsyncIterator, Iterator

import pytest

from domain.errors import Misconfigured, ModelError, ModelRejected, ModelUnreachable
from gateway.retry import RetryConfig
from gateway.sparse.tei import TeiConfig, TeiSparse, open_client
from tests.provider.script import Reply
from tests.provider.sparse import SparseProvider, sparse_provider, token, weights

QUICK = RetryConfig(attempts=2, first_wait=0.001)


@pytest.fixture(scope="module")
def running() -> Iterator[SparseProvider]:
    with sparse_provider() as provider:
        yield provider


@pytest.fixture
def provider(running: SparseProvider) -> SparseProvider:
    running.forget()
    return running


@pytest.fixture
async def encoder(provider: SparseProvider) -> AsyncIterator[TeiSparse]:
    config = TeiConfig(provider.url, api_key="secret", batch=2, retry=QUICK)
    async with open_client(config) as client:
        yield TeiSparse(client, config)


async def test_a_question_becomes_weighted_tokens(encoder: TeiSparse) -> None:
    assert await encoder.encode_query("a car") == {
        token("a"): 1.0, token("car"): 1.0, token("vehicle"): 0.5,
    }  # fmt: skip


async def test_documents_come_in_order_however_they_are_sent(
    encoder: TeiSparse, provider: SparseProvider
) -> None:
    texts = [f"text {n}" for n in range(5)]
    assert await encoder.encode_documents(texts) == [weights(text) for text in texts]
    assert sorted(len(one.body["inputs"]) for one in provider.received) == [1, 2, 2]


async def test_no_documents_are_no_request(encoder: TeiSparse, provider: SparseProvider) -> None:
    assert await encoder.encode_documents([]) == []
    assert provider.received == []


async def test_a_long_text_is_cut_and_the_key_is_sent(
    encoder: TeiSparse, provider: SparseProvider
) -> None:
    await encoder.encode_query("a car")
    assert provider.received[0].body["truncate"] is True
    assert provider.received[0].headers["authorization"] == "Bearer secret"


async def test_a_text_of_nothing_is_encoded_too(encoder: TeiSparse) -> None:
    assert len(await encoder.encode_documents(["", " \n"])) == 2


async def test_what_fails_for_now_is_asked_again(
    encoder: TeiSparse, provider: SparseProvider
) -> None:
    provider.answer(Reply(status=503))
    assert await encoder.encode_query("a car")
    assert len(provider.received) == 2


@pytest.mark.parametrize(
    ("reply", "kind", "said"),
    [
        (Reply(status=424, error="no SPLADE model"), ModelRejected, "FOREBAY_SPARSE__BASE_URL"),
        (Reply(status=401), ModelRejected, "FOREBAY_SPARSE__API_KEY"),
        (Reply(verbatim="<html>"), ModelUnreachable, "no list of 1"),
        (Reply(verbatim="[[], []]"), ModelUnreachable, "no list of 1"),
        (Reply(verbatim="[0.5]"), ModelUnreachable, "no list of weights"),
        (Reply(verbatim='[[{"index": -1, "value": 1}]]'), ModelUnreachable, "token is -1"),
        (Reply(verbatim='[[{"index": 1, "value": NaN}]]'), ModelUnreachable, "token 1 is nan"),
        (Reply(verbatim='[["car"]]'), ModelUnreachable, "weight of token 0 is None"),
    ],
    ids=["no such model", "no key", "no JSON", "too many", "dense", "no token", "NaN", "words"],
)
async def test_what_cannot_be_used_is_said_with_the_next_step(
    encoder: TeiSparse, provider: SparseProvider, reply: Reply, kind: type[ModelError], said: str
) -> None:
    provider.otherwise = reply
    with pytest.raises(kind, match=said):
        await encoder.encode_query("a car")


async def test_nobody_there_is_unreachable() -> None:
    config = TeiConfig("http://127.0.0.1:9", retry=QUICK)
    async with open_client(config) as client:
        with pytest.raises(ModelUnreachable, match="splade cannot be reached"):
            await TeiSparse(client, config).encode_query("a car")


def test_what_is_no_address_is_named() -> None:
    with pytest.raises(Misconfigured, match="FOREBAY_SPARSE__BASE_URL is http://a:b, which is no"):
        open_client(TeiConfig("http://a:b"))
