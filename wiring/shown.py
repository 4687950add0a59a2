"""Counts which passages are shown, for `forebay prompts plan`. Written a moment later, so that no
answer waits; whoever is killed loses the counts of that moment.
"""

import asyncio
import logging
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from answering.question import Question
from domain.answers import Answer
from domain.errors import Unavailable
from wiring.sampling import EVALUATION
from wiring.state.shown import Key, Shown

_EVERY = 5.0  # seconds
_MOST = 100_000  # counts that wait while they cannot be written
_DAYS = 90  # that counts are kept

_log = logging.getLogger("forebay.shown")


class Counts:
    def __init__(self, shown: Shown) -> None:
        self._shown = shown
        self._waiting: Counter[Key] = Counter()
        self._soon: asyncio.Task[None] | None = None

    def answered(self, question: Question, answer: Answer) -> None:
        """Of questions to one collection over passages: others show what no plan can change."""
        if question.endpoint == EVALUATION or answer.strategy not in {"corpus", "conversation"}:
            return
        day = f"{datetime.now(UTC):%Y-%m-%d}"
        names = {"", *_ids(answer)}
        if len(self._waiting) < _MOST and not question.further:
            self._waiting.update((question.tenant, question.collection, day, id_) for id_ in names)
        if self._soon is None or self._soon.done():
            self._soon = asyncio.create_task(self._write())

    async def flush(self) -> None:
        counts, self._waiting = self._waiting, Counter()
        if not counts:
            return
        try:
            await self._shown.add(counts)
        except Unavailable:
            self._waiting.update(counts)
            raise

    async def close(self) -> None:
        if self._soon:
            self._soon.cancel()
            with suppress(asyncio.CancelledError):
                await self._soon
        with suppress(Unavailable):
            await self.flush()

    async def forget_old(self) -> None:
        await self._shown.forget(f"{datetime.now(UTC) - timedelta(days=_DAYS):%Y-%m-%d}")

    async def _write(self) -> None:
        while self._waiting:
            await asyncio.sleep(_EVERY)
            try:
                await asyncio.shield(self.flush())
            except Unavailable as error:
                _log.warning("what was shown waits to be counted: %s", error)


def _ids(answer: Answer) -> list[str]:
    """What was shown, joined passages too, and what would have been were it not pinned."""
    standing = [one.hit for one in answer.dropped if one.reason.startswith(("joined", "pinned"))]
    return [hit.chunk.id for hit in (*answer.shown, *standing)]
