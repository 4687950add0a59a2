"""Embeddings from OpenAI, or from any server that speaks its format.

Many texts go in requests as large as the API takes, several at once, as fast as `pace.py` finds
that it may. A question goes at once and is tried again as any short call is.
"""

import asyncio
import base64
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import openai
from numpy.typing import NDArray
from openai import AsyncOpenAI, Omit
from openai.types import CreateEmbeddingResponse

from domain.completion import Usage
from domain.errors import InvalidInput, Misconfigured, ModelUnreachable
from domain.ids import fingerprint
from domain.ports import TokenCounter
from domain.vectors import VectorSpace
from gateway.embed.pace import Pace, PaceConfig, TooLarge
from gateway.openai_client import translated
from gateway.pricing import Price
from gateway.retry import RetryConfig, retried
from gateway.till import Receipt, Till, Wanted

Vector = NDArray[np.float32]

_LOG = logging.getLogger(__name__)
_WINDOW = 1024  # texts: a full request; an ingestion has several windows under way
_INPUTS = 2048  # a request
_TOKENS = 300_000  # a request
_TOKENS_EACH = 8_192
_TOO_MANY_TOKENS = "max_tokens_per_request"
_DIMENSIONS = {
    "text-embedding-3-large": 3072,
    "text-embedding-3-small": 1536,
    "text-embedding-ada-002": 1536,
}


@dataclass(frozen=True, slots=True)
class OpenAIEmbedderConfig:
    model: str = "text-embedding-3-large"
    dimensions: int | None = None  # None: the model's own
    price: Price | None = None  # None: it costs nothing
    till: Till = field(default_factory=Till)
    inputs: int = _INPUTS  # a request
    tokens: int = _TOKENS  # a request
    retry: RetryConfig = field(default_factory=RetryConfig)  # of a question
    pace: PaceConfig = field(default_factory=PaceConfig)  # of documents


@dataclass(frozen=True, slots=True)
class _Batch:
    """What goes in one request."""

    texts: Sequence[str]
    counts: Sequence[int]

    @property
    def tokens(self) -> int:
        return sum(self.counts)

    def halves(self) -> "tuple[_Batch, _Batch]":
        middle = len(self.texts) // 2
        return (
            _Batch(self.texts[:middle], self.counts[:middle]),
            _Batch(self.texts[middle:], self.counts[middle:]),
        )


class OpenAIEmbedder:
    """Implements domain.ports.Embedder."""

    def __init__(
        self, client: AsyncOpenAI, tokens: TokenCounter, config: OpenAIEmbedderConfig
    ) -> None:
        own = _DIMENSIONS.get(config.model)
        dimensions = config.dimensions or own
        if dimensions is None:
            raise InvalidInput(
                f"How long the vectors of '{config.model}' are is not known here. "
                "Set FOREBAY_EMBED__DIMENSIONS.",
                field="FOREBAY_EMBED__DIMENSIONS",
            )
        self._client = client
        self._tokens = tokens
        self._config = config
        self._pace = Pace(config.pace)
        self._reached = False
        self._shortened = dimensions != own and own is not None
        self._space = VectorSpace(
            config.model, dimensions, fingerprint("openai", config.model, str(dimensions))
        )

    @property
    def space(self) -> VectorSpace:
        return self._space

    @property
    def batch(self) -> int:
        return _WINDOW

    def cost_microdollars(self, tokens: int) -> int:
        price = self._config.price
        return price.cost(Usage(input=tokens)) if price else 0

    async def embed_documents(self, texts: Sequence[str]) -> Sequence[Vector]:
        batches = await asyncio.to_thread(lambda: list(self._batches(texts)))
        return await self._all(batches)

    async def embed_query(self, text: str) -> Vector:
        (vector,) = await self.embed_queries([text])
        return vector

    async def embed_queries(self, texts: Sequence[str]) -> Sequence[Vector]:
        found: list[Vector] = []
        for batch in self._batches(texts):  # hardly ever more than one
            found += await self._at_once(batch)
        return found

    async def _at_once(self, batch: _Batch) -> list[Vector]:
        self._pace.allowance.spend(batch.tokens)
        try:
            return await retried(lambda: self._ask(batch), self._config.retry)
        except TooLarge:
            halves = batch.halves()
            return [*await self._at_once(halves[0]), *await self._at_once(halves[1])]

    def _batches(self, texts: Sequence[str]) -> Iterator[_Batch]:
        most = min(self._config.tokens, self._pace.allowance.most)
        held: list[str] = []
        counts: list[int] = []
        tokens = 0
        for text in texts:
            count = self._count(text)
            if held and (len(held) == self._config.inputs or tokens + count > most):
                yield _Batch(held, counts)
                held, counts, tokens = [], [], 0
            held.append(text)
            counts.append(count)
            tokens += count
        if held:
            yield _Batch(held, counts)

    def _count(self, text: str) -> int:
        tokens = self._tokens.count(text)
        if tokens > _TOKENS_EACH:
            raise InvalidInput(
                f"A text of {tokens:,} tokens is too long for '{self._config.model}', which "
                f"takes {_TOKENS_EACH:,}. Set FOREBAY_CHUNK__MAX_TOKENS lower."
            )
        return tokens

    async def _all(self, batches: Sequence[_Batch]) -> list[Vector]:
        """In order. The first failure ends all of them, and so does who waits no longer."""
        running = [asyncio.ensure_future(self._patiently(batch)) for batch in batches]
        try:
            found = await asyncio.gather(*running)
        finally:
            for one in running:
                one.cancel()
            await asyncio.gather(*running, return_exceptions=True)
        return [vector for vectors in found for vector in vectors]

    async def _patiently(self, batch: _Batch) -> list[Vector]:
        divisible = len(batch.texts) > 1
        try:
            return await self._pace.keep(
                lambda: self._ask(batch), batch.tokens, divisible=divisible
            )
        except TooLarge:
            return await self._all(batch.halves())

    async def _ask(self, batch: _Batch) -> list[Vector]:
        try:
            async with self._config.till.charged(self._wanted(batch)) as receipt:
                with translated(self._config.model):
                    vectors = await self._answer(batch, receipt)
        except ModelUnreachable as error:
            if self._reached and isinstance(error.__cause__, openai.APIConnectionError):
                # It was there a moment ago, so it is worth another try.
                raise ModelUnreachable(str(error), transient=True) from error
            raise
        self._reached = True
        return vectors

    def _wanted(self, batch: _Batch) -> Wanted:
        cost = self.cost_microdollars(batch.tokens)
        return Wanted("embed", "openai", self._config.model, Usage(input=batch.tokens), cost)

    async def _answer(self, batch: _Batch, receipt: Receipt) -> list[Vector]:
        try:
            raw = await self._client.embeddings.with_raw_response.create(
                input=list(batch.texts),
                model=self._config.model,
                dimensions=self._space.dimensions if self._shortened else Omit(),
                encoding_format="base64",  # the SDK would make a list of Python numbers of it
            )
        except openai.APIStatusError as error:
            self._pace.allowance.learn(error.response.headers)
            if error.code == _TOO_MANY_TOKENS and len(batch.texts) > 1:
                raise TooLarge from error  # its vocabulary is not the one that counted here
            raise
        self._pace.allowance.learn(raw.headers)
        answer = await asyncio.to_thread(raw.parse)
        if answer.usage:  # not every server says it
            receipt.usage = Usage(input=answer.usage.prompt_tokens)
            receipt.microdollars = self.cost_microdollars(answer.usage.prompt_tokens)
        return await asyncio.to_thread(lambda: self._vectors(answer, len(batch.texts)))

    def _vectors(self, answer: CreateEmbeddingResponse, wanted: int) -> list[Vector]:
        if not answer.data:
            raise ValueError("there are no vectors")
        if len(answer.data) != wanted:
            raise ValueError(f"{wanted} texts have {len(answer.data)} vectors")
        ordered = sorted(answer.data, key=lambda item: item.index)
        return [self._unit(item.embedding) for item in ordered]

    def _unit(self, said: object) -> Vector:
        if isinstance(said, str):
            vector = np.frombuffer(base64.b64decode(said), dtype="<f4")
        else:  # a server that does not know base64
            vector = np.asarray(said, dtype=np.float32)
        if vector.size != self._space.dimensions:
            raise Misconfigured(
                f"The vectors of '{self._config.model}' have {vector.size} dimensions, not "
                f"{self._space.dimensions}. Set FOREBAY_EMBED__DIMENSIONS={vector.size}."
            )
        length = np.linalg.norm(vector)
        if not 0 < length < np.inf:
            raise ValueError("a vector has no direction")
        return np.asarray(vector / length, dtype=np.float32)
