"""Notices when a prompt version reads less from the cache than it used to.

Calls are judged in blocks, each beside the median of those before it. One odd block moves the
median little, and a version whose blocks differ anyway may differ more before that is news.
Knows no clock and no metric.
"""

from collections import deque
from dataclasses import dataclass, field
from statistics import median

_BLOCK = 50  # calls that could have read something
_LEARNT = 4  # blocks before anything is judged
_PAST = 40  # blocks that are remembered
_LEAST = 0.1  # of the efficiency: less is no news
_SPREADS = 3 * 1.4826  # of the blocks' median distance; 1.4826 makes of it a standard deviation


@dataclass(frozen=True, slots=True)
class Judged:
    """A block of calls."""

    efficiency: float
    usual: float
    low: bool
    changed: bool  # it was not so before


@dataclass(slots=True)
class _Seen:
    calls: int = 0
    cached: int = 0
    cacheable: int = 0
    past: deque[float] = field(default_factory=lambda: deque(maxlen=_PAST))
    low: bool = False


class Alarm:
    """One for all prompt versions and models of a process."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], _Seen] = {}

    def read(self, version: str, model: str, cached: int, cacheable: int) -> Judged | None:
        """A judgement with the last call of each block."""
        if not cacheable:
            return None
        seen = self._seen.setdefault((version, model), _Seen())
        seen.calls += 1
        seen.cached += min(cached, cacheable)
        seen.cacheable += cacheable
        if seen.calls < _BLOCK:
            return None
        found = _judged(seen)
        if not found.low:
            seen.past.append(found.efficiency)
        seen.calls = seen.cached = seen.cacheable = 0
        seen.low = found.low
        return found


def _judged(seen: _Seen) -> Judged:
    efficiency = seen.cached / seen.cacheable
    if len(seen.past) < _LEARNT:
        return Judged(efficiency, efficiency, low=False, changed=False)
    usual = median(seen.past)
    distance = median(abs(one - usual) for one in seen.past)
    low = efficiency < usual - max(_LEAST, _SPREADS * distance)
    return Judged(efficiency, usual, low, changed=low != seen.low)
