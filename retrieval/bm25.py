"""BM25's text analysis and weights, as Qdrant computes them: one encoder for both stores.

Words are lowercased, English stop words dropped, the rest stemmed (Snowball English) and
hashed to the token ids that a Qdrant server uses too. Knows nothing of stores: IDF is
applied there, at query time.
"""

from collections.abc import Sequence
from functools import cache
from statistics import fmean

from qdrant_edge import Bm25, Bm25Config

K1 = 1.2
B = 0.75
DEFAULT_MEAN_LENGTH = 256.0
_LANGUAGE = "english"


def encoder(mean_length: float) -> Bm25:
    """Turns passages and questions into sparse vectors. The mean length is fixed at write time."""
    return Bm25(Bm25Config(k=K1, b=B, avg_len=mean_length, language=_LANGUAGE))


@cache
def question_encoder() -> Bm25:
    """Every token of a question weighs 1, whatever the mean length."""
    return encoder(DEFAULT_MEAN_LENGTH)


def tokens(text: str) -> list[int]:
    """The analyser's token ids, each as often as it occurs (grouped, not in reading order)."""
    counted = _counter().embed_document(text)
    return [
        token
        for token, weight in zip(counted.indices, counted.values, strict=True)
        for _ in range(round(weight))
    ]


def mean_length(texts: Sequence[str]) -> float:
    """In the analyser's tokens; a neutral constant when there is nothing to measure."""
    if not texts:
        return DEFAULT_MEAN_LENGTH
    return max(1.0, fmean(len(tokens(text)) for text in texts))


@cache
def _counter() -> Bm25:
    # The engine gives weights, not counts. Without length normalisation a token's weight is
    # tf·(k+1)/(tf+k), which for a huge k is tf itself.
    return Bm25(Bm25Config(k=1e12, b=0.0, language=_LANGUAGE))
