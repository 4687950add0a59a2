"""Keeps account of one ingestion: what is at hand, what came of it, where the time goes.

Stages overlap, so a stage's time is how long at least one document was in it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import get_args

from domain.answers import StageTime
from domain.ingestion import IngestReport, Outcome, Progress, Queue, Stage

_EVERY = 0.1  # seconds between two words

_STAGES: tuple[Stage, ...] = get_args(Stage)


class Account:
    def __init__(self, on_progress: Callable[[Progress], None]) -> None:
        self.chunks = self.embedded = self.tokens = self.cost = 0
        self._vectors = 0
        self.total = 0
        self.outcomes: list[Outcome] = []
        self._size = 0
        self._started = perf_counter()
        self._on_progress = on_progress
        self._in: Counter[Stage] = Counter()
        self._entered: dict[Stage, float] = {}
        self._seconds: dict[Stage, float] = {}
        self._at_hand: dict[str, float] = {}
        self._waiting = ""
        self._spoke = 0.0

    @contextmanager
    def stage(self, stage: Stage, *sources: str) -> Iterator[None]:
        """These documents are in this stage."""
        start = perf_counter()
        if not self._in[stage]:
            self._entered[stage] = start
        self._in[stage] += len(sources)
        first = sources[0] if sources else ""
        self._at_hand.setdefault(first, start)
        self._say()
        try:
            yield
        finally:
            self._in[stage] -= len(sources)
            if not self._in[stage]:
                spent = perf_counter() - self._entered[stage]
                self._seconds[stage] = self._seconds.get(stage, 0.0) + spent
            self._at_hand.pop(first, None)

    def settle(self, outcomes: Iterable[Outcome]) -> None:
        for outcome in outcomes:
            self.outcomes.append(outcome)
            self._size += outcome.size
        self._say()

    def got_vectors(self, count: int) -> None:
        """Made, or found in the cache."""
        self._vectors += count
        self._say()

    def wait(self, reason: str) -> None:
        """For an outside system; until told otherwise by an empty reason."""
        if reason != self._waiting:
            self._waiting = reason
            self._say(at_once=True)

    def report(self, *, dry_run: bool = False) -> IngestReport:
        self._say(at_once=True)
        return IngestReport(
            outcomes=tuple(self.outcomes),
            chunks=self.chunks,
            embedded=self.embedded,
            tokens=self.tokens,
            cost_microdollars=self.cost,
            seconds=perf_counter() - self._started,
            times=tuple(StageTime(s, self._seconds[s]) for s in _STAGES if s in self._seconds),
            dry_run=dry_run,
        )

    def _say(self, *, at_once: bool = False) -> None:
        now = perf_counter()
        if now - self._spoke < _EVERY and not at_once:
            return
        self._spoke = now
        slowest = min(self._at_hand, key=self._at_hand.__getitem__, default="")
        self._on_progress(
            Progress(
                done=len(self.outcomes),
                total=max(self.total, len(self.outcomes)),
                chunks=self._vectors,
                size=self._size,
                queues=tuple(Queue(stage, self._in[stage]) for stage in _STAGES),
                slowest=slowest,
                slowest_seconds=now - self._at_hand[slowest] if slowest else 0.0,
                waiting=self._waiting,
            )
        )
