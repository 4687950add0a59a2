"""How long each stage of an ingestion took, added up over its documents."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from domain.answers import StageTime
from domain.ingestion import Stage


class Stopwatch:
    """Adds up the time of each stage."""

    def __init__(self) -> None:
        self._seconds: dict[Stage, float] = {}

    @contextmanager
    def stage(self, stage: Stage) -> Iterator[None]:
        start = perf_counter()
        try:
            yield
        finally:
            spent = perf_counter() - start
            self._seconds[stage] = self._seconds.get(stage, 0.0) + spent

    @property
    def times(self) -> tuple[StageTime, ...]:
        return tuple(StageTime(stage, seconds) for stage, seconds in self._seconds.items())
