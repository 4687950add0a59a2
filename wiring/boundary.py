"""The cache boundary of a service: what stands before it, and what was shown behind it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from answering.pinned import Prefixes
from domain.ports import ChunkStore, TokenCounter
from wiring.pins import Change, Pinned, Standing
from wiring.planning import Planned, Seen, planned
from wiring.settings import Settings
from wiring.shown import Counts
from wiring.state.database import State


@dataclass(frozen=True, slots=True)
class Boundary:
    prefixes: Prefixes
    pinned: Pinned
    counts: Counts
    seen: Seen

    async def pins(
        self, tenant: str, collection: str, change: Change = "list", names: Sequence[str] = ()
    ) -> Sequence[Standing]:
        """All that is pinned, after the change."""
        if change == "pin":
            return await self.pinned.pin(tenant, collection, names)
        if change == "unpin":
            return await self.pinned.unpin(tenant, collection, names)
        return await self.pinned.standing(tenant, collection)

    async def plan(self, tenant: str, collection: str, days: int, *, apply: bool) -> Planned:
        """What is worth pinning; `apply` pins it."""
        await self.counts.flush()
        standing = await self.pinned.standing(tenant, collection)
        found = await planned(self.seen, tenant, collection, standing, days=days)
        if apply:
            await self.pinned.plan(tenant, collection, [one.id for one in found.passages])
        return found


@asynccontextmanager
async def open_boundary(
    settings: Settings, state: State, store: ChunkStore, tokens: TokenCounter
) -> AsyncIterator[Boundary]:
    """Misconfigured when there is no such prompt set: here, and not at the first question."""
    settings.prompt.library.read(settings.prompt.version)
    pinned = Pinned(state, store, tokens, settings.prompt.pinned_tokens)
    prefixes = Prefixes(settings.prompt.library, pinned.chunks)
    counts = Counts(state.shown)
    await counts.forget_old()
    try:
        yield Boundary(prefixes, pinned, counts, Seen(settings, state, store, tokens))
    finally:
        await counts.close()
