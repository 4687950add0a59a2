"""The hits of several collections in one ranking, as if one collection held all of them.

Fused scores of two collections do not compare: each is standardised over what that one holds, so
that the best of a collection with nothing on the matter stands as high there as any. So the legs
are joined by their own scores, and fused anew. Cosines compare, since all vectors are of one
space. BM25 weighs words by each collection's own frequencies: where a matter is everyday talk its
words weigh little, and much where they stand by chance. So no collection's BM25 may reach above
that of the collection with the nearest vector. Pure: knows hits, no store.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from domain.hits import Hit, HybridQuery, Leg
from retrieval.fuse import Legs, fuse


def together(lists: Sequence[Sequence[Hit]], query: HybridQuery) -> list[Hit]:
    """`lists`: what each collection found for the query."""
    filled = [hits for hits in lists if hits]
    if len(filled) <= 1:
        return list(filled[0]) if filled else []
    hits = {hit.chunk.id: hit for found in filled for hit in found}
    best = fuse(
        _legs(filled, query.candidates),
        query.fusion,
        query.limit,
        depth=query.candidates,
        foreign=query.is_foreign(),
    )
    return [replace(hits[one.id], score=one.score, found_by=one.found_by) for one in best]


def _legs(lists: Sequence[Sequence[Hit]], depth: int) -> Legs[str]:
    """Each leg's candidates of all collections, best first."""
    nearest = max(lists, key=lambda hits: _highest(hits, "dense"))
    most = _highest(nearest, "bm25") if _highest(nearest, "dense") else 0.0
    legs: dict[Leg, list[tuple[str, float]]] = {}
    for hits in lists:
        for leg, id_, score in _scored(hits, most):
            legs.setdefault(leg, []).append((id_, score))
    return {
        leg: sorted(found, key=lambda one: (-one[1], one[0]))[:depth] for leg, found in legs.items()
    }


def _scored(hits: Sequence[Hit], most: float) -> Iterator[tuple[Leg, str, float]]:
    """`most`: what BM25 may reach; 0: there are no vectors to say so."""
    own = _highest(hits, "bm25")
    share = most / own if own > most > 0 else 1.0
    for hit in hits:
        for leg, found in hit.found_by.items():
            yield leg, hit.chunk.id, found.score * (share if leg == "bm25" else 1.0)


def _highest(hits: Sequence[Hit], leg: Leg) -> float:
    return max((hit.found_by[leg].score for hit in hits if leg in hit.found_by), default=0.0)
