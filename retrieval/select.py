"""From ranked hits to what is shown: each thing once, whole, in order, within a token budget.

What is not shown is kept with its reason. Knows neither stores nor prompts: it is given how to
read chunks, how long passages are as the model reads them, and how tokens are counted.
"""

import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from domain.answers import Dropped
from domain.documents import Chunk
from domain.errors import InvalidInput
from domain.hits import Hit
from domain.ports import TokenCounter
from retrieval.expand import (
    SECTION,
    Around,
    Passage,
    Place,
    Read,
    added,
    around,
    joined,
    place,
    touch,
    whole,
    with_neighbours,
    with_section,
)
from retrieval.select_alike import Repeats, Said, diverse, said

Order = Literal["best", "ends", "document"]
Measure = Callable[[Sequence[Chunk]], int]  # tokens of passages as the model reads them


@dataclass(frozen=True, slots=True)
class SelectConfig:
    budget: int | None = 6000  # tokens of all passages, as the model reads them
    limit: int | None = None  # hits, of which those that touch are one passage
    per_document: int | None = None  # passages
    duplicates: float | None = 1.0  # share of a text that another has, too; 1: the same text only
    mmr: float | None = None  # weight of the rank beside that of being different; 1: rank alone
    neighbours: int = 0  # chunks before and behind a hit that are shown with it
    parent: bool = False  # the whole section of a hit, where it fits
    across: bool = False  # join what belongs to different sections, too
    order: Order = "best"

    def __post_init__(self) -> None:
        for name in ("budget", "limit", "per_document"):
            _refuse_below(1, getattr(self, name), name)
        _refuse_below(0, self.neighbours, "neighbours")
        for name in ("duplicates", "mmr"):
            share = getattr(self, name)
            if share is not None and not 0 <= share <= 1:
                raise InvalidInput(f"{name} is {share}; it must lie between 0 and 1.", field=name)

    @property
    def reach(self) -> int:
        return max(self.neighbours, SECTION if self.parent else 0)


def _refuse_below(least: int, value: int | None, name: str) -> None:
    if value is not None and value < least:
        raise InvalidInput(f"{name} is {value}; it must be {least} or more.", field=name)


@dataclass(frozen=True, slots=True)
class Selection:
    shown: tuple[Hit, ...]  # as they are shown: the first is the model's [1]
    dropped: tuple[Dropped, ...]  # in the order of their ranks


@dataclass(frozen=True)
class _Candidate:
    rank: int
    hit: Hit
    said: Said
    measure: Measure

    @cached_property
    def marks(self) -> int:
        """Tokens of what is written around its text: counted where it is asked for."""
        chunk = self.hit.chunk
        return self.measure([chunk]) - chunk.tokens

    @property
    def place(self) -> Place:
        return place(self.hit.chunk)


@dataclass(frozen=True, slots=True)
class _Why:
    reason: str
    of: Place | None = None  # the passage that the reason ends with


async def select(
    hits: Sequence[Hit], *, config: SelectConfig, read: Read, measure: Measure, tokens: TokenCounter
) -> Selection:
    """`hits` are ranked, the best first. They are of any collection that `read` knows.

    Sizes are estimated from what ingestion counted; then the text as it will be read is counted,
    and where it is over the budget, the choice is made again with so much less.
    """
    candidates = _candidates(hits, config, measure if config.budget else _unbounded)
    room = sys.maxsize if config.budget is None else config.budget
    near: Around | None = None
    while True:
        kept, refused = _keep(candidates, config, room)
        if near is None:
            near = await around([one.hit for one in kept], config.reach, read)
        passages = _in_order(_grow(kept, near, config, room), config.order)
        shown = tuple(whole(passage, tokens) for passage in passages)
        if config.budget is None or not shown:
            break
        over = measure([hit.chunk for hit in shown]) - config.budget
        if over <= 0:
            break
        room -= over
    return Selection(shown, _dropped(hits, passages, refused))


def _unbounded(chunks: Sequence[Chunk]) -> int:
    """Where there is no budget nothing is measured."""
    return sum(chunk.tokens for chunk in chunks)


def _candidates(hits: Sequence[Hit], config: SelectConfig, measure: Measure) -> list[_Candidate]:
    found = [
        _Candidate(rank, hit, said(hit.chunk.embedded_text), measure)
        for rank, hit in enumerate(hits)
    ]
    if config.mmr is None:
        return found
    return [found[at] for at in diverse([one.said for one in found], config.mmr)]


def _keep(
    candidates: Sequence[_Candidate], config: SelectConfig, room: int
) -> tuple[list[_Candidate], Mapping[int, _Why]]:
    """In their order what may be shown and fits; a smaller one may follow one that does not."""
    shelf, refused = _Shelf(config, room), {}
    for one in candidates:
        why = shelf.repeated(one) or shelf.too_many(one) or shelf.too_long(one)
        if why:
            refused[one.rank] = why
        else:
            shelf.put(one)
    return shelf.kept, refused


class _Shelf:
    """What was kept so far, and why a further one is not."""

    def __init__(self, config: SelectConfig, room: int) -> None:
        self.kept: list[_Candidate] = []
        self._config = config
        self._left = room
        self._repeats = Repeats(config.duplicates or 0)
        self._chunks: dict[Place, Chunk] = {}
        self._passages: Counter[str] = Counter()  # of each document

    def put(self, one: _Candidate) -> None:
        self._left -= self._needed(one)
        self._passages[one.hit.chunk.document_id] += 1 - self._touching(one)
        self._chunks[one.place] = one.hit.chunk
        self._repeats.add(one.said)
        self.kept.append(one)

    def repeated(self, one: _Candidate) -> _Why | None:
        if one.place in self._chunks:
            return _Why("the same as", one.place)
        if self._config.duplicates is None:
            return None
        if (same := self._repeats.same(one.said)) is not None:
            return _Why("the same as", self.kept[same].place)
        if (nearly := self._repeats.nearly(one.said)) is not None:
            return _Why("nearly the same as", self.kept[nearly].place)
        return None

    def too_many(self, one: _Candidate) -> _Why | None:
        chunk, most, limit = one.hit.chunk, self._config.per_document, self._config.limit
        passages = self._passages[chunk.document_id] + 1 - self._touching(one)
        if most is not None and passages > most:
            return _Why(f"a further passage of {chunk.source}; at most {most} are shown")
        if limit is not None and len(self.kept) == limit:
            return _Why(f"a further hit; {limit} are shown")
        return None

    def too_long(self, one: _Candidate) -> _Why | None:
        needed, left = self._needed(one), max(0, self._left)
        if needed <= left:
            return None
        return _Why(f"needs {needed:,} tokens, {left:,} of {self._config.budget:,} are left")

    def _needed(self, one: _Candidate) -> int:
        return added([one.hit.chunk]) + (0 if self._touching(one) else one.marks)

    def _touching(self, one: _Candidate) -> int:
        """How many passages it would make one with itself: it is no further one then."""
        chunk, across = one.hit.chunk, self._config.across
        before, behind = (
            self._chunks.get((chunk.document_id, chunk.version, chunk.position + step))
            for step in (-1, 1)
        )
        return sum(
            (
                before is not None and touch(before, chunk, across=across),
                behind is not None and touch(chunk, behind, across=across),
            )
        )


def _grow(
    kept: Sequence[_Candidate], near: Around, config: SelectConfig, room: int
) -> list[Passage]:
    """The best first takes what it can of the room that all hits together leave."""
    marks = {one.place: one.marks for one in kept}
    passages = joined([Passage(o.hit, (o.hit.chunk,)) for o in kept], across=config.across)
    taken = {place(chunk) for passage in passages for chunk in passage.chunks}
    room -= sum(marks[place(p.hit.chunk)] + added(p.chunks) for p in passages)
    for at, passage in enumerate(passages):
        passages[at] = _grown(passage, near, config, room, taken)
        room -= added(passages[at].chunks, taken)
        taken.update(map(place, passages[at].chunks))
    return joined(passages, across=config.across)


def _grown(
    passage: Passage, near: Around, config: SelectConfig, room: int, taken: set[Place]
) -> Passage:
    section = with_section(passage, near) if config.parent else None
    if section and added(section.chunks, taken) <= room:
        return section
    return with_neighbours(
        passage, near, config.neighbours, room=room, taken=taken, across=config.across
    )


def _in_order(passages: Sequence[Passage], order: Order) -> Sequence[Passage]:
    if order == "ends":
        return [*passages[::2], *reversed(passages[1::2])]
    if order == "document":
        documents = dict.fromkeys(p.chunks[0].document_id for p in passages)
        rank = {document: at for at, document in enumerate(documents)}
        return sorted(passages, key=lambda p: (rank[p.chunks[0].document_id], p.chunks[0].start))
    return passages


def _dropped(
    hits: Sequence[Hit], passages: Sequence[Passage], refused: Mapping[int, _Why]
) -> tuple[Dropped, ...]:
    """All but those that a passage bears the name of. Passages are called by their numbers."""
    number = {
        place(chunk): at for at, passage in enumerate(passages, 1) for chunk in passage.chunks
    }
    heads = {place(passage.hit.chunk) for passage in passages}
    dropped = []
    for rank, hit in enumerate(hits):
        at, why = place(hit.chunk), refused.get(rank)
        if at in number and at not in heads:
            why = _Why("joined to", at)
        if why:
            name = "" if why.of is None else f" {number[why.of]}"
            dropped.append(Dropped(hit, f"{why.reason}{name}"))
    return tuple(dropped)
