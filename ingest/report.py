"""What an ingestion says while it runs and when it is done."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Literal

from domain.answers import StageTime

Stage = Literal["read", "parse", "chunk", "embed", "store"]


@dataclass(frozen=True, slots=True)
class Progress:
    done: int  # documents, with those that are unchanged or failed
    total: int
    chunks: int  # embedded so far
    source: str  # the document at hand
    stage: Stage


@dataclass(frozen=True, slots=True)
class Failure:
    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class IngestReport:
    added: int
    changed: int
    unchanged: int
    failed: tuple[Failure, ...]
    chunks: int  # written
    seconds: float
    times: tuple[StageTime, ...]  # stages overlap: together they may be longer than the run


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
