"""Embeddings from OpenAI, or from any server that speaks its format."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from openai import AsyncOpenAI
from openai.types import CreateEmbeddingResponse

from domain.errors import InvalidInput, Misconfigured, ModelUnreachable
from domain.ids import fingerprint
from domain.ports import TokenCounter
from domain.vectors import VectorSpace
from gateway.openai_client import translated
from gateway.retry import RetryConfig, retried

Vector = NDArray[np.float32]

_INPUTS = 2048  # a request
_TOKENS = 300_000  # a request
_TOKENS_EACH = 8_192
_DIMENSIONS = {
    "text-embedding-3-large": 3072,
    "text-embedding-3-small": 1536,
    "text-embedding-ada-002": 1536,
}


@dataclass(frozen=True, slots=True)
class OpenAIEmbedderConfig:
    model: str = "text-embedding-3-large"
    dimensions: int | None = None  # None: the model's own
    retry: RetryConfig = field(default_factory=RetryConfig)


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
        self._shortened = dimensions != own and own is not None
        self._space = VectorSpace(
            config.model, dimensions, fingerprint("openai", config.model, str(dimensions))
        )

    @property
    def space(self) -> VectorSpace:
        return self._space

    async def embed_documents(self, texts: Sequence[str]) -> Sequence[Vector]:
        vectors: list[Vector] = []
        for batch in self._batches(texts):
            vectors += await self._embed(batch)
        return vectors

    async def embed_query(self, text: str) -> Vector:
        (vector,) = await self.embed_documents([text])
        return vector

    def _batches(self, texts: Sequence[str]) -> Iterator[list[str]]:
        batch: list[str] = []
        held = 0
        for text in texts:
            tokens = self._tokens.count(text)
            if tokens > _TOKENS_EACH:
                raise InvalidInput(
                    f"A text of {tokens:,} tokens is too long for '{self._config.model}', which "
                    f"takes {_TOKENS_EACH:,}. Set FOREBAY_CHUNK__MAX_TOKENS lower."
                )
            if len(batch) == _INPUTS or held + tokens > _TOKENS:
                yield batch
                batch, held = [], 0
            batch.append(text)
            held += tokens
        if batch:
            yield batch

    async def _embed(self, batch: list[str]) -> list[Vector]:
        async def call() -> CreateEmbeddingResponse:
            with translated(self._config.model):
                if self._shortened:
                    return await self._client.embeddings.create(
                        input=batch, model=self._config.model, dimensions=self._space.dimensions
                    )
                return await self._client.embeddings.create(input=batch, model=self._config.model)

        answer = await retried(call, self._config.retry)
        ordered = sorted(answer.data, key=lambda item: item.index)
        if len(ordered) != len(batch):
            raise ModelUnreachable(
                f"{self._config.model} answered {len(batch)} texts with {len(ordered)} vectors."
            )
        self._check_length(len(ordered[0].embedding))
        return [_unit(item.embedding) for item in ordered]

    def _check_length(self, got: int) -> None:
        if got != self._space.dimensions:
            raise Misconfigured(
                f"The vectors of '{self._config.model}' have {got} dimensions, not "
                f"{self._space.dimensions}. Set FOREBAY_EMBED__DIMENSIONS={got}."
            )


def _unit(values: Sequence[float]) -> Vector:
    vector = np.asarray(values, dtype=np.float32)
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)
