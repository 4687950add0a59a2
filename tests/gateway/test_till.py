"""Embedding and reranking are paid by who asks: held back before, one row after, never for free."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from openai import AsyncOpenAI

from domain.asking import asking
from domain.completion import Account, Usage
from domain.errors import CapReached, ModelError, ModelRejected, ModelUnreachable
from gateway.books import Books
from gateway.embed.openai import OpenAIEmbedder, OpenAIEmbedderConfig
from gateway.embed.questions import RememberedQuestions
from gateway.policy.budget import Budget, BudgetConfig
from gateway.pricing import Price, Prices, Rates
from gateway.rerank.dialects import Provider as Dialect
from gateway.rerank.hosted import HostedConfig, HostedReranker, open_client
from gateway.retry import RetryConfig
from gateway.till import Till, Wanted
from tests.gateway.policy.purse import MemoryPurse
from tests.gateway.policy.scripted import MemoryLedger
from tests.provider.rerank_server import RerankProvider, rerank_provider
from tests.provider.script import Reply
from tests.provider.server import Provider
from tests.provider.tokens import counter

MODEL = "text-embedding-3-large"
WIKI = Account("acme", "wiki", endpoint="ask")
ASKED = Wanted("rerank", "cohere", "rerank-v3.5", Usage(input=90), 500)
SOON = RetryConfig(first_wait=0.001)


@dataclass(slots=True)
class Paying:
    """A till over a purse in memory."""

    cap: int | None = None
    purse: MemoryPurse = field(default_factory=MemoryPurse)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    till: Till = field(init=False)

    def __post_init__(self) -> None:
        books = Books(self.purse, seen=self.ledger.rows.append)
        self.till = Till(books, Budget(self.purse, BudgetConfig(self.cap), books))

    def embedder(self, client: AsyncOpenAI) -> OpenAIEmbedder:
        price = Prices().of("openai", MODEL)
        config = OpenAIEmbedderConfig(MODEL, price=price, till=self.till, retry=SOON)
        return OpenAIEmbedder(client, counter(), config)


async def paid(paying: Paying, error: BaseException | None = None) -> None:
    with asking(WIKI):
        async with paying.till.charged(ASKED) as receipt:
            if error:
                raise error
            receipt.microdollars = 400


async def test_a_call_is_booked_on_who_asks() -> None:
    paying = Paying()
    await paid(paying)
    (row,) = paying.ledger.rows
    assert (row.tenant, row.key, row.endpoint) == ("acme", "wiki", "rerank")
    assert (row.cost_microdollars, row.provider, row.finish) == (400, "cohere", "stop")


@pytest.mark.parametrize(
    ("error", "booked"),
    [
        (ModelRejected("wrong"), []),
        (ModelUnreachable("nobody there", begun=False), []),
        (ModelUnreachable("it broke off"), [("broken", 500)]),
        (asyncio.CancelledError(), [("left", 500)]),
    ],
    ids=["rejected", "not begun", "broken", "left"],
)
async def test_a_call_that_failed_is_booked_when_it_had_begun(
    error: BaseException, booked: list[tuple[str, int]]
) -> None:
    paying = Paying()
    with pytest.raises(type(error)):
        await paid(paying, error)
    assert [(row.finish, row.cost_microdollars) for row in paying.ledger.rows] == booked


async def test_nothing_is_asked_beyond_the_cap() -> None:
    paying = Paying(cap=700)
    await paid(paying)
    with pytest.raises(CapReached, match="Tenant 'acme'"):
        await paid(paying)
    assert len(paying.ledger.rows) == 1


async def test_what_was_held_and_not_spent_is_free_again() -> None:
    paying = Paying(cap=900)
    for _ in range(2):
        await paid(paying)
    assert len(paying.ledger.rows) == 2


async def test_a_key_s_cap_holds_for_embedding_too(client: AsyncOpenAI, provider: Provider) -> None:
    paying = Paying()
    with asking(Account("acme", "wiki", 0)), pytest.raises(CapReached, match="The key 'wiki'"):
        await paying.embedder(client).embed_documents(["word " * 1000])
    assert provider.received == []


async def test_embedding_is_booked_with_the_tokens_that_the_provider_counts(
    client: AsyncOpenAI, provider: Provider
) -> None:
    del provider
    paying = Paying()
    with asking(WIKI):
        await paying.embedder(client).embed_documents(["word " * 1000, "more " * 1000])
    (row,) = paying.ledger.rows
    assert (row.endpoint, row.model, row.tenant) == ("embed", MODEL, "acme")
    assert row.usage.input == pytest.approx(2000, abs=5)
    assert row.cost_microdollars == round(row.usage.input * 0.13)


async def test_a_question_from_the_cache_costs_nothing(
    client: AsyncOpenAI, provider: Provider
) -> None:
    del provider
    paying, question = Paying(), "why? " * 100
    embedder = RememberedQuestions(paying.embedder(client), 10**6)
    with asking(WIKI):
        await embedder.embed_query(question)
    with asking(Account("other")):
        await embedder.embed_query(question)
    assert [row.tenant for row in paying.ledger.rows] == ["acme"]


async def test_each_attempt_that_the_provider_works_on_is_paid(
    client: AsyncOpenAI, provider: Provider
) -> None:
    paying = Paying()
    provider.answer(Reply(status=429), Reply())
    with asking(WIKI):
        await paying.embedder(client).embed_query("why? " * 100)
    assert [row.finish for row in paying.ledger.rows] == ["stop"]


@pytest.fixture
def reranking() -> Iterator[RerankProvider]:
    with rerank_provider() as found:
        yield found


async def test_a_hosted_reranker_is_booked_by_searches(reranking: RerankProvider) -> None:
    paying, price = Paying(), Prices().of("cohere", "rerank-v4.0-fast")
    config = HostedConfig(base_url=reranking.url("cohere"), price=price, till=paying.till)
    async with open_client(config) as client:
        with asking(WIKI):
            found = await HostedReranker(client, config).rerank("how long", ["a", "b"])
    (row,) = paying.ledger.rows
    assert row.cost_microdollars == found.cost_microdollars == 2_000
    assert (row.endpoint, row.key) == ("rerank", "wiki")


SCORES = [{"index": 0, "relevance_score": 0.5}, {"index": 1, "relevance_score": 0.25}]
SILENT = {"cohere": {"results": SCORES}, "voyage": {"data": SCORES}, "jina": {"results": SCORES}}
STATED = Price(((0, Rates(input=Decimal(1000))),))


@pytest.mark.parametrize(
    ("api", "price", "microdollars"),
    [
        pytest.param("cohere", Prices().of("cohere", "rerank-v4.0-fast"), 2_000, id="cohere"),
        pytest.param("voyage", STATED, 6_000, id="voyage"),
        pytest.param("jina", STATED, 6_000, id="jina"),
    ],
)
async def test_a_reranker_that_does_not_say_what_it_used_is_booked_as_counted(
    reranking: RerankProvider, api: Dialect, price: Price, microdollars: int
) -> None:
    paying = Paying()
    reranking.answer(Reply(verbatim=json.dumps(SILENT[api])))
    config = HostedConfig(
        api, base_url=reranking.url(api), price=price, tokens=counter(), till=paying.till
    )
    async with open_client(config) as client:
        with asking(WIKI):
            await HostedReranker(client, config).rerank("how long", ["a", "b"])
    (row,) = paying.ledger.rows
    assert (row.usage.input, row.cost_microdollars, row.key) == (6, microdollars, "wiki")


def test_a_failure_may_say_what_it_used() -> None:
    assert ModelError("no", usage=Usage(input=1)).usage == Usage(input=1)
