"""Finds days or hours that cost much more than usual. Robust: what is usual is a median, and one
earlier spike does not hide the next. Knows no ledger.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

HISTORY = 28  # earlier days, or the same hour of so many days
_LEAST = 7  # of them, since the group was first seen: of less nobody can say what is usual
_SCORE = 3.5
_MAD = 1.4826  # times the median deviation is the standard deviation, where all is normal
_PART = 0.25  # of the usual: what always goes up and down
_CENTS = 50_000  # micro-dollars: so much more or less is not worth a word


@dataclass(frozen=True, slots=True)
class Spike:
    when: str
    group: tuple[str, ...]
    cost_microdollars: int
    usual_microdollars: int
    score: float  # standard deviations above the usual


def spikes(
    costs: Mapping[tuple[str, ...], Mapping[str, int]],
    whens: Sequence[str],
    *,
    since: str,
    step: int = 1,
) -> list[Spike]:
    """The worst first. `whens`: all days or hours in order, those before `since` as history alone.
    `step`: each is compared with every so manyth before it; 24 is the same hour of earlier days.
    """
    found = []
    for group, spent in costs.items():
        first = min(spent)
        for at, when in enumerate(whens):
            if when < since or not spent.get(when):
                continue
            earlier = [w for w in whens[at % step : at : step][-HISTORY:] if w >= first]
            if len(earlier) >= _LEAST:
                found.append(_judged(when, group, spent[when], [spent.get(w, 0) for w in earlier]))
    return sorted((one for one in found if one.score >= _SCORE), key=lambda one: -one.score)


def _judged(when: str, group: tuple[str, ...], cost: int, earlier: Sequence[int]) -> Spike:
    usual = median(earlier)
    deviation = _MAD * median(abs(one - usual) for one in earlier)
    score = (cost - usual) / max(deviation, _PART * usual, _CENTS)
    return Spike(when, group, cost, round(usual), round(score, 1))
