"""The cache boundary of a service: what stands before it, and what was shown behind it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from uuid import uuid4

from answering.outline import Outlines, Symbols
from answering.pinned import Prefixes
from answering.question import AnswerServices, Question
from domain.errors import InvalidInput
from domain.ports import ChunkStore, TokenCounter
from gateway.canary import Trial
from wiring.pins import Change, Pinned, Standing
from wiring.planning import Planned, Seen, planned
from wiring.routing import trial
from wiring.settings import Settings
from wiring.shown import Counts
from wiring.state.database import State

_PINNED = frozenset({"corpus", "conversation", "auto"})


@dataclass(frozen=True, slots=True)
class Boundary:
    prefixes: Prefixes
    tried: Prefixes  # of a trial's canary
    outlines: Outlines
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
        if change == "promote":
            return await self.pinned.promote(tenant, collection)
        if change == "drop":
            return await self.pinned.drop(tenant, collection)
        return await self.pinned.standing(tenant, collection)

    async def on_trial(
        self, question: Question, services: AnswerServices
    ) -> tuple[Question, AnswerServices]:
        """With its arm, and what that is answered with. One trial a question: that of the
        settings goes before, and a strategy that shows no pins takes no part.
        """
        if question.arm or question.strategy not in _PINNED:
            return question, services
        running = await self.pinned.trial(question.tenant, question.collection)
        if running is None:
            return question, services
        drawn = Trial(running.share, prompt=f"pins {question.collection} {running.begun_at}")
        arm = drawn.arm(question.tenant, question.session or uuid4().hex)
        prefixes = self.tried if arm == "canary" else services.prefixes
        asked = replace(question, arm=arm, trial=drawn.id)
        return asked, replace(services, prefixes=prefixes)

    async def plan(self, tenant: str, collection: str, days: int, *, share: float) -> Planned:
        """What is worth pinning; pinned for that share of the conversations, which may be all."""
        if 0 < share < 1:
            self._refuse_another(tenant)
        await self.counts.flush()
        standing = await self.pinned.standing(tenant, collection)
        found = await planned(self.seen, tenant, collection, standing, days=days)
        ids = [one.id for one in found.passages]
        if share == 1:
            await self.pinned.plan(tenant, collection, ids)
        elif share:
            await self.pinned.begin(tenant, collection, ids, share)
        return found

    def _refuse_another(self, tenant: str) -> None:
        running = trial(self.seen.settings)
        if running and running.arm(tenant, ""):
            raise InvalidInput(
                "FOREBAY_CANARY__SHARE puts a model or a prompt on trial; two trials at once "
                "cannot be told apart. Set it to 0 first, or pin at once with `--share 1`."
            )


@asynccontextmanager
async def open_boundary(
    settings: Settings, state: State, store: ChunkStore, tokens: TokenCounter
) -> AsyncIterator[Boundary]:
    """Misconfigured when there is no such prompt set: here, and not at the first question."""
    settings.prompt.library.read(settings.prompt.version)
    pinned = Pinned(state, store, tokens, settings.prompt.pinned_tokens)
    library = settings.prompt.library
    prefixes, tried = Prefixes(library, pinned.chunks), Prefixes(library, pinned.tried)
    counts = Counts(state.shown)
    await counts.forget_old()
    try:
        yield Boundary(
            prefixes, tried, Outlines(symbols), pinned, counts, Seen(settings, state, store, tokens)
        )
    finally:
        await counts.close()


def symbols(source: str, text: str) -> Symbols | None:
    from ingest.readers import syntax  # a tenth of a second, for one strategy alone

    return syntax.symbols(source, text)
