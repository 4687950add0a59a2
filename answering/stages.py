"""A stopwatch for the stages of a request."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from domain.answers import StageTime


class Stages:
    """Collects how long each stage took, in the order they ended."""

    def __init__(self) -> None:
        self._times: list[StageTime] = []

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = perf_counter()
        try:
            yield
        finally:
            self._times.append(StageTime(name, perf_counter() - start))

    def add(self, *times: StageTime) -> None:
        self._times.extend(times)

    @property
    def times(self) -> tuple[StageTime, ...]:
        return tuple(self._times)
