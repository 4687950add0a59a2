"""Sparse vectors of a SPLADE model that Text Embeddings Inference serves (`/embed_sparse`).

Knows one connection, its errors and the shape of the answer; which model is served it is told.
"""

import asyncio
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx2

from domain.errors import (
    Misconfigured,
    ModelError,
    ModelRateLimited,
    ModelRejected,
    ModelUnreachable,
)
from domain.vectors import SparseVector
from gateway.rerank.failures import translated
from gateway.rerank.plain import plain
from gateway.retry import RetryConfig, retried

_TIMEOUT = httpx2.Timeout(connect=5, read=30, write=10, pool=5)
_AT_ONCE = 4  # requests
_TOO_MANY = 429
_SERVER = 500
_TRANSIENT = frozenset({500, 502, 503, 504})
_LONGEST = 300  # characters of the server's words
_LARGEST = 2**32  # token ids are unsigned, of 32 bits


@dataclass(frozen=True, slots=True)
class TeiConfig:
    base_url: str
    model: str = "splade"  # what it is called; the server has but one
    api_key: str | None = field(default=None, repr=False)
    batch: int = 32  # texts a request, which is what the server takes unless it is told otherwise
    retry: RetryConfig = field(default_factory=RetryConfig)


def open_client(config: TeiConfig) -> httpx2.AsyncClient:
    """It follows no redirect: the key would go along."""
    key = config.api_key
    try:
        return httpx2.AsyncClient(
            base_url=config.base_url,
            headers={} if key is None else {"authorization": f"Bearer {key}"},
            timeout=_TIMEOUT,
            trust_env=False,
            follow_redirects=False,
        )
    except httpx2.InvalidURL as error:
        raise Misconfigured(
            f"FOREBAY_SPARSE__BASE_URL is {config.base_url}, which is no address: {error}."
        ) from error


class TeiSparse:
    """Implements domain.ports.SparseEncoder."""

    def __init__(self, client: httpx2.AsyncClient, config: TeiConfig) -> None:
        self._client = client
        self._config = config
        self._turn = asyncio.Semaphore(_AT_ONCE)

    @property
    def name(self) -> str:
        return self._config.model

    async def encode_documents(self, texts: Sequence[str]) -> Sequence[SparseVector]:
        size = self._config.batch
        batches = [texts[start : start + size] for start in range(0, len(texts), size)]
        encoded = await asyncio.gather(*map(self._encode, batches))
        return [vector for batch in encoded for vector in batch]

    async def encode_query(self, text: str) -> SparseVector:
        (vector,) = await self._encode([text])
        return vector

    async def _encode(self, texts: Sequence[str]) -> list[SparseVector]:
        body = {"inputs": [plain(text) for text in texts], "truncate": True}
        async with self._turn:
            answer = await retried(lambda: self._ask(body), self._config.retry)
        try:
            return _vectors(answer, len(texts))
        except ValueError as error:
            raise ModelUnreachable(
                f"{self.name} answered what cannot be used: {error}. Check that "
                "FOREBAY_SPARSE__BASE_URL serves a SPLADE model."
            ) from error

    async def _ask(self, body: dict[str, object]) -> object:
        with translated(self.name):
            response = await self._client.post("embed_sparse", json=body)
        if not response.is_success:
            raise self._failure(response)
        try:
            return json.loads(response.content)
        except (ValueError, RecursionError):
            return None

    def _failure(self, response: httpx2.Response) -> ModelError:
        status = response.status_code
        words = " ".join(response.text.split())[:_LONGEST]
        said = f"{self.name} answered {status}: {words or response.reason_phrase}"
        if status == _TOO_MANY:
            return ModelRateLimited(said)
        if status >= _SERVER:
            return ModelUnreachable(said, transient=status in _TRANSIENT)
        return ModelRejected(
            f"{said}. Check FOREBAY_SPARSE__BASE_URL (it serves a SPLADE model, and "
            "`/embed_sparse` comes behind it), FOREBAY_SPARSE__API_KEY and FOREBAY_SPARSE__BATCH."
        )


def _vectors(answer: object, number: int) -> list[SparseVector]:
    if not isinstance(answer, list) or len(answer) != number:
        raise ValueError(f"it is no list of {number}")
    return [_vector(one) for one in answer]


def _vector(said: object) -> SparseVector:
    if isinstance(said, list):
        return dict(_weight(item) for item in said)
    raise ValueError("one of them is no list of weights")


def _weight(said: object) -> tuple[int, float]:
    index, value = (said.get("index"), said.get("value")) if isinstance(said, dict) else (0, None)
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < _LARGEST:
        raise ValueError(f"a token is {index!r}")
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise ValueError(f"the weight of token {index} is {value!r}")
    return index, float(value)
