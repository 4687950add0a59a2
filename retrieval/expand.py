"""Passages of one document: hits that touch become one, and what stands around them joins them.

Reads chunks by their ids, which follow from document, version and position: one call for all.
Knows neither the budget's text nor what a model is shown; room comes as a number of tokens.
"""

from collections.abc import Awaitable, Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from domain.documents import Chunk
from domain.hits import Hit
from domain.ids import chunk_id
from domain.ports import TokenCounter

Read = Callable[[Sequence[str]], Awaitable[Sequence[Chunk]]]  # chunks by id, those that are there
Place = tuple[str, str, int]  # document, version, position
Around = Mapping[Place, Chunk | None]  # None: it was looked for, and is not there

_GAP = 1  # tokens between two chunks
SECTION = 12  # chunks before and behind a hit, where a section may end


@dataclass(frozen=True, slots=True)
class Passage:
    """Chunks of one document side by side, and the best hit among them."""

    hit: Hit
    chunks: tuple[Chunk, ...]


def place(chunk: Chunk) -> Place:
    return chunk.document_id, chunk.version, chunk.position


async def around(hits: Sequence[Hit], reach: int, read: Read) -> Around:
    """What stands up to `reach` chunks before and behind the hits."""
    found: dict[Place, Chunk | None] = {place(hit.chunk): hit.chunk for hit in hits}
    near = (at for hit in hits for at in _near(hit.chunk, reach))
    wanted = {chunk_id(*at): at for at in near if at not in found}
    found.update(dict.fromkeys(wanted.values()))
    for chunk in await read(tuple(wanted)) if wanted else ():
        found[place(chunk)] = chunk
    return found


def _near(chunk: Chunk, reach: int) -> Iterator[Place]:
    for position in range(max(0, chunk.position - reach), chunk.position + reach + 1):
        yield chunk.document_id, chunk.version, position


def joined(passages: Sequence[Passage], *, across: bool = False) -> list[Passage]:
    """Those that touch are one, which stands where the best of them stood."""
    rank = {place(passage.hit.chunk): at for at, passage in enumerate(passages)}

    def standing(passage: Passage) -> int:
        return rank[place(passage.hit.chunk)]

    rows: list[Passage] = []
    for passage in sorted(passages, key=lambda one: place(one.chunks[0])):
        if rows and _meet(rows[-1], passage, across=across):
            best = min(rows[-1], passage, key=standing)
            rows[-1] = Passage(best.hit, _union(rows[-1].chunks, passage.chunks))
        else:
            rows.append(passage)
    return sorted(rows, key=standing)


def _meet(one: Passage, other: Passage, *, across: bool) -> bool:
    last, first = one.chunks[-1], other.chunks[0]
    return place(first) in map(place, one.chunks) or touch(last, first, across=across)


def _union(some: Sequence[Chunk], others: Sequence[Chunk]) -> tuple[Chunk, ...]:
    chunks = {chunk.position: chunk for chunk in (*some, *others)}
    return tuple(chunks[position] for position in sorted(chunks))


def touch(one: Chunk, other: Chunk, *, across: bool = False) -> bool:
    """Whether the other goes on where this one ends, in the same section unless `across`."""
    follows = place(other) == (one.document_id, one.version, one.position + 1)
    known = other.start <= one.end or len(other.gap) == other.start - one.end
    return follows and known and (across or one.headings == other.headings)


def with_section(passage: Passage, near: Around) -> Passage | None:
    """With all of its section; None where that goes on out of sight."""
    before, behind = (list(_onward(passage, near, step)) for step in (-1, 1))
    if None in before or None in behind:
        return None
    first = [chunk for chunk in reversed(before) if chunk]
    last = [chunk for chunk in behind if chunk]
    return Passage(passage.hit, (*first, *passage.chunks, *last))


def with_neighbours(
    passage: Passage,
    near: Around,
    count: int,
    *,
    room: int,
    taken: Container[Place] = (),
    across: bool = False,
) -> Passage:
    """With as many chunks behind and before it as fit, in turn, up to `count` on each side."""
    sides = {step: _onward(passage, near, step, across=across) for step in (1, -1)}
    for step in (1, -1) * count:
        chunk = next(sides[step], None)
        if chunk is None or (needed := added([chunk], taken)) > room:
            sides[step] = iter(())
            continue
        room -= needed
        pair = (passage.chunks, (chunk,)) if step > 0 else ((chunk,), passage.chunks)
        passage = Passage(passage.hit, (*pair[0], *pair[1]))
    return passage


def _onward(
    passage: Passage, near: Around, step: int, *, across: bool = False
) -> Iterator[Chunk | None]:
    """What goes on with it in one direction; None at last where it was not looked for."""
    last = passage.chunks[-1 if step > 0 else 0]
    while (at := (last.document_id, last.version, last.position + step)) in near:
        chunk = near[at]
        if chunk is None or not touch(*((last, chunk)[::step]), across=across):
            return
        yield chunk
        last = chunk
    if last.position + step >= 0:
        yield None


def added(chunks: Iterable[Chunk], taken: Container[Place] = ()) -> int:
    """Tokens, about, of those that are not shown yet."""
    return sum(chunk.tokens + _GAP for chunk in chunks if place(chunk) not in taken)


def whole(passage: Passage, tokens: TokenCounter) -> Hit:
    """The best hit with the text of all: id and position stay the hit's own."""
    best, chunks = passage.hit, passage.chunks
    if len(chunks) == 1:
        return best
    first, text = chunks[0], _text(chunks)
    chunk = replace(
        best.chunk,
        text=text,
        start=first.start,
        end=first.start + len(text),
        headings=_shared(chunks),
        page=first.page,
        tokens=tokens.count(text),
        gap=first.gap,
        table_header=first.table_header,
        links=tuple(dict.fromkeys(link for chunk in chunks for link in chunk.links)),
    )
    return replace(best, chunk=chunk, expanded=len(chunks) - 1)


def _text(chunks: Sequence[Chunk]) -> str:
    parts = [chunks[0].text]
    for before, chunk in pairwise(chunks):
        parts.append(chunk.gap if before.end <= chunk.start else "")
        parts.append(chunk.text[max(0, before.end - chunk.start) :])
    return "".join(parts)


def _shared(chunks: Sequence[Chunk]) -> tuple[str, ...]:
    """The heading path that all of them are under."""
    paths = [chunk.headings for chunk in chunks]
    same = 0
    for level in zip(*paths, strict=False):
        if len(set(level)) > 1:
            break
        same += 1
    return paths[0][:same]
