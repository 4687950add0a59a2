"""How many there are, and one number that says what they are, in whatever order they come.

The checksum is the sum of the parts' digests. Knows neither points nor rows.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

_MODULUS = 2**128


@dataclass(frozen=True, slots=True)
class Tally:
    count: int = 0
    sum: int = 0

    def plus(self, digests: Iterable[bytes]) -> "Tally":
        numbers = [int.from_bytes(digest[:16]) for digest in digests]
        return Tally(self.count + len(numbers), (self.sum + sum(numbers)) % _MODULUS)

    @property
    def checksum(self) -> str:
        return f"{self.sum:032x}"


@dataclass(frozen=True, slots=True)
class Compared:
    """A collection or a table, here and there."""

    kind: Literal["collection", "table"]
    name: str
    source: Tally
    target: Tally

    @property
    def same(self) -> bool:
        return self.source == self.target


@dataclass(frozen=True, slots=True)
class Step:
    """Where a migration is."""

    what: str  # as in "copying collection handbook"
    done: int
    total: int
    things: str = "chunks"


Listener = Callable[[Step], None]
