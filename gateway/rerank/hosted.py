"""Reranks with a hosted model over HTTP, or with a server of one's own that speaks like one.

Knows one connection and its errors. Words and shapes stand in `dialects.py`, and what a call
costs in `gateway/pricing.py`.
"""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx2

from domain.completion import Usage
from domain.errors import Misconfigured
from domain.hits import Reranking
from gateway.pricing import Price, rounded
from gateway.rerank.dialects import DIALECTS, Body, Provider, Used, asked, scores, used
from gateway.rerank.failures import failure, translated, unusable
from gateway.retry import RetryConfig, retried
from gateway.till import Till, Wanted

_LOG = logging.getLogger(__name__)
_TIMEOUT = httpx2.Timeout(connect=5, read=30, write=10, pool=5)
_SEARCH = 100  # passages that are paid as one search
_BYTES = 3  # of a token: most have more, so that enough is held back
_LIMITS = httpx2.Limits(max_connections=50, max_keepalive_connections=20, keepalive_expiry=30)


@dataclass(frozen=True, slots=True)
class HostedConfig:
    provider: Provider = "cohere"
    model: str | None = None  # None: the provider's usual one
    api_key: str | None = field(default=None, repr=False)
    base_url: str | None = None  # None: the provider's own
    batch: int | None = None  # None: what the provider takes gladly
    price: Price | None = None  # None: it costs nothing
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
        self._unpriced = False

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
                receipt.usage = Usage(input=used(answer).tokens or 0)
                receipt.microdollars = self._cost(answer)
                try:
                    found = scores(self._dialect, answer, len(passages))
                except ValueError as error:
                    raise unusable(self.name, str(error)) from error
                return Reranking(found, receipt.microdollars)

        return await retried(ask, self._config.retry)

    def _wanted(self, question: str, passages: Sequence[str]) -> Wanted:
        """The question is read with each passage, and counts each time."""
        length = sum(
            len(text.encode("utf-8", "surrogatepass"))
            for text in (*passages, *(len(passages) * [question]))
        )
        asked = Used(-(-len(passages) // _SEARCH), length // _BYTES)
        cost = cost_of(asked, self._config.price) if self._config.price else 0
        tokens = Usage(input=asked.tokens or 0)
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

    def _cost(self, answer: object) -> int:
        """0 where the answer does not say what was used: it says so once."""
        if self._config.price is None:
            return 0
        cost = cost_of(used(answer), self._config.price)
        if cost is None and not self._unpriced:
            self._unpriced = True
            _LOG.warning(
                "What reranking with '%s' costs is not counted: its answers do not say how much "
                "was used.",
                self.name,
            )
        return cost or 0


def cost_of(used: Used, price: Price) -> int | None:
    """None when the answer does not say what the price is for."""
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
