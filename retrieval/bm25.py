"""BM25's text analysis and weights, as Qdrant computes them: one encoder for both stores.

Words are lowercased, accents folded, stop words dropped, the rest stemmed by their language and
hashed to the token ids that a Qdrant server uses too. Knows nothing of stores: IDF is applied
there, at query time.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from statistics import fmean

from qdrant_edge import Bm25, Bm25Config, SparseVector

from domain.documents import Chunk
from retrieval.words import words_apart

K1 = 1.2
B = 0.75
DEFAULT_MEAN_LENGTH = 256.0
ENGLISH = "en"  # also of what is in no language that has a stemmer: most such words stay whole

STEMMED = {
    "ar": "arabic",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "it": "italian",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "tr": "turkish",
}


def passage_words(chunk: Chunk, mean_length: float, language: str = ENGLISH) -> SparseVector:
    """`language`: what to take it for when it does not say, or has one without a stemmer."""
    known = chunk.language if chunk.language in STEMMED else _known(language)
    return _encoder(known, mean_length).embed_document(words_apart(chunk.indexed_text))


def question_words(text: str, languages: Iterable[str] = (ENGLISH,)) -> SparseVector:
    """In each of the languages it may be in; every token weighs 1, whatever the mean length."""
    apart = words_apart(text)
    ids: dict[int, None] = {}
    for language in languages:
        encoder = _encoder(_known(language), DEFAULT_MEAN_LENGTH)
        ids |= dict.fromkeys(encoder.embed_query(apart).indices)
    return SparseVector(indices=list(ids), values=[1.0] * len(ids))


def tokens(text: str, language: str = ENGLISH) -> list[int]:
    """The analyser's token ids, each as often as it occurs (grouped, not in reading order)."""
    counted = _counter(_known(language)).embed_document(words_apart(text))
    return [
        token
        for token, weight in zip(counted.indices, counted.values, strict=True)
        for _ in range(round(weight))
    ]


def mean_length(chunks: Sequence[Chunk]) -> float:
    """In the analyser's tokens; a neutral constant when there is nothing to measure."""
    if not chunks:
        return DEFAULT_MEAN_LENGTH
    return max(1.0, fmean(len(tokens(chunk.indexed_text, chunk.language)) for chunk in chunks))


def main_language(chunks: Iterable[Chunk]) -> str:
    spoken = Counter(chunk.language for chunk in chunks if chunk.language)
    return max(spoken, key=spoken.__getitem__, default=ENGLISH)


def _known(language: str) -> str:
    return language if language in STEMMED else ENGLISH


@cache
def _encoder(language: str, mean_length: float) -> Bm25:
    """The mean length is fixed at write time."""
    return Bm25(
        Bm25Config(k=K1, b=B, avg_len=mean_length, language=STEMMED[language], ascii_folding=True)
    )


@cache
def _counter(language: str) -> Bm25:
    # The engine gives weights, not counts. Without length normalisation a token's weight is
    # tf·(k+1)/(tf+k), which for a huge k is tf itself.
    return Bm25(Bm25Config(k=1e12, b=0.0, language=STEMMED[language], ascii_folding=True))
