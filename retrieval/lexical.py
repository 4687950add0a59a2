"""BM25 in memory: the reference for the store's BM25, and a backend for small corpora.

`rank-bm25` scores the analyser's very tokens, with the true mean length. Of its variants
BM25Plus with delta 0 is the comparable one: plain BM25 term weights and an IDF of
log((N + 1) / n), where the store has log((N + 1) / (n + 0.5)). BM25Okapi's IDF turns
negative for frequent words. Over 5,183 abstracts a question takes ten times the store's time.
"""

from collections.abc import Sequence

import numpy as np
from rank_bm25 import BM25Plus

from domain.documents import Chunk
from domain.hits import Found, Hit
from retrieval.bm25 import K1, B, tokens


class RankBm25:
    """The chunks stay in memory and do not change."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self._chunks = tuple(chunks)
        words = [tokens(chunk.indexed_text, chunk.language) for chunk in self._chunks]
        # The library divides by the number of words.
        self._model = BM25Plus(words, k1=K1, b=B, delta=0) if any(words) else None

    def search(self, text: str, limit: int = 10) -> list[Hit]:
        """Chunks that share a word with the question, best first."""
        if self._model is None:
            return []
        scores = self._model.get_scores(sorted(set(tokens(text))))
        best = np.argsort(-scores, kind="stable")[:limit]
        found = [(int(i), float(scores[i])) for i in best if scores[i] > 0]
        return [
            Hit(self._chunks[i], score, {"bm25": Found(rank, score)})
            for rank, (i, score) in enumerate(found, start=1)
        ]
