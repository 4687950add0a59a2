"""Reranks with a hosted model over HTTP, or with a server of one's own that speaks like one.

Knows one connection and its errors. Words and shapes stand in `dialects.py`, what a call is paid
for in `counted.py` where its answer does not say it, and what that costs in `gateway/pricing.py`.
"""

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx2

from domain.completion import Usage
from domain.errors import Misconfigured
from domain.hits import Reranking
from domain.ports import TokenCounter
from gateway.pricing import Price, rounded
from gateway.rerank.counted import bound, counted
from gateway.rerank.dialects import DIALECTS, Body, Provider, Used, asked, scores, used
from gateway.rerank.failures import failure, translated, unusable
from gateway.retry import RetryConfig, retried
from gateway.till import Receipt, Till, Wanted

_LOG = logging.getLogger(__name__)
_TIMEOUT = httpx2.Timeout(connect=5, read=30, write=10, pool=5)
_LIMITS = httpx2.Limits(max_connections=50, max_keepalive_connections=20, keepalive_expiry=30)


@dataclass(frozen=True, slots=True)
class HostedConfig:
    provider: Provider = "cohere"
    model: str | None = None  # None: the provider's usual one
    api_key: str | None = field(default=None, repr=False)
    base_url: str | None = None  # None: the provider's own
    batch: int | None = None  # None: what the provider takes gladly
    price: Price | None = None  # None: it costs nothing
    tokens: TokenCounter | None = None  # for answers that do not say what was used
    till: Till = field(default_factory=Till)
    retry: RetryConfig = field(default_factory=RetryConfig)


def open_client(config: HostedConfig) -> httpx2.AsyncClient:
    """It follows no redirect: the key would go along."""
    try:
        return httpx2.AsyncClient(
            base_url=_url(config),
            headers=_headers(config),
            timeout=_TIMEOUT,
            limits=_LIMITS,
            trust_env=False,
            follow_redirects=False,
        )
    except httpx2.InvalidURL as error:
        raise Misconfigured(
            f"FOREBAY_RERANK__BASE_URL is {config.base_url}, which is no address: {error}."
        ) from error


class HostedReranker:
    """Implements domain.ports.Reranker."""

    def __init__(self, client: httpx2.AsyncClient, config: HostedConfig) -> None:
        self._client = client
        self._config = config
        self._dialect = DIALECTS[config.provider]
        self._model = config.model or self._dialect.model
        self._counts = False

    @property
    def name(self) -> str:
        return self._model or self._config.provider

    @property
    def batch(self) -> int:
        return self._config.batch or self._dialect.batch

    async def rerank(self, question: str, passages: Sequence[str]) -> Reranking:
        if not passages:
            return Reranking(())
        body = asked(self._dialect, self._model, question, passages)
        wanted = self._wanted(question, passages)

        async def ask() -> Reranking:
            async with self._config.till.charged(wanted) as receipt:
                answer = await self._ask(body)
                await self._charge(receipt, answer, question, passages)
                try:
                    found = scores(self._dialect, answer, len(passages))
                except ValueError as error:
                    raise unusable(self.name, str(error)) from error
                return Reranking(found, receipt.microdollars)

        return await retried(ask, self._config.retry)

    def _wanted(self, question: str, passages: Sequence[str]) -> Wanted:
        asked = counted(question, passages, bound)
        tokens, cost = Usage(input=asked.tokens or 0), self._cost(asked)
        return Wanted("rerank", self._config.provider, self.name, tokens, cost or 0)

    async def _ask(self, body: Body) -> object:
        with translated(self.name):
            response = await self._client.post("rerank", json=body)
        if not response.is_success:
            raise failure(response, self.name)
        try:
            return json.loads(response.content)
        except (ValueError, RecursionError) as error:
            raise unusable(self.name, f"it is no JSON ({error})") from error

    async def _charge(
        self, receipt: Receipt, answer: object, question: str, passages: Sequence[str]
    ) -> None:
        spent = used(answer)
        if (cost := self._cost(spent)) is None:
            self._say_that_it_counts()
            count = self._config.tokens.count if self._config.tokens else bound
            spent = await asyncio.to_thread(counted, question, passages, count)
            cost = self._cost(spent)
        receipt.usage, receipt.microdollars = Usage(input=spent.tokens or 0), cost or 0

    def _cost(self, used: Used) -> int | None:
        return cost_of(used, self._config.price) if self._config.price else 0

    def _say_that_it_counts(self) -> None:
        if not self._counts:
            self._counts = True
            _LOG.warning(
                "'%s' does not say what its calls use: it is counted here, and its bill may differ "
                "a little.",
                self.name,
            )


def cost_of(used: Used, price: Price) -> int | None:
    """None where it is not known of what the price is for."""
    if price.search is not None:
        return None if used.searches is None else rounded(used.searches * price.search)
    return None if used.tokens is None else price.cost(Usage(input=used.tokens))


def _url(config: HostedConfig) -> str:
    url = config.base_url or DIALECTS[config.provider].url
    if url is None:
        raise Misconfigured(
            f"The reranker is '{config.provider}' but where it runs is not said. Set "
            "FOREBAY_RERANK__BASE_URL, such as http://localhost:8080."
        )
    return url


def _headers(config: HostedConfig) -> dict[str, str]:
    key = config.api_key
    if key is None and config.base_url is None:
        raise Misconfigured(
            f"The reranker is '{config.provider}' but there is no key. Set FOREBAY_RERANK__API_KEY,"
            " or FOREBAY_RERANK__BASE_URL for a server that needs none."
        )
    if key is None:
        return {}
    if not (key.isascii() and key.isprintable()):  # the error that it would become shows the key
        raise Misconfigured(
            "FOREBAY_RERANK__API_KEY has characters that no key has: a line end, perhaps."
        )
    return {"authorization": f"Bearer {key}"}
