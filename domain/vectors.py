"""Vectors are NumPy float32 arrays all the way; the names exist for annotations only."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]  # (dimensions,), unit length


@dataclass(frozen=True, slots=True)
class VectorSpace:
    """Vectors of two spaces must never meet. `id` covers weights, pooling, prefix and precision."""

    model: str
    dimensions: int
    id: str
    languages: frozenset[str] = field(default=frozenset(), compare=False)  # known; none: all
