"""A document → chunks along its structure: chunk.text == document.text[start:end].

A section that fits is one chunk; small neighbours under one parent share a chunk; a long section
is packed evenly from its blocks. A block that fits is never cut. Knows nothing of formats.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, dropwhile

from domain.documents import Chunk, Document
from domain.ids import chunk_id
from domain.ports import TokenCounter
from ingest.cut import cut


@dataclass(frozen=True, slots=True)
class ChunkConfig:
    max_tokens: int = 320  # of a chunk with its heading path

    @property
    def version(self) -> str:
        return f"chunk/1+{self.max_tokens}"


@dataclass(frozen=True, slots=True)
class _Atom:
    """What is not parted: a block, or a piece of one that is too long."""

    start: int
    end: int
    size: int  # tokens, with the gap behind it
    path: tuple[str, ...]  # the section it lies in; a heading lies in its own
    heads: bool
    page: int | None


def chunk(document: Document, config: ChunkConfig, tokens: TokenCounter) -> list[Chunk]:
    packer = _Packer(document, config.max_tokens, tokens)
    spans = [span for unit in packer.units(packer.atoms(), 0) for span in packer.exact(unit)]
    return [_chunk(document, i, span, tokens) for i, span in enumerate(spans)]


class _Packer:
    """Holds one document and its limit while it is packed."""

    def __init__(self, document: Document, limit: int, tokens: TokenCounter) -> None:
        self._document = document
        self._limit = limit
        self._tokens = tokens
        self._rooms: dict[tuple[str, ...], int] = {}

    def room(self, path: tuple[str, ...]) -> int:
        """What the heading path, which is embedded too, leaves for the text."""
        if path not in self._rooms:
            where = " › ".join((self._document.title, *path))
            self._rooms[path] = max(self._limit // 2, self._limit - self._tokens.count(where) - 2)
        return self._rooms[path]

    def atoms(self) -> list[_Atom]:
        text = self._document.text
        return [
            _Atom(start, end, size + 1, block.headings, block.kind == "heading", block.page)
            for block in self._document.blocks
            for start, end, size in cut(block, text, self.room(block.headings), self._tokens)
        ]

    def units(self, atoms: list[_Atom], depth: int) -> list[list[_Atom]]:
        """The chunks of a section at this depth."""
        if not atoms:
            return []
        if _size(atoms) <= self.room(_shared_path(atoms)):
            return [atoms]
        groups = _groups(atoms, depth)
        if len(groups) == 1 and len(groups[0][0].path) <= depth:
            return self._packed(atoms)
        parts = [
            self.units(group, depth + 1) if len(group[-1].path) > depth else self._packed(group)
            for group in groups
        ]
        return list(self._merged(parts, atoms[0].path[:depth]))

    def exact(self, atoms: list[_Atom]) -> Iterator[list[_Atom]]:
        """Sizes were added up; where the text as a whole needs more tokens, it is halved."""
        text = self._document.text[atoms[0].start : atoms[-1].end]
        if len(atoms) == 1 or self._tokens.count(text) <= self.room(_shared_path(atoms)):
            yield atoms
            return
        middle = len(atoms) // 2
        yield from self.exact(atoms[:middle])
        yield from self.exact(atoms[middle:])

    def _merged(
        self, parts: list[list[list[_Atom]]], path: tuple[str, ...]
    ) -> Iterator[list[_Atom]]:
        """Neighbouring sections that are whole share a chunk as long as they fit."""
        shared: list[_Atom] = []
        for units in parts:
            if len(units) == 1 and _size(shared) + _size(units[0]) <= self.room(path):
                shared = [*shared, *units[0]]
                continue
            if shared:
                yield shared
            shared = units[0] if len(units) == 1 else []
            if len(units) > 1:
                yield from units
        if shared:
            yield shared

    def _packed(self, atoms: list[_Atom]) -> list[list[_Atom]]:
        """As few chunks as can be, and those about equally long."""
        bound = _bound(atoms)
        room = self.room(atoms[-1].path)
        fewest = len(_greedy(bound, room))
        low, high = max(_size(group) for group in bound), room
        while low < high:
            middle = (low + high) // 2
            if len(_greedy(bound, middle)) <= fewest:
                high = middle
            else:
                low = middle + 1
        return _greedy(bound, max(low, high))


def _groups(atoms: list[_Atom], depth: int) -> list[list[_Atom]]:
    """What stands before the first subsection, then one group a subsection."""
    groups: list[list[_Atom]] = [[]]
    for atom in atoms:
        begins = atom.heads and len(atom.path) == depth + 1
        # a heading with nothing of its own belongs to what follows
        if begins and groups[-1] and not all(a.heads and len(a.path) <= depth for a in groups[-1]):
            groups.append([])
        groups[-1].append(atom)
    return groups


def _bound(atoms: list[_Atom]) -> list[list[_Atom]]:
    """A heading stays with what follows it."""
    bound: list[list[_Atom]] = [[]]
    for atom in atoms:
        if bound[-1] and not bound[-1][-1].heads:
            bound.append([])
        bound[-1].append(atom)
    return bound


def _greedy(bound: Sequence[list[_Atom]], room: int) -> list[list[_Atom]]:
    packed: list[list[_Atom]] = []
    size = room + 1
    for group in bound:
        size += _size(group)
        if size > room:
            packed.append([])
            size = _size(group)
        packed[-1].extend(group)
    return packed


def _size(atoms: list[_Atom]) -> int:
    return sum(atom.size for atom in atoms)


def _shared_path(atoms: list[_Atom]) -> tuple[str, ...]:
    """The section that holds all of it. Headings that only lead to it do not widen it."""
    inner = list(dropwhile(lambda atom: atom.heads, atoms)) or atoms
    *_, shared = accumulate((atom.path for atom in inner), _common)
    return shared


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    same = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    return one[: min(len(one), len(other)) if same is None else same]


def _chunk(document: Document, position: int, atoms: list[_Atom], tokens: TokenCounter) -> Chunk:
    start, end = atoms[0].start, atoms[-1].end
    text = document.text[start:end]
    return Chunk(
        id=chunk_id(document.id, document.version, position),
        document_id=document.id,
        version=document.version,
        position=position,
        source=document.source,
        title=document.title,
        text=text,
        start=start,
        end=end,
        headings=_shared_path(atoms),
        page=atoms[0].page,
        tokens=tokens.count(text),
        metadata=document.metadata,
    )
