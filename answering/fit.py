"""Which hits the model is shown: in rank order, within a token budget, each text once."""

from collections.abc import Sequence

from domain.answers import Dropped
from domain.hits import Hit

_MARKS_A_PASSAGE = 4  # tokens of "[12] ", line ends


def fit(hits: Sequence[Hit], budget: int) -> tuple[tuple[Hit, ...], tuple[Dropped, ...]]:
    """Shown and dropped. Chunks carry their exact token count from ingestion."""
    shown: list[Hit] = []
    dropped: list[Dropped] = []
    seen: set[str] = set()
    left = budget
    for hit in hits:
        cost = hit.chunk.tokens + _MARKS_A_PASSAGE
        if hit.chunk.text in seen:
            dropped.append(Dropped(hit, "the same text is already shown"))
        elif cost > left:
            dropped.append(Dropped(hit, f"needs {cost} tokens, {left} of {budget} are left"))
        else:
            seen.add(hit.chunk.text)
            shown.append(hit)
            left -= cost
    return tuple(shown), tuple(dropped)
