"""Joins what several legs found into one ranking. Pure: knows ids and scores, no store.

Reciprocal rank fusion sees ranks alone, and DBSF each leg's own distribution of scores. The
others standardise a leg's scores over all that any leg found: what it missed gets the lowest of
its scores; or 0, when it goes by words and had room left, since then none of them is there.
What is not the dense leg's weight, the others share alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Generic, TypeVar

from domain.hits import Adaptive, Dbsf, Found, Fusion, Leg, Rrf

Id = TypeVar("Id", str, int)  # ties are broken by it
_AMONG = 10  # BM25's tenth hit beside its first says how clearly words point to a few passages
_DEVIATIONS = 3  # on either side of the mean, which DBSF takes for the range of scores


@dataclass(frozen=True, slots=True)
class Fused(Generic[Id]):
    id: Id
    score: float
    found_by: Mapping[Leg, Found]


Legs = Mapping[Leg, Sequence[tuple[Id, float]]]


def fuse(
    legs: Legs[Id], fusion: Fusion, limit: int, *, depth: int, foreign: bool = False
) -> list[Fused[Id]]:
    """The best `limit`. `legs` are ranked, best first, each at most `depth`; a single leg keeps
    its own scores. `foreign`: the embedder does not know the question's language.
    """
    totals = dict(next(iter(legs.values()))) if len(legs) == 1 else {}
    if len(legs) > 1:
        totals = _totals(legs, fusion, depth, _dense_weight(legs, fusion, foreign=foreign))
    best = sorted([(-score, id_) for id_, score in totals.items()])[:limit]
    found_by: dict[Id, dict[Leg, Found]] = {id_: {} for _, id_ in best}
    for leg, hits in legs.items():
        for rank, (id_, score) in enumerate(hits, start=1):
            if id_ in found_by:
                found_by[id_][leg] = Found(rank, score)
    return [Fused(id_, -score, found_by[id_]) for score, id_ in best]


def _dense_weight(legs: Legs[Id], fusion: Fusion, *, foreign: bool) -> float:
    """Where BM25's scores fall off quickly, words point to a few passages and may be trusted;
    where they do not, meaning has to decide.
    """
    if not isinstance(fusion, Adaptive):
        return fusion.dense_weight
    if foreign:
        return fusion.foreign
    words = [score for _, score in legs.get("bm25", ())]
    flat = words[_AMONG - 1] / words[0] if len(words) >= _AMONG else 0.0
    return fusion.sharp + flat * (fusion.flat - fusion.sharp)


def _totals(legs: Legs[Id], fusion: Fusion, depth: int, weight: float) -> dict[Id, float]:
    everything = {id_ for hits in legs.values() for id_, _ in hits}
    everywhere, totals = 0.0, dict.fromkeys(everything, 0.0)
    for leg, hits in legs.items():
        part = weight if leg == "dense" else (1 - weight) / len(legs.keys() - {"dense"})
        shares, other = _shares(leg, hits, fusion, depth, len(everything))
        for (id_, _), share in zip(hits, shares, strict=True):
            totals[id_] += part * (share - other)
        everywhere += part * other
    return {id_: total + everywhere for id_, total in totals.items()}


def _shares(
    leg: Leg, hits: Sequence[tuple[Id, float]], fusion: Fusion, depth: int, among: int
) -> tuple[list[float], float]:
    """What the leg gives each of its hits, and what each other one of `among`."""
    scores: list[float] = [score for _, score in hits]
    if isinstance(fusion, Rrf):
        return [1 / (fusion.k + rank) for rank in range(1, len(hits) + 1)], 0.0
    if not scores:
        return [], 0.0
    if isinstance(fusion, Dbsf):
        mean, deviation = _spread(scores)
        return [0.5 + (one - mean) / (2 * _DEVIATIONS * deviation) for one in scores], 0.0
    floor = 0.0 if leg != "dense" and len(hits) < depth else scores[-1]
    mean, deviation = _spread(scores + [floor] * (among - len(hits)))
    return [(one - mean) / deviation for one in scores], (floor - mean) / deviation


def standardised(scores: Mapping[int, float]) -> dict[int, float]:
    mean, deviation = _spread(list(scores.values()))
    return {i: (score - mean) / deviation for i, score in scores.items()}


def _spread(scores: Sequence[float]) -> tuple[float, float]:
    """Their mean and their deviation from it."""
    mean = sum(scores) / len(scores)
    squares = sum([(score - mean) ** 2 for score in scores])
    return mean, sqrt(squares / len(scores)) or 1.0  # all alike: nobody is better
