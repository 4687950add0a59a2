"""What a question asks of the chunk store, and what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from domain.documents import Chunk
from domain.filters import Filter

if TYPE_CHECKING:
    from domain.vectors import SparseVector, Vector, VectorSpace

Leg = Literal["dense", "bm25", "sparse"]  # sparse: words by learned weights


@dataclass(frozen=True, slots=True)
class Rrf:
    """Reciprocal rank fusion: Σ weight / (k + rank)."""

    k: float = 60.0
    dense_weight: float = 0.5


@dataclass(frozen=True, slots=True)
class Dbsf:
    """Distribution-based score fusion: 0 and 1 lie three deviations around a leg's mean score."""

    dense_weight: float = 0.5


@dataclass(frozen=True, slots=True)
class Convex:
    """Weighted sum of the legs' scores, each standardised over all that was found."""

    dense_weight: float = 0.65


@dataclass(frozen=True, slots=True)
class Adaptive:
    """Convex with a weight of its own for each question: the dense leg's, between these two, the
    flatter BM25's scores are; `foreign` when the embedder does not know the question's language.
    """

    sharp: float = 0.5
    flat: float = 0.8
    foreign: float = 0.25


Fusion = Rrf | Dbsf | Convex | Adaptive


@dataclass(frozen=True, slots=True)
class HybridQuery:
    """One question to the store. A leg without its input (vector, text, sparse) is not run."""

    vector: "Vector | None" = None
    text: str | None = None
    limit: int = 10
    depth: int = 60  # candidates a leg
    where: Filter = ()
    language: str = ""  # of `text`, ISO 639-1; where it cannot be told, the collection's
    fusion: Fusion = field(default_factory=Adaptive)
    space: "VectorSpace | None" = None  # of both vectors; another than the collection's is refused
    sparse: "SparseVector | None" = None  # not run over a collection that was made without
    words: tuple[tuple[str, float], ...] | None = None  # BM25 from elsewhere: chunk ids, scores

    @property
    def candidates(self) -> int:
        """Of each leg."""
        return max(self.depth, self.limit)

    def is_foreign(self, otherwise: str = "") -> bool:
        """Whether the embedder does not know the language in which is asked, or that `otherwise`
        is taken for it.
        """
        known = self.space.languages if self.space else ()
        language = self.language or otherwise
        return bool(known and language) and language not in known


@dataclass(frozen=True, slots=True)
class Found:
    """Where one leg saw a hit: rank from 1, and the leg's own score."""

    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Reranking:
    """Scores in the order of the passages: higher fits better, within one question."""

    scores: tuple[float, ...]
    cost_microdollars: int = 0


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with what each step thought of it; `score` is that of the last one."""

    chunk: Chunk
    score: float
    found_by: Mapping[Leg, Found]
    fused: Found | None = None
    signals: Mapping[str, float] = field(default_factory=dict)  # what was added to the fused score
    reranked: Found | None = None
    expanded: int = 0  # chunks that were joined to it, of those before and after it
    collection: str = ""  # that it was found in
