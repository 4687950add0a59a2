"""What goes wrong at a hosted reranker: which error it is, what it says, and what follows."""

from collections.abc import AsyncIterator, Iterator
from typing import get_args

import pytest

from domain import errors
from gateway.rerank.dialects import Provider
from gateway.rerank.hosted import HostedConfig, HostedReranker, open_client
from gateway.retry import RetryConfig
from tests.provider.rerank_server import RerankProvider, rerank_provider
from tests.provider.script import Reply

QUICK = RetryConfig(first_wait=0)
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
    config = HostedConfig("cohere", api_key="k", base_url=provider.url("cohere"), retry=QUICK)
    async with open_client(config) as client:
        yield HostedReranker(client, config)


async def caught(reranker: HostedReranker) -> errors.ModelError:
    with pytest.raises(errors.ModelError) as found:
        await reranker.rerank("how long", PASSAGES)
    return found.value


@pytest.mark.parametrize(
    ("status", "kind", "next_step"),
    [
        (400, errors.ModelRejected, "scripted."),
        (401, errors.ModelRejected, "Check FOREBAY_RERANK__API_KEY"),
        (402, errors.ModelBalanceEmpty, "Top up the account"),
        (403, errors.ModelRejected, "may use"),
        (404, errors.ModelRejected, "Check FOREBAY_RERANK__MODEL"),
        (405, errors.ModelRejected, "without /rerank"),
        (413, errors.ModelRejected, "FOREBAY_RERANK__BATCH lower"),
        (422, errors.ModelRejected, "Check FOREBAY_RERANK__PROVIDER"),
        (501, errors.ModelUnreachable, "scripted."),
    ],
)
async def test_what_would_fail_again_is_not_sent_again(
    provider: RerankProvider,
    reranker: HostedReranker,
    status: int,
    kind: type[errors.ModelError],
    next_step: str,
) -> None:
    provider.otherwise = Reply(status=status)
    error = await caught(reranker)
    assert type(error) is kind
    assert next_step in str(error)
    assert str(error).startswith(f"rerank-v4.0-fast answered {status}: scripted.")
    assert len(provider.received) == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_what_may_pass_is_sent_again(
    provider: RerankProvider, reranker: HostedReranker, status: int
) -> None:
    provider.answer(Reply(status=status), Reply(status=status))
    assert len((await reranker.rerank("how long", PASSAGES)).scores) == 2
    assert len(provider.received) == 3


async def test_a_provider_that_stays_busy_is_asked_four_times(
    provider: RerankProvider, reranker: HostedReranker
) -> None:
    provider.otherwise = Reply(status=429)
    assert isinstance(await caught(reranker), errors.ModelRateLimited)
    assert len(provider.received) == 4


async def test_a_long_retry_after_is_not_waited_for(
    provider: RerankProvider, reranker: HostedReranker
) -> None:
    provider.otherwise = Reply(status=429, headers=(("retry-after", "3600"),))
    error = await caught(reranker)
    assert isinstance(error, errors.ModelRateLimited)
    assert error.retry_after == 3600
    assert len(provider.received) == 1


@pytest.mark.parametrize("api", get_args(Provider))
async def test_every_providers_own_words_are_told(provider: RerankProvider, api: Provider) -> None:
    provider.answer(Reply(status=400, error="invalid api token"))
    config = HostedConfig(api, base_url=provider.url(api), retry=QUICK)
    async with open_client(config) as client:
        assert "400: invalid api token." in str(await caught(HostedReranker(client, config)))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"error": {"message": "no such model", "code": 404}}', "no such model."),
        ('{"detail": [{"loc": ["body", "model"], "msg": "field required"}]}', "field required"),
        ("<html>\n  <h1>Bad gateway</h1>\n</html>", "<h1>Bad gateway</h1>"),
        ("", "Bad Request."),
        ("{}", "Bad Request."),
        ("x" * 10_000, "x" * 500 + "."),
    ],
)
async def test_words_of_any_shape_are_told_in_brief(
    provider: RerankProvider, reranker: HostedReranker, body: str, words: str
) -> None:
    provider.answer(Reply(status=400, verbatim=body))
    said = str(await caught(reranker))
    assert words in said
    assert len(said) < 600


async def test_the_key_does_not_follow_a_redirect(
    provider: RerankProvider, reranker: HostedReranker
) -> None:
    elsewhere = provider.url("jina") + "/rerank"
    provider.answer(Reply(status=307, headers=(("location", elsewhere),)))
    error = await caught(reranker)
    assert isinstance(error, errors.ModelRejected)
    assert elsewhere in str(error)
    assert len(provider.received) == 1


async def test_nobody_at_the_address_is_said_at_once() -> None:
    config = HostedConfig("jina", base_url="http://127.0.0.1:9")
    async with open_client(config) as client:
        error = await caught(HostedReranker(client, config))
    assert isinstance(error, errors.ModelUnreachable)
    assert not error.transient
    assert "jina-reranker-v3 cannot be reached" in str(error)


async def test_an_answer_that_takes_too_long_is_asked_for_again(
    provider: RerankProvider, reranker: HostedReranker
) -> None:
    reranker._client.timeout = 0.1
    provider.answer(Reply(wait=1))
    assert len((await reranker.rerank("how long", PASSAGES)).scores) == 2
    assert len(provider.received) == 2


async def test_too_many_passages_are_refused_in_the_servers_words(provider: RerankProvider) -> None:
    config = HostedConfig("tei", base_url=provider.url("tei"))
    async with open_client(config) as client:
        with pytest.raises(errors.ModelRejected, match="33 documents, at most 32"):
            await HostedReranker(client, config).rerank("how long", ["a"] * 33)
