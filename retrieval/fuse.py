"""Joins what several legs found into one ranking. Pure: knows ids and scores, no store.

Reciprocal rank fusion sees ranks alone, and DBSF each leg's own distribution of scores. The
others standardise a leg's scores over all that any leg found: what it missed gets the lowest of
its scores; or 0, when it goes by words and had room left, since then none of them is there.
What is not the dense leg's weight, the others share alike.
"""

from collections.abc import Iterator, Mapping, Sequence
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
        weight = _dense_weight(legs, fusion, foreign=foreign)
        for leg, shares in _shares(legs, fusion, depth):
            part = weight if leg == "dense" else (1 - weight) / len(legs.keys() - {"dense"})
            for id_, share in shares.items():
                totals[id_] = totals.get(id_, 0.0) + part * share
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


def _shares(legs: Legs[Id], fusion: Fusion, depth: int) -> Iterator[tuple[Leg, dict[Id, float]]]:
    """What each leg gives every hit, of all legs."""
    everything = dict.fromkeys(id_ for hits in legs.values() for id_, _ in hits)
    for leg, hits in legs.items():
        if isinstance(fusion, Rrf):
            yield leg, {id_: 1 / (fusion.k + rank) for rank, (id_, _) in enumerate(hits, start=1)}
        elif hits and isinstance(fusion, Dbsf):
            scores = standardised(dict(hits))
            yield leg, {id_: 0.5 + score / (2 * _DEVIATIONS) for id_, score in scores.items()}
        elif hits:
            floor = 0.0 if leg != "dense" and len(hits) < depth else hits[-1][1]
            yield leg, standardised(dict.fromkeys(everything, floor) | dict(hits))


def standardised(scores: dict[Id, float]) -> dict[Id, float]:
    mean = sum(scores.values()) / len(scores)
    spread = sum([(score - mean) ** 2 for score in scores.values()]) / len(scores)
    deviation = sqrt(spread) or 1.0  # all alike: nobody is better
    return {id_: (score - mean) / deviation for id_, score in scores.items()}
