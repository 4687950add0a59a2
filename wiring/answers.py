"""Answers that outlive their request: given once under a caller's key, or in the background.

Each is a row in the state database before anybody hears of it. Whoever works on one holds it for a
while and says so again and again: what a process left behind when it ended is taken up by another.
Knows neither HTTP nor models; `give` turns what was asked into an answer.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from domain.errors import ForebayError, InvalidInput, NotFound, StillAnswering, Unavailable
from domain.jobs import JobState
from domain.kept import KeptAnswer
from wiring.live import Lives
from wiring.state.kept import Kept
from wiring.webhook import Webhook

KEPT = timedelta(days=1)
_MOST_ATTEMPTS = 3
_ENDED = {"title": "Unavailable", "status": 503}
_log = logging.getLogger("forebay.answers")

# What came of it, and as JSON; of a question in the background.
Give = Callable[[KeptAnswer], Awaitable[tuple[JobState, str]]]
Write = Callable[[KeptAnswer], bytes]  # as a client is shown it


@dataclass(frozen=True, slots=True)
class AnswersConfig:
    """In seconds."""

    at_once: int = 4  # in the background; a number
    lease: float = 60
    idle: float = 5  # before it looks for what other processes left
    patience: float = 30  # for the same question under the same key
    look: float = 0.2
    again: tuple[float, ...] = (5, 30, 120, 600, 3600)  # between calls back


class Answers:
    def __init__(
        self,
        registry: Kept,
        lives: Lives,
        webhook: Webhook,
        *,
        give: Give,
        write: Write,
        config: AnswersConfig | None = None,
    ) -> None:
        self._registry = registry
        self._give = give
        self._write = write
        self._config = config or AnswersConfig()
        self._told = asyncio.Event()
        self._running: dict[tuple[str, str], asyncio.Task[None]] = {}
        self.lives = lives
        self.webhook = webhook

    async def once(self, kept: KeptAnswer) -> KeptAnswer | None:
        """The answer that was given under this key; None: it is the caller's to give, under
        `kept.id`. Waits for who is giving it.
        """
        assert kept.key is not None
        kept = replace(kept, held_until=_in(self._config.lease))
        for _ in range(max(1, round(self._config.patience / self._config.look))):
            if await self._registry.add(kept):
                return None
            if found := await self.of_key(kept):
                if found.over or found.background:
                    return found
                if await self._registry.take_over(found, kept.held_until, _in(0)):
                    await self._registry.forget(found.tenant, found.id)
                    continue
            await asyncio.sleep(self._config.look)
        raise StillAnswering(
            f"The first request with the Idempotency-Key '{kept.key}' is still being answered. "
            "Send the same again later."
        )

    async def of_key(self, kept: KeptAnswer) -> KeptAnswer | None:
        """The one under the same key; another question is refused."""
        assert kept.key is not None
        found = await self._registry.of_key(kept.tenant, kept.key)
        if found and found.mark != kept.mark:
            raise InvalidInput(
                f"The Idempotency-Key '{kept.key}' was sent with another request before. "
                "Take a new one for a new question.",
                field="Idempotency-Key",
            )
        return found

    @asynccontextmanager
    async def giving(self, kept: KeptAnswer) -> AsyncIterator[None]:
        """Holds what `once` left to the caller. Without `gave` in it, it may be asked again."""
        holding = asyncio.create_task(self._holding(kept))
        try:
            yield
        finally:
            holding.cancel()
            found = await self._registry.find(kept.tenant, kept.id)
            if found and not found.over:
                await self._registry.forget(kept.tenant, kept.id)

    async def gave(self, kept: KeptAnswer, result: str) -> None:
        await self._end(kept, "done", result)

    async def begin(self, kept: KeptAnswer) -> KeptAnswer:
        """In the background. Under a key that was used, the earlier one."""
        kept = replace(kept, background=True, state="queued", held_until=_in(0))
        if not await self._registry.add(kept):
            return await self.of_key(kept) or await self.begin(kept)
        self._told.set()
        return kept

    async def find(self, tenant: str, id_: str) -> KeptAnswer:
        if found := await self._registry.find(tenant, id_):
            return found
        raise NotFound(
            f"There is no answer '{id_}' that is kept. Those in the background and those with an "
            f"Idempotency-Key are, for {KEPT // timedelta(hours=1)} hours."
        )

    async def stop(self, tenant: str, id_: str) -> None:
        """It is given up, and forgotten."""
        live = self.lives.stop(tenant, id_)
        if task := self._running.get((tenant, id_)):
            task.cancel()
        if not await self._registry.forget(tenant, id_) and not live:
            await self.find(tenant, id_)

    async def serve(self) -> None:
        """What is asked in the background is answered, until this is cancelled."""
        while True:
            try:
                while len(self._running) < self._config.at_once and await self._take():
                    pass
            except Unavailable as error:
                _log.warning("answers in the background wait: %s", error)
            self._told.clear()
            try:
                async with asyncio.timeout(self._config.idle):
                    await self._told.wait()
            except TimeoutError:
                continue

    async def close(self) -> None:
        """What is not over is left to who starts next."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.lives.close()

    async def _take(self) -> bool:
        kept = await self._registry.take(_in(0), _in(self._config.lease))
        if kept is None:
            return False
        key = (kept.tenant, kept.id)
        task = asyncio.create_task(self._tell(kept) if kept.over else self._answer(kept))
        self._running[key] = task
        task.add_done_callback(lambda _: self._let_go(key))
        return True

    def _let_go(self, key: tuple[str, str]) -> None:
        task = self._running.pop(key)
        if not task.cancelled() and (error := task.exception()):
            _log.error("an answer in the background broke off", exc_info=error)
        self._told.set()

    async def _answer(self, kept: KeptAnswer) -> None:
        kept = replace(kept, state="running")
        if kept.attempts > _MOST_ATTEMPTS:
            why = f"It was begun {_MOST_ATTEMPTS} times, and each time the service ended."
            await self._end(kept, "failed", json.dumps({**_ENDED, "detail": why}))
            return
        await self._registry.put(replace(kept, held_until=_in(self._config.lease)))
        holding = asyncio.create_task(self._holding(kept))
        try:
            state, result = await self._give(kept)
        except asyncio.CancelledError:
            free = replace(kept, state="queued", attempts=kept.attempts - 1, held_until=_in(0))
            await self._registry.put(free)
            raise
        finally:
            holding.cancel()
        await self._end(kept, state, result)
        self._told.set()

    async def _tell(self, kept: KeptAnswer) -> None:
        """At last it is given up: the answer can still be asked for."""
        try:
            await self.webhook.call(kept.callback, kept.tenant, kept.id, self._write(kept))
        except ForebayError as error:
            waits = self._config.again
            left = kept.attempts <= len(waits)
            then = f"again in {waits[kept.attempts - 1]:.0f} s" if left else "given up"
            _log.warning("the answer %s could not be sent, %s: %s", kept.id, then, error)
            if left:
                await self._registry.hold(kept, _in(waits[kept.attempts - 1]))
                return
        await self._registry.put(replace(kept, callback=""))

    async def _end(self, kept: KeptAnswer, state: JobState, result: str) -> None:
        ended = _in(0)
        over = replace(kept, state=state, result=result, ended_at=ended, held_until=ended)
        await self._registry.put(replace(over, attempts=0, asked=""))

    async def _holding(self, kept: KeptAnswer) -> None:
        while True:
            await asyncio.sleep(self._config.lease / 3)
            try:
                await self._registry.hold(kept, _in(self._config.lease))
            except Unavailable as error:
                _log.warning("an answer may be given twice: %s", error)


@asynccontextmanager
async def serving(answers: Answers) -> AsyncIterator[Answers]:
    task = asyncio.create_task(answers.serve())
    try:
        yield answers
    finally:
        task.cancel()
        await asyncio.wait({task})
        await answers.close()


def a_kept(
    tenant: str, mark: str, *, key: str | None = None, session: str | None = None
) -> KeptAnswer:
    """One that begins now."""
    now = _in(0)
    return KeptAnswer(str(uuid4()), tenant, mark, now, now, key=key, session=session)


def _in(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()
