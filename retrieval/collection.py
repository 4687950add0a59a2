"""What a collection was made with, for good: its vector space, BM25's language and mean length.

Encodes to JSON and back. Knows nothing of where a store keeps it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.documents import Chunk
from domain.errors import InvalidInput, Misconfigured, VectorSpaceMismatch
from domain.hits import HybridQuery
from domain.vectors import VectorSpace
from retrieval.bm25 import ENGLISH, main_language, mean_length

if TYPE_CHECKING:
    from domain.vectors import SparseVector, Vector

ANALYSIS = 2  # how words are taken from texts; counted up when that changes

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}~?")  # with ~: one that is being rebuilt


@dataclass(frozen=True, slots=True)
class Collection:
    name: str
    space: VectorSpace
    mean_length: float
    language: str = ENGLISH  # of a passage that is in none that is known
    analysis: int = ANALYSIS

    def expect(self, space: VectorSpace | None, *, written: bool = False) -> None:
        """Vectors of two spaces must never meet, nor words of two analyses. A question may do
        without sparse vectors that are there; what is `written` has all, and no others.
        """
        if self.analysis != ANALYSIS:
            raise VectorSpaceMismatch(
                f"Collection '{self.name}' holds words as an earlier version of Forebay saw them. "
                "Ingest it again with `forebay ingest PATH… --rebuild`."
            )
        if space is None or self._fits(space, written=written):
            return
        raise VectorSpaceMismatch(
            f"Collection '{self.name}' holds vectors of {_described(self.space)}, the embedding "
            f"model in use is {_described(space)}. Ingest it again with `forebay ingest PATH… "
            "--rebuild`, or set FOREBAY_EMBED__PROVIDER, FOREBAY_EMBED__MODEL and "
            "FOREBAY_SPARSE__PROVIDER back."
        )

    def _fits(self, space: VectorSpace, *, written: bool) -> bool:
        alike = (space.dense, space.dimensions) == (self.space.dense, self.space.dimensions)
        without = not (written or (space.sparse and self.space.sparse))
        return alike and (without or space.sparse == self.space.sparse)

    def sparse_of(self, query: HybridQuery) -> "SparseVector | None":
        """Its learned weights, where this collection has such a leg."""
        return query.sparse if self.space.sparse else None

    def is_foreign(self, query: HybridQuery) -> bool:
        return query.is_foreign(self.language)

    def checked(self, vector: "Vector") -> "Vector":
        if vector.shape == (self.space.dimensions,):
            return vector
        raise InvalidInput(
            f"Collection '{self.name}' holds {self.space.dimensions}-dimensional vectors; "
            f"this one has the shape {vector.shape}.",
            field="vector",
        )

    def to_json(self) -> dict[str, str | int | float]:
        return {
            "name": self.name,
            "model": self.space.model,
            "dimensions": self.space.dimensions,
            "space": self.space.id,
            "mean_length": self.mean_length,
            "language": self.language,
            "analysis": self.analysis,
        }


def new_collection(name: str, space: VectorSpace, sample: Sequence[Chunk]) -> Collection:
    check_name(name)
    return Collection(name, space, round(mean_length(sample), 3), main_language(sample))


def collection_from_json(name: str, data: Mapping[str, object]) -> Collection:
    try:
        space = VectorSpace(str(data["model"]), int(str(data["dimensions"])), str(data["space"]))
        return Collection(
            str(data["name"]),
            space,
            float(str(data["mean_length"])),
            str(data.get("language", ENGLISH)),
            int(str(data.get("analysis", 1))),
        )
    except (KeyError, ValueError) as error:
        raise Misconfigured(
            f"The description of collection '{name}' cannot be read ({error!r}). "
            "Drop the collection and ingest it again."
        ) from error


def check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            f"'{name}' cannot name a collection: letters, digits, '_', '.' and '-' are allowed, "
            "63 at most, the first a letter or a digit.",
            field="collection",
        )


def _described(space: VectorSpace) -> str:
    return f"'{space.model}' ({space.dimensions} dimensions, space {space.id})"
