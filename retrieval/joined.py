"""One ranking of those for several wordings of a question. Pure: knows hits alone."""

from collections.abc import Sequence
from dataclasses import replace

from domain.hits import Hit

_OTHER = 0.5  # what another wording counts beside the question itself


def joined(lists: Sequence[Sequence[Hit]]) -> list[Hit]:
    """The weighted mean of a hit's scores; where it was not found, the lowest score there."""
    if len(lists) == 1:
        return list(lists[0])
    weights = [1.0, *[_OTHER] * (len(lists) - 1)]
    scores = [{hit.chunk.id: hit.score for hit in hits} for hits in lists]
    floors = [min(own.values(), default=0.0) for own in scores]
    first = {hit.chunk.id: hit for hits in reversed(lists) for hit in hits}  # the question's own
    total = {
        id_: sum(
            weight * own.get(id_, floor)
            for weight, own, floor in zip(weights, scores, floors, strict=True)
        )
        / sum(weights)
        for id_ in first
    }
    ranked = sorted(total, key=lambda id_: (-total[id_], id_))
    return [replace(first[id_], score=total[id_]) for id_ in ranked]
