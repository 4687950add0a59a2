"""Vectors are NumPy float32 arrays all the way; the names exist for annotations only."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]  # (dimensions,), unit length


SparseVector = Mapping[int, float]  # token id → weight; what weighs nothing is not in it


@dataclass(frozen=True, slots=True)
class VectorSpace:
    """Vectors of two spaces must never meet. `id` covers weights, pooling, prefix and precision,
    and behind a + the learned sparse model, where there is one.
    """

    model: str
    dimensions: int
    id: str
    languages: frozenset[str] = field(default=frozenset(), compare=False)  # known; none: all

    @property
    def dense(self) -> str:
        return self.id.partition("+")[0]

    @property
    def sparse(self) -> str:
        return self.id.partition("+")[2]

    def with_sparse(self, model: str) -> Self:
        return replace(self, id=f"{self.dense}+{model}")
