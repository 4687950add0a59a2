"""Is a difference more than chance? Paired randomisation and bootstrap over queries, seeded.

Takes differences per query and set; knows no measure. Several sets count alike, however many
queries each has: the statistic is the mean over sets of the mean over queries, and signs are
flipped, and queries drawn, within a set.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Differences = NDArray[np.float64]  # (queries, measures)

PERMUTATIONS = 10_000
_AT_ONCE = 500  # permutations: what they need fits the memory, whatever the set
_SEED = 20
_TIE = 1e-9


@dataclass(frozen=True, slots=True)
class Change:
    """Of one measure, after minus before."""

    mean: float
    p: float  # two-sided
    low: float  # bootstrap, 95 %
    high: float
    wins: int
    losses: int
    ties: int


def changes(sets: Sequence["Differences"]) -> list[Change]:
    """One a column. The smallest p is 1 / (permutations + 1)."""
    flipped = sum(_flipped(one) for one in sets) / len(sets)
    drawn = sum(_drawn(one) for one in sets) / len(sets)
    means = sum(one.mean(axis=0) for one in sets) / len(sets)
    beyond = (np.abs(flipped) >= np.abs(means) - _TIE).sum(axis=0)
    low, high = np.percentile(drawn, (2.5, 97.5), axis=0)
    every = np.concatenate(sets)
    wins, losses = (every > _TIE).sum(axis=0), (every < -_TIE).sum(axis=0)
    return [
        Change(
            mean=float(means[column]),
            p=float((beyond[column] + 1) / (PERMUTATIONS + 1)),
            low=float(low[column]),
            high=float(high[column]),
            wins=int(wins[column]),
            losses=int(losses[column]),
            ties=int(len(every) - wins[column] - losses[column]),
        )
        for column in range(every.shape[1])
    ]


def _flipped(differences: "Differences") -> "Differences":
    """Means if chance had named the systems, a row a permutation."""
    random, queries = np.random.default_rng(_SEED), len(differences)
    signs = (
        random.integers(0, 2, (_AT_ONCE, queries), np.int8) * 2.0 - 1.0
        for _ in range(PERMUTATIONS // _AT_ONCE)
    )
    return np.concatenate([some @ differences / queries for some in signs])


def _drawn(differences: "Differences") -> "Differences":
    """Means of as many queries, drawn with repetition."""
    random, queries = np.random.default_rng(_SEED), len(differences)
    rows = np.arange(_AT_ONCE)[:, None] * queries
    counts = (
        np.bincount(
            (random.integers(0, queries, (_AT_ONCE, queries)) + rows).ravel(),
            minlength=_AT_ONCE * queries,
        ).reshape(_AT_ONCE, queries)
        for _ in range(PERMUTATIONS // _AT_ONCE)
    )
    return np.concatenate([some @ differences / queries for some in counts])
