"""A point as a store keeps it, with all its vectors: what moves from one store to another.

Knows no engine, and does not read what the payload says.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from domain.vectors import SparseVector, Vector

_ROUNDING = 1e-6  # who makes a unit vector of a unit vector may change its last digit


@dataclass(frozen=True, slots=True, eq=False)
class StoredPoint:
    id: str
    payload: Mapping[str, object]
    dense: "Vector"
    sparse: "Mapping[str, SparseVector]"  # by leg; what has no words has no weights

    def as_in(self, other: "StoredPoint | None") -> Self:
        """With the other's dense vector, where the two differ by no more than rounding."""
        if other is None or self.dense.shape != other.dense.shape:
            return self
        near = np.allclose(self.dense, other.dense, rtol=0, atol=_ROUNDING)
        return replace(self, dense=other.dense) if near else self

    def digest(self) -> bytes:
        """Of all of it, the same whatever order a store gives words and fields in."""
        said = json.dumps([self.id, self.payload], sort_keys=True)
        digest = hashlib.sha256(said.encode() + self.dense.astype("<f4").tobytes())
        for leg in sorted(self.sparse):
            if weights := self.sparse[leg]:
                digest.update(leg.encode() + _in_order(weights))
        return digest.digest()


def _in_order(weights: "SparseVector") -> bytes:
    indices = np.fromiter(weights, dtype="<u4", count=len(weights))
    values = np.fromiter(weights.values(), dtype="<f4", count=len(weights))
    order = np.argsort(indices)
    return indices[order].tobytes() + values[order].tobytes()
