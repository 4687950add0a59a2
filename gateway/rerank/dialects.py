"""What the hosted reranking APIs are asked, and how they answer. Knows no connection.

They differ in words alone: what passages and scores are called, and how much is used.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from gateway.rerank.placed import placed
from gateway.rerank.plain import plain

Provider = Literal["cohere", "voyage", "jina", "tei"]
Body = dict[str, object]


@dataclass(frozen=True, slots=True)
class Used:
    """What a call was charged for; None: the answer does not say."""

    searches: int | None = None
    tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Dialect:
    url: str | None  # the provider's own; `/rerank` comes behind it
    model: str | None  # when none is set; None: the server has but one
    passages: str = "documents"
    most: str | None = "top_n"  # how many scores are wanted, or the server may choose
    further: tuple[tuple[str, bool], ...] = ()
    scores: str | None = "results"  # None: the answer is the list itself
    score: str = "relevance_score"
    batch: int = 100  # one search unit of Cohere; the others take more


DIALECTS: Mapping[Provider, Dialect] = {
    # Cohere cuts passages that are too long; so does Jina.
    "cohere": Dialect("https://api.cohere.com/v2", "rerank-v4.0-fast"),
    "voyage": Dialect(
        "https://api.voyageai.com/v1",
        "rerank-2.5",
        most="top_k",
        further=(("truncation", True), ("return_documents", False)),
        scores="data",
    ),
    # vLLM and Infinity speak it as well.
    "jina": Dialect(
        "https://api.jina.ai/v1", "jina-reranker-v3", further=(("return_documents", False),)
    ),
    # Hugging Face's Text Embeddings Inference, as it is set up when nothing else is said.
    "tei": Dialect(
        None,
        None,
        passages="texts",
        most=None,
        further=(("truncate", True),),
        scores=None,
        score="score",
        batch=32,
    ),
}


def asked(dialect: Dialect, model: str | None, question: str, passages: Sequence[str]) -> Body:
    body: Body = {
        "query": plain(question),
        dialect.passages: [plain(passage) for passage in passages],
        **dict(dialect.further),
    }
    if model is not None:
        body["model"] = model
    if dialect.most is not None:
        body[dialect.most] = len(passages)
    return body


def scores(dialect: Dialect, answer: object, number: int) -> tuple[float, ...]:
    """In the order of the passages. ValueError when the answer does not give each exactly one."""
    listed = answer if dialect.scores is None else _part(answer, dialect.scores)
    pairs = _pairs(dialect, listed) if isinstance(listed, list) else None
    if pairs is None:
        raise ValueError(f"it has no list of {dialect.scores or 'scores'}")
    return placed(pairs, range(number))


def used(answer: object) -> Used:
    billed = _part(answer, "usage") or _part(_part(answer, "meta"), "billed_units")
    tokens = _count(billed, "total_tokens")
    return Used(
        searches=_count(billed, "search_units"),
        tokens=_count(billed, "input_tokens") if tokens is None else tokens,
    )


def _pairs(dialect: Dialect, listed: list[object]) -> Iterator[tuple[object, object]]:
    for item in listed:
        yield _part(item, "index"), _part(item, dialect.score)


def _part(said: object, name: str) -> object:
    return said.get(name) if isinstance(said, dict) else None


def _count(said: object, name: str) -> int | None:
    number = _part(said, name)
    if isinstance(number, int | float) and not isinstance(number, bool) and 0 <= number < 2**53:
        return int(number)
    return None
