"""Which neighbouring pieces of a document share a chunk: along its sections, evenly.

A section that fits is one unit; small neighbours under one parent share a unit; a long section
is packed evenly from its pieces. Knows sizes and heading paths, and nothing of texts.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, dropwhile, pairwise

from domain.documents import Block

Path = tuple[str, ...]
Unit = tuple[int, int]  # atoms first:last

_DEEPEST = 32  # sections within sections; what is deeper is packed without regard to them
_BLANKS = 8  # a token, where there are many


@dataclass(frozen=True, slots=True)
class Atom:
    """What is not parted: a block, or a piece of one that is too long."""

    block: Block
    start: int
    end: int
    size: int  # tokens

    @property
    def path(self) -> Path:
        """The section it lies in; a heading lies in its own."""
        return self.block.headings

    @property
    def is_heading(self) -> bool:
        return self.block.kind == "heading"

    @property
    def leads(self) -> bool:
        """It says what the next one is about."""
        return self.is_heading or (
            self.block.headed and self.start == self.block.start and self.end < self.block.end
        )


@dataclass(frozen=True, slots=True)
class Space:
    """How much fits into a chunk: in this section, and with this atom at its start."""

    room: Callable[[Path], int]
    header: Callable[[Atom], int]
    overlap: int


def units(atoms: Sequence[Atom], space: Space) -> list[Unit]:
    return _Packer(atoms, space).units(0, len(atoms), 0) if atoms else []


def shared_path(atoms: Sequence[Atom]) -> Path:
    """The section that holds all of it. Headings that only lead to it do not widen it."""
    inner = list(dropwhile(lambda atom: atom.is_heading, atoms)) or atoms
    *_, shared = accumulate((atom.path for atom in inner), _common)
    return shared


class _Packer:
    """Ranges are of atoms. What the gap behind each needs is guessed, and not too little."""

    def __init__(self, atoms: Sequence[Atom], space: Space) -> None:
        self._atoms = atoms
        self._space = space
        self._gaps = [1 + (b.start - a.end) // _BLANKS for a, b in pairwise(atoms)] + [1]
        sizes = (atom.size + gap for atom, gap in zip(atoms, self._gaps, strict=True))
        self._sums = [0, *accumulate(sizes)]

    def units(self, first: int, last: int, depth: int) -> list[Unit]:
        """The chunks of a section at this depth."""
        if self._fits(first, last):
            return [(first, last)]
        groups = list(self._groups(first, last, depth))
        deeper = any(len(self._atoms[i].path) > depth for i in range(first, last))
        if depth == _DEEPEST or (len(groups) == 1 and not deeper):
            return self._packed(first, last)
        parts = [self.units(a, b, depth + 1) for a, b in groups]
        return list(self._merged(parts, self._atoms[first].path[:depth]))

    def _size(self, first: int, last: int) -> int:
        return self._sums[last] - self._sums[first] + 1 - self._gaps[last - 1]

    def _fits(self, first: int, last: int) -> bool:
        size = self._size(first, last)
        return size <= self._space.room(()) and size <= self._space.room(
            shared_path(self._atoms[first:last])
        )

    def _groups(self, first: int, last: int, depth: int) -> Iterator[Unit]:
        """What stands before the first subsection, then one group a subsection."""
        start, bare = first, True  # bare: headings with nothing of their own, for what follows
        for i in range(first, last):
            atom = self._atoms[i]
            if not bare and self._begins(i, depth):
                yield start, i
                start, bare = i, True
            bare = bare and atom.is_heading and len(atom.path) <= depth
        yield start, last

    def _begins(self, i: int, depth: int) -> bool:
        """A heading of this depth, or a text that lies under another one than the text before."""
        atom, before = self._atoms[i], self._atoms[i - 1]
        if atom.is_heading and len(atom.path) == depth + 1:
            return True
        return atom.path is not before.path and atom.path[: depth + 1] != before.path[: depth + 1]

    def _merged(self, parts: list[list[Unit]], path: Path) -> Iterator[Unit]:
        """Neighbouring sections that are whole share a chunk as long as they fit."""
        shared: Unit | None = None
        for some in parts:
            whole = some[0] if len(some) == 1 else None
            if shared and whole and self._size(shared[0], whole[1]) <= self._space.room(path):
                shared = shared[0], whole[1]
                continue
            if shared:
                yield shared
            shared = whole
            if not whole:
                yield from some
        if shared:
            yield shared

    def _packed(self, first: int, last: int) -> list[Unit]:
        """As few chunks as can be, and those about equally long."""
        room = self._space.room(self._atoms[last - 1].path)
        bound = list(self._bound(first, last, room))
        fewest = len(self._filled(bound, room, room))
        low, high = max(self._size(a, b) for a, b in bound), room
        while low < high:
            middle = (low + high) // 2
            if len(self._filled(bound, middle, room)) <= fewest:
                high = middle
            else:
                low = middle + 1
        return self._filled(bound, max(low, high), room)

    def _bound(self, first: int, last: int, room: int) -> Iterator[Unit]:
        """A heading stays with what follows it, if both fit together."""
        start = first
        for i in range(first, last):
            if i > start and self._size(start, i + 1) > room:
                yield start, i
                start = i
            if not self._atoms[i].leads:
                yield start, i + 1
                start = i + 1
        if start < last:
            yield start, last

    def _filled(self, bound: Sequence[Unit], most: int, room: int) -> list[Unit]:
        """One after the other, none larger than `most` but for what is so by itself."""
        filled: list[Unit] = []
        (start, end), repeated = bound[0], 0
        for a, b in bound[1:]:
            if repeated + self._size(start, b) > most:
                filled.append((start, end))
                start, repeated = a, self._repeated(a, b, room)
            end = b
        return [*filled, (start, end)]

    def _repeated(self, first: int, last: int, room: int) -> int:
        """What a chunk that begins here says again, where there is room for it."""
        more = self._space.header(self._atoms[first]) + self._space.overlap
        return min(more, max(0, room - self._size(first, last)))


def _common(one: Path, other: Path) -> Path:
    if one is other or one == other:
        return one
    same = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    return one[: min(len(one), len(other)) if same is None else same]
