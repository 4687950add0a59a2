"""The end of the service, for those who are still being answered.

They have some time to be told the rest. What is not over then ends with an error of its own,
not with a line that breaks. Knows nothing of signals, nor how long that time is.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from typing import TypeVar

from fastapi import Request

from domain.errors import Unavailable

ENDED = "The service ends here. Ask again in a moment."
_T = TypeVar("_T")


class Drain:
    def __init__(self) -> None:
        self.over = False
        self._limits: set[asyncio.Timeout] = set()

    def end(self) -> None:
        self.over = True
        for limit in self._limits:
            self._expire(limit)

    @contextmanager
    def ends(self, limit: asyncio.Timeout) -> Iterator[None]:
        """The limit is over at once when the time is; or at its own end."""
        self._limits.add(limit)
        if self.over:
            self._expire(limit)
        try:
            yield
        finally:
            self._limits.discard(limit)

    def spare(self, limit: asyncio.Timeout) -> None:
        self._limits.discard(limit)

    @asynccontextmanager
    async def hurried(self) -> AsyncIterator[None]:
        """Unavailable, from within, when the time is over."""
        limit = asyncio.timeout(None)
        try:
            async with limit:
                with self.ends(limit):
                    yield
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise Unavailable(ENDED, transient=True) from error

    async def until_over(self, steps: AsyncGenerator[_T, None]) -> AsyncGenerator[_T, None]:
        async with aclosing(steps):
            while True:
                async with self.hurried():  # not around the yield: that waits for the reader
                    try:
                        step = await anext(steps)
                    except StopAsyncIteration:
                        return
                yield step

    @staticmethod
    def _expire(limit: asyncio.Timeout) -> None:
        if not limit.expired():
            limit.reschedule(0)


def drain_of(request: Request) -> Drain:
    drain: Drain = request.app.state.drain
    return drain
