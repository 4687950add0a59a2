"""Joins what several legs found into one ranking. Pure: knows ids and scores, no store.

Reciprocal rank fusion sees ranks alone. Convex fusion standardises each leg's scores over
what the leg returned (z-scores); a hit that a leg missed gets the leg's lowest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from math import sqrt
from typing import Generic, TypeVar

from domain.hits import Convex, Found, Fusion, Leg, Rrf

Id = TypeVar("Id", str, int)  # ties are broken by it


@dataclass(frozen=True, slots=True)
class Fused(Generic[Id]):
    id: Id
    score: float
    found_by: Mapping[Leg, Found]


def fuse(
    legs: Mapping[Leg, Sequence[tuple[Id, float]]], fusion: Fusion, limit: int
) -> list[Fused[Id]]:
    """The best `limit`. `legs` are ranked, best first; a single leg keeps its own scores."""
    totals = dict(next(iter(legs.values()))) if len(legs) == 1 else _add(legs, fusion)
    best = nsmallest(limit, ((-score, id_) for id_, score in totals.items()))
    found_by: dict[Id, dict[Leg, Found]] = {id_: {} for _, id_ in best}
    for leg, hits in legs.items():
        for rank, (id_, score) in enumerate(hits, start=1):
            if id_ in found_by:
                found_by[id_][leg] = Found(rank, score)
    return [Fused(id_, -score, found_by[id_]) for score, id_ in best]


def _add(legs: Mapping[Leg, Sequence[tuple[Id, float]]], fusion: Fusion) -> dict[Id, float]:
    """Each leg's weighted share of every hit's score, summed."""
    floor = 0.0  # what a hit would get that every leg missed
    gains: dict[Id, float] = {}  # above it
    for leg, hits in legs.items():
        weight = fusion.dense_weight if leg == "dense" else 1 - fusion.dense_weight
        shares, missing = _shares([score for _, score in hits], fusion)
        floor += weight * missing
        for (id_, _), share in zip(hits, shares, strict=True):
            gains[id_] = gains.get(id_, 0.0) + weight * (share - missing)
    return {id_: floor + gain for id_, gain in gains.items()}


def _shares(scores: list[float], fusion: Fusion) -> tuple[list[float], float]:
    """What the leg gives each of its hits, best first, and what it gives those that it missed."""
    if not scores:
        return [], 0.0
    match fusion:
        case Rrf(k):
            return [1 / (k + rank) for rank in range(1, len(scores) + 1)], 0.0
        case Convex():
            lowest = scores[-1]
            if scores[0] == lowest:  # one hit, or all alike: still better than not to be found
                return [0.0] * len(scores), -1.0
            mean = sum(scores) / len(scores)
            deviation = sqrt(sum((score - mean) ** 2 for score in scores) / len(scores))
            return [(score - mean) / deviation for score in scores], (lowest - mean) / deviation
