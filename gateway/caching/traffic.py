"""Will the same beginning be asked for again in time? Learned from the gaps between requests.

A writing to a cache pays only when a reading follows. What is counted is therefore what came
after a request that found nothing: another one within so many seconds, or none. Little seen of
one beginning is filled up with what was seen of all. Time is given, never read.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field

_KEEP = 0.98  # of what was counted, at each further count: traffic changes
_OF_ALL = 2.0  # counts that what was seen of more weighs beside what was seen of less
_DOUBT = 2.0  # counts of "none came" that there are from the start
_MOST = 100_000  # beginnings that are remembered


@dataclass(slots=True)
class _Counts:
    asked: float = 0.0
    again: float = 0.0

    def add(self, *, again: bool) -> None:
        self.asked = self.asked * _KEEP + 1
        self.again = self.again * _KEEP + again


@dataclass(frozen=True, slots=True)
class _Asked:
    at: float
    kind: tuple[str, bool]  # one of what; whether it was asked for shortly before, too


@dataclass(slots=True)
class _Within:
    """All that is known for one length of time."""

    seconds: float
    open: OrderedDict[str, _Asked] = field(default_factory=OrderedDict)  # the oldest first
    counts: OrderedDict[tuple[str, bool], _Counts] = field(default_factory=OrderedDict)
    general: tuple[_Counts, _Counts] = field(default_factory=lambda: (_Counts(), _Counts()))

    def seen(self, what: str, of: str, now: float) -> float:
        while self.open and (oldest := next(iter(self.open.items())))[1].at + self.seconds < now:
            del self.open[oldest[0]]
            self._count(oldest[1].kind, again=False)
        before = self.open.pop(what, None)
        if before is not None:
            self._count(before.kind, again=True)
        kind = (of, before is not None)
        self.open[what] = _Asked(now, kind)
        if len(self.open) > _MOST:
            self.open.popitem(last=False)
        return self._chance(kind)

    def _chance(self, kind: tuple[str, bool]) -> float:
        """Its own kind's; what is missing of that is taken from all of them together."""
        whole = sum(one.again for one in self.general)
        chance = whole / (sum(one.asked for one in self.general) + _DOUBT)
        for counts in (self.general[kind[1]], self.counts.get(kind) or _Counts()):
            chance = (counts.again + _OF_ALL * chance) / (counts.asked + _OF_ALL)
        return chance

    def _count(self, kind: tuple[str, bool], *, again: bool) -> None:
        counts = self.counts.setdefault(kind, _Counts())
        self.counts.move_to_end(kind)
        counts.add(again=again)
        self.general[kind[1]].add(again=again)
        if len(self.counts) > _MOST:
            self.counts.popitem(last=False)


class Traffic:
    """For some lengths of time. `what` recurs (a prefix, a session); `of` is what it is one of,
    whose members behave alike.
    """

    def __init__(self, lengths: Iterable[float]) -> None:
        self._within = [_Within(seconds) for seconds in lengths]

    def seen(self, what: str, of: str, now: float) -> dict[float, float]:
        """The chance that it comes again, within each length of time."""
        return {within.seconds: within.seen(what, of, now) for within in self._within}
