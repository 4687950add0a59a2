"""A VectorCache of a dictionary. It counts what was found, and forgets with the process."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from domain.vectors import VectorSpace

if TYPE_CHECKING:
    from domain.vectors import Vector


class MemoryVectorCache:
    def __init__(self) -> None:
        self.vectors: dict[tuple[str, str], Vector] = {}  # by space and text
        self.hits = 0
        self.saves = 0

    async def find(self, space: VectorSpace, texts: Sequence[str]) -> "Mapping[str, Vector]":
        found = {
            text: self.vectors[space.id, text].copy()
            for text in texts
            if (space.id, text) in self.vectors
        }
        self.hits += len(found)
        return found

    async def save(self, space: VectorSpace, vectors: "Mapping[str, Vector]") -> None:
        self.saves += 1
        for text, vector in vectors.items():
            self.vectors[space.id, text] = vector.copy()
