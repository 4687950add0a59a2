"""Time decay and boosts over what was found. Pure: knows hits and a clock's time, no store.

A gain counts standard deviations of the candidates' scores, so that 0.5 means the same whatever
the fusion or the reranker. A passage without a date gains what an endlessly old one does: nothing.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import exp2
from statistics import pstdev

from domain.boosts import Boost, Boosts, Decay, When
from domain.counted import counted
from domain.documents import Chunk, Scalar
from domain.hits import Hit
from retrieval.matching import holds, values

_DAY = timedelta(days=1)
_YEARS = range(1000, 10_000)  # whole numbers that are a year; others are seconds since 1970
_PART = re.compile(r"(\d{4})(?:-(\d{2}))?")


def boosted(
    hits: Sequence[Hit], boosts: Boosts, now: datetime
) -> tuple[list[Hit], tuple[str, ...]]:
    """The hits in their new order, and what did not go as asked. What each gained is added to its
    score and stands in its signals.
    """
    if not boosts or not hits:
        return list(hits), ()
    unit = pstdev(hit.score for hit in hits) or 1.0
    gains = [_gains(hit.chunk, boosts, unit, now) for hit in hits]
    raised = [
        replace(hit, score=hit.score + sum(own.values()), signals={**hit.signals, **own})
        for hit, own in zip(hits, gains, strict=True)
    ]
    return sorted(raised, key=lambda hit: -hit.score), tuple(_notes(hits, boosts))


def moment(value: Scalar) -> datetime | None:
    """A date in ISO's form, a year, a month, or seconds since 1970; None when it is none."""
    try:
        if isinstance(value, str):
            return _read(value.strip())
        if isinstance(value, int) and value in _YEARS and not isinstance(value, bool):
            return datetime(value, 1, 1, tzinfo=UTC)
        return None if isinstance(value, bool) else datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _read(text: str) -> datetime:
    if part := _PART.fullmatch(text):
        return datetime(int(part[1]), int(part[2] or 1), 1, tzinfo=UTC)
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _gains(chunk: Chunk, boosts: Boosts, unit: float, now: datetime) -> dict[str, float]:
    """By a name that says why."""
    gains: defaultdict[str, float] = defaultdict(float)
    for boost in boosts:
        gains[_name(boost)] += unit * _gain(chunk, boost, now)
    return {name: round(gain, 4) for name, gain in gains.items() if gain}


def _gain(chunk: Chunk, boost: Boost, now: datetime) -> float:
    if isinstance(boost, When):
        return boost.add if holds(boost.where, chunk) else 0.0
    date = _newest(chunk, boost.field)
    if date is None:
        return 0.0
    since = (moment(boost.at) or now) - date
    return boost.weight * exp2(-max(0.0, since / _DAY) / boost.half_life_days)


def _newest(chunk: Chunk, field: str) -> datetime | None:
    return max(filter(None, map(moment, values(chunk, field))), default=None)


def _name(boost: Boost) -> str:
    if isinstance(boost, Decay):
        return f"new by {boost.field}"
    return f"when {', '.join(dict.fromkeys(condition.field for condition in boost.where))}"


def _notes(hits: Sequence[Hit], boosts: Boosts) -> Iterator[str]:
    """A misspelt field would else go unnoticed."""
    for boost in boosts:
        if isinstance(boost, Decay) and not any(_newest(hit.chunk, boost.field) for hit in hits):
            yield (
                f"None of {counted(len(hits), 'passage')} found has a date in '{boost.field}': its "
                "decay changes nothing."
            )
