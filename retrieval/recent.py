"""Chunks that were found lately, with their vectors: they need not be fetched and decoded again.

Bounded in bytes. What is found moves to the young generation; when that is full it becomes the
old one, whose chunks go. Whoever writes a chunk has to `drop` it. Knows no engine.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from sys import getsizeof
from threading import Lock
from typing import TYPE_CHECKING

from domain.documents import Chunk

if TYPE_CHECKING:
    from domain.vectors import Vector

_OBJECTS = 2000  # bytes of a chunk's objects, beside its text and vector


@dataclass(frozen=True, slots=True)
class Known:
    chunk: Chunk
    vector: "Vector"

    @property
    def size(self) -> int:
        """In bytes, about."""
        return _OBJECTS + getsizeof(self.chunk.text) + self.vector.nbytes


class Recent:
    def __init__(self, most: int) -> None:
        """`most`: bytes."""
        self._room = most // 2  # of a generation
        self._young: dict[int, Known] = {}
        self._old: dict[int, Known] = {}
        self._filled = 0
        self._lock = Lock()

    def find(self, ids: Iterable[int]) -> dict[int, Known]:
        """Those that are there."""
        with self._lock:
            found = {}
            for id_ in ids:
                if (known := self._young.get(id_)) is not None:
                    found[id_] = known
                elif (known := self._old.get(id_)) is not None:
                    found[id_] = known
                    self._add(id_, known)
            return found

    def add(self, fresh: Mapping[int, Known]) -> None:
        with self._lock:
            for id_, known in fresh.items():
                self._add(id_, known)

    def drop(self, ids: Iterable[int]) -> None:
        with self._lock:
            for id_ in ids:
                self._young.pop(id_, None)  # its bytes count until the generation is full
                self._old.pop(id_, None)

    def _add(self, id_: int, known: Known) -> None:
        if self._filled > self._room:
            self._old, self._young, self._filled = self._young, {}, 0
        self._young[id_] = known
        self._filled += known.size
