"""Answers while they are given: each is made once, its events are heard by whoever asks for them.

Who lost the line hears the rest: events are numbered and kept for a short while. An answer that
nobody hears goes on for a time of grace and is then given up, and with it the call to the model.
Knows neither HTTP nor models: an event is a name and bytes.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from time import monotonic
from typing import NamedTuple

from domain.errors import NotFound
from gateway.policy.timer import Timer

LAST = frozenset({"done", "error"})
Events = AsyncGenerator[tuple[str, bytes], None]  # the last one is in LAST

_log = logging.getLogger("forebay.live")


@dataclass(frozen=True, slots=True)
class LiveConfig:
    """In seconds."""

    beat: float = 15  # of silence, before a sign of life
    grace: float = 30  # without anybody who hears it
    kept: float = 120  # after its end
    most: int = 300  # answers that are over and still kept, some 75 kB each


class Told(NamedTuple):
    """`number` from 1."""

    number: int
    name: str
    data: bytes


class Live:
    """One answer. Its task ends with it, or when it is stopped."""

    def __init__(self, id_: str, tenant: str, events: Events, broken: bytes, grace: float) -> None:
        self.id = id_
        self.tenant = tenant
        self.told: list[Told] = []
        self._broken = broken  # the data of `error`, when it ends without a last word
        self._grace = grace
        self._listeners = 0
        self._news = list[asyncio.Future[None]]()  # of those who have heard all there is
        self._waiting: asyncio.TimerHandle | None = None
        self.task = asyncio.create_task(self._run(events))
        self._listen(0)

    @property
    def over(self) -> bool:
        return bool(self.told) and self.told[-1].name in LAST

    def stop(self) -> None:
        self.task.cancel()

    async def hear(self, after: int, beat: float) -> AsyncGenerator[Told | None, None]:
        """The events behind that number, to the last. None is a sign of life."""
        self._listen(+1)
        timer = Timer()
        try:
            while True:
                while after < len(self.told):
                    after += 1
                    yield self.told[after - 1]
                if self.over:
                    return
                try:
                    await timer.wait(self._next(), monotonic() + beat)
                except TimeoutError:
                    yield None
        finally:
            timer.close()
            self._listen(-1)

    def _next(self) -> asyncio.Future[None]:
        self._news.append(asyncio.get_running_loop().create_future())
        return self._news[-1]

    def _listen(self, change: int) -> None:
        self._listeners += change
        if self._waiting:
            self._waiting.cancel()
            self._waiting = None
        if not self._listeners and not self.over:
            self._waiting = asyncio.get_running_loop().call_later(self._grace, self.stop)

    async def _run(self, events: Events) -> None:
        try:
            async with aclosing(events):
                async for name, data in events:
                    self._tell(name, data)
        finally:
            if not self.over:
                self._tell("error", self._broken)
            if self._waiting:
                self._waiting.cancel()

    def _tell(self, name: str, data: bytes) -> None:
        self.told.append(Told(len(self.told) + 1, name, data))
        news, self._news = self._news, []
        for one in news:
            if not one.done():  # who waited for it may be gone
                one.set_result(None)


class Lives:
    """Those of this process."""

    def __init__(self, config: LiveConfig | None = None) -> None:
        self.config = config or LiveConfig()
        self._lives: dict[tuple[str, str], Live] = {}
        self._over: list[tuple[str, str]] = []  # in the order of their ends

    def begin(self, id_: str, tenant: str, events: Events, broken: bytes) -> Live:
        live = Live(id_, tenant, events, broken, self.config.grace)
        self._lives[tenant, id_] = live
        live.task.add_done_callback(lambda task: self._ended(live, task))
        return live

    def has(self, tenant: str, id_: str) -> bool:
        return (tenant, id_) in self._lives

    def find(self, tenant: str, id_: str) -> Live:
        if live := self._lives.get((tenant, id_)):
            return live
        raise NotFound(
            f"The events of the answer '{id_}' are not kept here any more. Ask again without "
            "`Last-Event-ID`; with the same `Idempotency-Key`, if you sent one."
        )

    def stop(self, tenant: str, id_: str) -> bool:
        """Whether it was there; what is over is forgotten at once."""
        live = self._lives.get((tenant, id_))
        if live is None:
            return False
        live.stop()
        if live.over:
            self._forget((tenant, id_))
        return True

    async def close(self) -> None:
        """Every stream ends with an `error`."""
        tasks = [live.task for live in self._lives.values() if not live.task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, live: Live, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()):
            _log.error("an answer broke off", exc_info=error)
        key = (live.tenant, live.id)
        self._over.append(key)
        if len(self._over) > self.config.most:
            self._forget(self._over[0])
        task.get_loop().call_later(self.config.kept, self._forget, key)

    def _forget(self, key: tuple[str, str]) -> None:
        if self._lives.pop(key, None):
            self._over.remove(key)
