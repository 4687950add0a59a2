"""What is pinned to a collection, as its documents are now: changed, listed, looked up.

A pin names a document, or a passage by the hash of its text: a new version of the document keeps it
where the passage is still in it. Does not know how it is written for a model.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Literal

from domain.documents import Chunk
from domain.errors import InvalidInput, NotFound, Unavailable
from domain.filters import Equals
from domain.ids import document_id, fingerprint
from domain.ports import ChunkStore, TokenCounter
from prompts.compose import passages
from wiring.state.database import State
from wiring.state.pins import Pin

Change = Literal["list", "pin", "unpin"]

_EVERY = 5.0  # seconds: a change of a document or a pin is seen so late at most
_MOST = 10_000  # collections that are remembered

_log = logging.getLogger("forebay.pins")


@dataclass(frozen=True, slots=True)
class Standing:
    """A pin and what stands in the prompt for it."""

    pin: Pin
    tokens: int
    fault: str = ""  # why nothing does
    chunks: tuple[Chunk, ...] = ()


@dataclass(slots=True)
class _Known:
    looked: float
    pins: Sequence[Pin] = ()
    mark: str = ""
    chunks: Sequence[Chunk] = ()


class Pinned:
    """One for all questions of a process."""

    def __init__(
        self,
        state: State,
        store: ChunkStore,
        tokens: TokenCounter,
        limit: int,
        every: float = _EVERY,
    ) -> None:
        """`limit`: tokens of all that is pinned to a collection. `every`: seconds between looks."""
        self._state = state
        self._store = store
        self._tokens = tokens
        self._limit = limit
        self._every = every
        self._known: dict[tuple[str, str], _Known] = {}

    async def chunks(self, tenant: str, collection: str) -> Sequence[Chunk]:
        """For a question: as they were some seconds ago at most."""
        known = self._known.get((tenant, collection))
        if known is None:
            if len(self._known) >= _MOST:
                self._known.clear()
            known = self._known[tenant, collection] = _Known(0.0)
            await self._look(known, tenant, collection)
        elif monotonic() - known.looked >= self._every:
            known.looked = monotonic()  # whoever comes meanwhile takes what is known
            try:
                await self._look(known, tenant, collection)
            except Unavailable as error:
                _log.warning("what is pinned to '%s' stays as it was: %s", collection, error)
        return known.chunks

    async def standing(self, tenant: str, collection: str) -> Sequence[Standing]:
        """Each pin, the first one first."""
        return await self._standing(tenant, collection, await self._pins(tenant, collection))

    async def pin(self, tenant: str, collection: str, names: Sequence[str]) -> Sequence[Standing]:
        """Documents by source or id, passages by id. All of them, or none."""
        before = await self._pins(tenant, collection)
        at = datetime.now(UTC).isoformat()
        new = [await self._named(tenant, collection, name, at) for name in names]
        await self._save(tenant, collection, before, new)
        return await self.standing(tenant, collection)

    async def unpin(self, tenant: str, collection: str, names: Sequence[str]) -> Sequence[Standing]:
        """What any of these names: by source, document or passage; also what is gone."""
        standing = await self.standing(tenant, collection)
        old = [one.pin for name in names for one in _meant(name, standing, collection)]
        await self._state.pins.remove(tenant, collection, old)
        self._known.pop((tenant, collection), None)
        return await self.standing(tenant, collection)

    async def plan(self, tenant: str, collection: str, ids: Sequence[str]) -> Sequence[Standing]:
        """These passages take the place of those that the last plan pinned."""
        before = await self._pins(tenant, collection)
        at = datetime.now(UTC).isoformat()
        new = [await self._named(tenant, collection, id_, at, planned=True) for id_ in ids]
        kept = {(pin.document_id, pin.passage) for pin in new}
        old = [p for p in before if p.planned and (p.document_id, p.passage) not in kept]
        stays = [pin for pin in before if pin not in old]
        await self._save(tenant, collection, stays, new)
        await self._state.pins.remove(tenant, collection, old)
        return await self.standing(tenant, collection)

    async def _save(
        self, tenant: str, collection: str, before: Sequence[Pin], new: Sequence[Pin]
    ) -> None:
        known = {(pin.document_id, pin.passage) for pin in before}
        added = [pin for pin in new if (pin.document_id, pin.passage) not in known]
        standing = await self._standing(tenant, collection, [*before, *added])
        if fault := next((one.fault for one in standing if one.pin in added and one.fault), ""):
            raise InvalidInput(f"Nothing was pinned: {fault}.")
        # By hand is stronger than by plan.
        chosen = [pin for pin in new if pin in added or not pin.planned]
        await self._state.pins.save(tenant, collection, chosen)
        self._known.pop((tenant, collection), None)

    async def _look(self, known: _Known, tenant: str, collection: str) -> None:
        pins = await self._pins(tenant, collection)
        mark = await self._state.documents.mark(tenant, collection) if pins else ""
        if (pins, mark) != (known.pins, known.mark):
            standing = await self._standing(tenant, collection, pins)
            for one in standing:
                if one.fault:
                    _log.warning("'%s' of '%s': %s", one.pin.source, collection, one.fault)
            chunks = {chunk.id: chunk for one in standing for chunk in one.chunks}
            known.pins, known.mark, known.chunks = pins, mark, tuple(chunks.values())
        known.looked = monotonic()

    async def _pins(self, tenant: str, collection: str) -> Sequence[Pin]:
        return await self._state.pins.of(tenant, collection)

    async def _standing(
        self, tenant: str, collection: str, pins: Sequence[Pin]
    ) -> Sequence[Standing]:
        """Those pinned first have their place first."""
        left, found = self._limit, []
        for pin in pins:
            one = await self._as_it_is(tenant, collection, pin, left)
            left -= one.tokens if one.chunks else 0
            found.append(one)
        return found

    async def _as_it_is(self, tenant: str, collection: str, pin: Pin, left: int) -> Standing:
        where = (Equals("document_id", pin.document_id),)
        found = [chunk async for chunk in self._store.scroll(tenant, collection, where)]
        found.sort(key=lambda chunk: chunk.position)
        of = [chunk for chunk in found if pin.passage in {"", _hash(chunk)}]
        tokens = self._tokens.count(passages(of)) if of else 0
        if not of:
            what = "the document" if not found else "the passage"
            return Standing(pin, 0, f"{what} is no longer there")
        if tokens > left:
            said = f"{pin.source} needs {tokens:,} tokens, {left:,} of {self._limit:,} are left"
            return Standing(pin, tokens, f"{said}; raise FOREBAY_PROMPT__PINNED_TOKENS")
        return Standing(pin, tokens, chunks=tuple(of))

    async def _named(
        self, tenant: str, collection: str, name: str, at: str, *, planned: bool = False
    ) -> Pin:
        for id_ in (document_id(tenant, collection, name), name):
            if record := await self._state.documents.find(tenant, collection, id_):
                return Pin(record.id, record.source, at, planned=planned)
        for chunk in await self._store.chunks(tenant, collection, [name]):
            return Pin(chunk.document_id, chunk.source, at, _hash(chunk), planned)
        raise NotFound(
            f"The collection '{collection}' has no document and no passage '{name}'. Name a "
            "document by its source, or a passage by its id, as `forebay search --json` has them."
        )


def _meant(name: str, standing: Sequence[Standing], collection: str) -> Sequence[Standing]:
    found = [
        one
        for one in standing
        if name in {one.pin.source, one.pin.document_id, *(c.id for c in one.chunks)}
    ]
    if not found:
        raise NotFound(f"Nothing of '{name}' is pinned to the collection '{collection}'.")
    return found


def _hash(chunk: Chunk) -> str:
    return fingerprint(chunk.text)
