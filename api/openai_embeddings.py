"""POST /v1/embeddings: vectors of the model that this service searches with."""

import base64
from dataclasses import dataclass
from typing import Literal

import numpy as np
from fastapi import APIRouter
from fastapi.responses import Response
from numpy.typing import NDArray

from api.access import Asking, Caller, Served
from api.openai_answer import answer_with
from api.openai_bodies import EmbeddingBody
from api.openai_route import OpenAIRoute
from domain.asking import asking as asking_for
from domain.completion import Account
from domain.errors import InvalidInput, NotFound
from wiring.services import Services

router = APIRouter(prefix="/v1", tags=["openai"], route_class=OpenAIRoute)


@dataclass(frozen=True, slots=True)
class Embedding:
    index: int
    embedding: tuple[float, ...] | str
    object: Literal["embedding"] = "embedding"


@dataclass(frozen=True, slots=True)
class EmbeddingUsage:
    prompt_tokens: int
    total_tokens: int


@dataclass(frozen=True, slots=True)
class Embeddings:
    data: tuple[Embedding, ...]
    model: str
    usage: EmbeddingUsage
    object: Literal["list"] = "list"


@router.post("/embeddings", response_model=Embeddings)
async def embeddings(body: EmbeddingBody, asking: Asking, services: Served) -> Response:
    """In OpenAI's format. Texts, not tokens: those are of a vocabulary that is not ours."""
    _check(body, services)
    texts = [body.input] if isinstance(body.input, str) else body.input
    embedder = services.embedder
    embed = embedder.embed_queries if body.input_type == "query" else embedder.embed_documents
    tokens = sum(map(services.tokens.count, texts))
    with asking_for(_account(asking)):
        vectors = await embed(texts)
    found = (Embedding(n, _written(v, body.encoding_format)) for n, v in enumerate(vectors))
    return answer_with(Embeddings(tuple(found), body.model, EmbeddingUsage(tokens, tokens)))


def _account(asking: Caller) -> Account:
    key = asking.key
    cap = key.monthly_microdollars if key else None
    return Account(asking.tenant, key.name if key else "", cap)


def _check(body: EmbeddingBody, services: Services) -> None:
    space = services.embedder.space
    if body.model != space.model:
        raise NotFound(f"There is no embedding model '{body.model}'; there is {space.model}.")
    if body.dimensions not in {None, space.dimensions}:
        raise InvalidInput(f"{space.model} has {space.dimensions} dimensions.", field="dimensions")


def _written(vector: NDArray[np.float32], how: str) -> tuple[float, ...] | str:
    if how == "base64":
        return base64.b64encode(vector.astype("<f4").tobytes()).decode()
    return tuple(vector.tolist())
