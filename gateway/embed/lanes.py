"""How many requests may be under way at once: one more while all goes well, half when it does not.

Knows nothing of what goes wrong, nor of tokens.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Lanes:
    """Who comes first goes first."""

    def __init__(self, start: int, most: int) -> None:
        self.width = min(start, most)
        self._most = most
        self._free = asyncio.Semaphore(self.width)
        self._closing = 0  # lanes too many, that close as soon as they are free
        self._passed = 0  # since the last change

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        await self._free.acquire()
        while self._closing:
            self._closing -= 1
            await self._free.acquire()
        try:
            yield
        finally:
            self._leave()

    def widen(self) -> None:
        """To be called after each success: one lane more when as many as there are succeeded."""
        self._passed += 1
        if self._passed < self.width or self.width == self._most:
            return
        self._passed = 0
        self.width += 1
        self._leave()

    def halve(self) -> None:
        less = max(1, self.width // 2)
        self._closing += self.width - less
        self.width = less
        self._passed = 0

    def _leave(self) -> None:
        if self._closing:
            self._closing -= 1
        else:
            self._free.release()
