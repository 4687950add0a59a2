"""How fast a run is now, and how long it will take from here.

Looks at the last half minute, and at its end more than at its beginning. Documents come in
lumps where they are embedded together, so it looks from lump to lump, and at four of them at
least. Knows nothing of screens; the time is told to it.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from domain.ingestion import Progress

_WINDOW = 30.0  # seconds
_LUMPS = 4
_SLICE = 1.0  # seconds: what comes sooner after the last mark is counted with it
_SOON = 0.5  # seconds; before that a rate says nothing
_PATIENCE = 1.5  # times the longest pause before: only then a pause says that it is slower now


@dataclass(frozen=True, slots=True)
class _Mark:
    at: float
    done: int
    chunks: int
    size: int


@dataclass(frozen=True, slots=True)
class Rates:
    """In a second."""

    documents: float
    chunks: float
    size: float


class Pace:
    """Cheap to tell: it keeps one mark a second."""

    def __init__(self) -> None:
        self._marks: deque[_Mark] = deque()
        self._now = 0.0

    def tell(self, progress: Progress, now: float) -> None:
        self._now = now
        mark = _Mark(now, progress.done, progress.chunks, progress.size)
        if not self._marks or (mark.done, mark.chunks) != self._last:
            if self._is_same_lump(mark):
                self._marks.pop()
            self._marks.append(mark)
        while len(self._marks) > _LUMPS and self._marks[1].at < now - _WINDOW:
            self._marks.popleft()

    def rates(self) -> Rates | None:
        marks = self._telling()
        if len(marks) < 2 or marks[-1].at - marks[0].at < _SOON:  # noqa: PLR2004  two make a rate
            return None
        return Rates(
            _rate(marks, lambda mark: mark.done),
            _rate(marks, lambda mark: mark.chunks),
            _rate(marks, lambda mark: mark.size),
        )

    def seconds_left(self, documents: int) -> float | None:
        """For so many documents more; nobody knows before the first chunk was written."""
        rates = self.rates() if self._marks and self._marks[-1].chunks else None
        return documents / rates.documents if rates and rates.documents else None

    @property
    def _last(self) -> tuple[int, int]:
        return self._marks[-1].done, self._marks[-1].chunks

    def _is_same_lump(self, mark: _Mark) -> bool:
        """The moment before the first chunk stands for itself: see `_telling`."""
        if len(self._marks) < 2:  # noqa: PLR2004  the first mark is the start
            return False
        before, last = self._marks[-2], self._marks[-1]
        return mark.at - before.at < _SLICE and bool(last.chunks) == bool(mark.chunks)

    def _telling(self) -> Sequence[_Mark]:
        """From the moment on when only documents that need work are left.

        Those that have not changed are done before the first chunk is written. That thousands
        of them pass in a second says nothing about the others.
        """
        marks = list(self._marks)
        if marks and marks[-1].chunks:
            start = max((i for i, mark in enumerate(marks) if not mark.chunks), default=0)
            marks = marks[start:]
        pauses = [b.at - a.at for a, b in pairwise(marks)]
        if pauses and self._now - marks[-1].at > max(_SLICE, _PATIENCE * max(pauses)):
            last = marks[-1]
            marks.append(_Mark(self._now, last.done, last.chunks, last.size))
        return marks


def _rate(marks: Sequence[_Mark], amount: Callable[[_Mark], int]) -> float:
    """The mean, in which what is between two marks weighs the more the later it is."""
    steps = list(enumerate(pairwise(marks), start=1))
    seconds = sum(weight * (b.at - a.at) for weight, (a, b) in steps)
    return sum(weight * (amount(b) - amount(a)) for weight, (a, b) in steps) / seconds
