"""Puts each score where its passage stands, and refuses an answer that leaves doubt.

A model names passages by a label. Knows nothing of where the answer came from.
"""

import math
import sys
from collections.abc import Iterable, Sequence
from reprlib import repr as brief

_MOST = sys.float_info.max


def placed(
    found: Iterable[tuple[object, object]],
    labels: Sequence[int] | Sequence[str],
    *,
    lowest: float = -_MOST,
    highest: float = _MOST,
) -> tuple[float, ...]:
    """`found`: label and score, in any order. ValueError unless each label has one number."""
    kind = type(labels[0])  # True is no 1, and "1" neither
    given: dict[object, float] = {}
    for label, score in found:
        if not isinstance(label, kind) or isinstance(label, bool) or label not in labels:
            raise ValueError(f"it scores {brief(label)}, which none of the passages is called")
        if label in given:
            raise ValueError(f"it scores passage {label} twice")
        number = _number(score)
        if not lowest <= number <= highest:  # NaN is nowhere between
            raise ValueError(f"its score of passage {label} is {brief(score)}")
        given[label] = float(number)
    missing = [str(label) for label in labels if label not in given]
    if missing:
        raise ValueError(f"it does not score passage {missing[0]}{_beside(len(missing))}")
    return tuple(given[label] for label in labels)


def _number(said: object) -> int | float:
    return said if isinstance(said, int | float) and not isinstance(said, bool) else math.nan


def _beside(missing: int) -> str:
    return f" and {missing - 1} more" if missing > 1 else ""
