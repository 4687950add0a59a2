"""What a question asks of the chunk store, and what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from domain.documents import Chunk
from domain.filters import Filter

if TYPE_CHECKING:
    from domain.vectors import Vector, VectorSpace

Leg = Literal["dense", "bm25"]


@dataclass(frozen=True, slots=True)
class Rrf:
    """Reciprocal rank fusion: Σ weight / (k + rank)."""

    k: float = 60.0
    dense_weight: float = 0.5


@dataclass(frozen=True, slots=True)
class Convex:
    """Weighted sum of the legs' scores, each standardised over what the leg returned."""

    dense_weight: float = 0.6


Fusion = Rrf | Convex


@dataclass(frozen=True, slots=True)
class HybridQuery:
    """One question to the store. A leg without its input (vector, text) is not run."""

    vector: "Vector | None" = None
    text: str | None = None
    limit: int = 10
    depth: int = 50  # candidates a leg
    where: Filter = ()
    language: str = ""  # of `text`, ISO 639-1; where it cannot be told, the collection's
    fusion: Fusion = field(default_factory=Convex)
    space: "VectorSpace | None" = None  # of `vector`; another than the collection's is refused


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
    chunk: Chunk
    score: float
    found_by: Mapping[Leg, Found]
