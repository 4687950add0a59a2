"""What is pinned to a collection, as its documents are now: changed, listed, looked up.

A pin names a document, or a passage by the hash of its text: a new version of the document keeps it
where the passage is still in it. What a plan pins may be tried first, for a share of the
conversations. Does not know how it is written for a model, nor whose turn it is.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
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
from wiring.state.pin_trials import PinTrial
from wiring.state.pins import Pin

Change = Literal["list", "pin", "unpin", "promote", "drop"]

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
    share: float | None = None  # of the conversations that it is tried on


@dataclass(slots=True)
class _Known:
    looked: float
    pins: Sequence[Pin] = ()
    trial: PinTrial | None = None
    mark: str = ""
    chunks: Sequence[Chunk] = ()
    tried: Sequence[Chunk] = ()


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
        return (await self._lately(tenant, collection)).chunks

    async def tried(self, tenant: str, collection: str) -> Sequence[Chunk]:
        """The same for a question of the trial's canary."""
        return (await self._lately(tenant, collection)).tried

    async def trial(self, tenant: str, collection: str) -> PinTrial | None:
        return (await self._lately(tenant, collection)).trial

    async def _lately(self, tenant: str, collection: str) -> _Known:
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
        return known

    async def standing(self, tenant: str, collection: str) -> Sequence[Standing]:
        """Each pin, the first one first, then what is on trial."""
        pins = await self._pins(tenant, collection)
        trial = await self._trial(tenant, collection)
        usual = await self._standing(tenant, collection, pins)
        if trial is None:
            return usual
        tried = await self._standing(tenant, collection, _with(trial, pins))
        on_trial = (replace(one, share=trial.share) for one in tried if one.pin in trial.pins)
        return [*usual, *on_trial]

    async def pin(self, tenant: str, collection: str, names: Sequence[str]) -> Sequence[Standing]:
        """Documents by source or id, passages by id. All of them, or none."""
        before = await self._pins(tenant, collection)
        at = datetime.now(UTC).isoformat()
        new = [await self._named(tenant, collection, name, at) for name in names]
        await self._save(tenant, collection, before, new)
        return await self.standing(tenant, collection)

    async def unpin(self, tenant: str, collection: str, names: Sequence[str]) -> Sequence[Standing]:
        """What any of these names: by source, document or passage; also what is gone."""
        standing = [one for one in await self.standing(tenant, collection) if one.share is None]
        old = [one.pin for name in names for one in _meant(name, standing, collection)]
        await self._state.pins.remove(tenant, collection, old)
        self._known.pop((tenant, collection), None)
        return await self.standing(tenant, collection)

    async def plan(self, tenant: str, collection: str, ids: Sequence[str]) -> Sequence[Standing]:
        """These passages take the place of those that the last plan pinned. A trial ends."""
        await self._take(tenant, collection, await self._planned(tenant, collection, ids))
        return await self.standing(tenant, collection)

    async def begin(
        self, tenant: str, collection: str, ids: Sequence[str], share: float
    ) -> Sequence[Standing]:
        """The same for a share of the conversations, to be promoted or dropped."""
        others = {*await self._state.pin_trials.of(tenant)} - {collection}
        if others:
            raise InvalidInput(
                f"A plan is tried on the collection '{min(others)}' of tenant '{tenant}'; "
                "two at once cannot be told apart. End it by `forebay prompts promote` or `drop`."
            )
        new = await self._planned(tenant, collection, ids)
        trial = PinTrial(share, datetime.now(UTC).isoformat(), tuple(new))
        pins = _with(trial, await self._pins(tenant, collection))
        _refuse_faults(await self._standing(tenant, collection, pins), new)
        await self._state.pin_trials.save(tenant, collection, trial)
        self._known.pop((tenant, collection), None)
        return await self.standing(tenant, collection)

    async def promote(self, tenant: str, collection: str) -> Sequence[Standing]:
        """What is on trial is pinned for all; without what is no longer there."""
        await self._refuse_none(tenant, collection)
        standing = await self.standing(tenant, collection)
        new = [one.pin for one in standing if one.share is not None and not one.fault]
        await self._take(tenant, collection, new)
        return await self.standing(tenant, collection)

    async def drop(self, tenant: str, collection: str) -> Sequence[Standing]:
        """What is on trial is forgotten."""
        await self._refuse_none(tenant, collection)
        await self._end(tenant, collection)
        return await self.standing(tenant, collection)

    async def _planned(self, tenant: str, collection: str, ids: Sequence[str]) -> list[Pin]:
        at = datetime.now(UTC).isoformat()
        return [await self._named(tenant, collection, id_, at, planned=True) for id_ in ids]

    async def _take(self, tenant: str, collection: str, new: Sequence[Pin]) -> None:
        """In the place of what was planned before."""
        before = await self._pins(tenant, collection)
        kept = set(map(_key, new))
        old = [pin for pin in before if pin.planned and _key(pin) not in kept]
        await self._save(tenant, collection, [pin for pin in before if pin not in old], new)
        await self._state.pins.remove(tenant, collection, old)
        await self._end(tenant, collection)

    async def _end(self, tenant: str, collection: str) -> None:
        await self._state.pin_trials.remove(tenant, collection)
        self._known.pop((tenant, collection), None)

    async def _refuse_none(self, tenant: str, collection: str) -> None:
        if await self._trial(tenant, collection) is None:
            raise NotFound(
                f"Nothing is on trial for the collection '{collection}'. "
                "`forebay prompts plan --apply` begins one."
            )

    async def _save(
        self, tenant: str, collection: str, before: Sequence[Pin], new: Sequence[Pin]
    ) -> None:
        known = set(map(_key, before))
        added = [pin for pin in new if _key(pin) not in known]
        _refuse_faults(await self._standing(tenant, collection, [*before, *added]), added)
        # By hand is stronger than by plan.
        chosen = [pin for pin in new if pin in added or not pin.planned]
        await self._state.pins.save(tenant, collection, chosen)
        self._known.pop((tenant, collection), None)

    async def _look(self, known: _Known, tenant: str, collection: str) -> None:
        pins, trial = await self._pins(tenant, collection), await self._trial(tenant, collection)
        some = pins or trial
        mark = await self._state.documents.mark(tenant, collection) if some else ""
        if (pins, trial, mark) != (known.pins, known.trial, known.mark):
            known.chunks = known.tried = await self._chunks(tenant, collection, pins)
            if trial:
                known.tried = await self._chunks(tenant, collection, _with(trial, pins))
            known.pins, known.trial, known.mark = pins, trial, mark
        known.looked = monotonic()

    async def _chunks(self, tenant: str, collection: str, pins: Sequence[Pin]) -> Sequence[Chunk]:
        standing = await self._standing(tenant, collection, pins)
        for one in standing:
            if one.fault:
                _log.warning("'%s' of '%s': %s", one.pin.source, collection, one.fault)
        return tuple({chunk.id: chunk for one in standing for chunk in one.chunks}.values())

    async def _trial(self, tenant: str, collection: str) -> PinTrial | None:
        return (await self._state.pin_trials.of(tenant)).get(collection)

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


def _with(trial: PinTrial, pins: Sequence[Pin]) -> list[Pin]:
    """What is pinned to a question of the canary. By hand is stronger than by plan."""
    by_hand = [pin for pin in pins if not pin.planned]
    known = set(map(_key, by_hand))
    return [*by_hand, *(pin for pin in trial.pins if _key(pin) not in known)]


def _key(pin: Pin) -> tuple[str, str]:
    return pin.document_id, pin.passage


def _refuse_faults(standing: Sequence[Standing], added: Sequence[Pin]) -> None:
    if fault := next((one.fault for one in standing if one.pin in added and one.fault), ""):
        raise InvalidInput(f"Nothing was pinned: {fault}.")


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
