"""Several parsers at once. One that is idle is taken before another is started."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Protocol

from ingest.draft import Parsed
from ingest.sandbox import Sandbox
from ingest.source import Source


class Parser(Protocol):
    async def parse(self, source: Source) -> Parsed:
        """Raises ParseFailed with what is wrong with the document."""
        ...


class Pool:
    """A Parser over others, each of which does one thing at a time."""

    def __init__(self, parsers: list[Sandbox]) -> None:
        self._idle: asyncio.LifoQueue[Sandbox] = asyncio.LifoQueue()
        for parser in parsers:
            self._idle.put_nowait(parser)

    async def parse(self, source: Source) -> Parsed:
        parser = await self._idle.get()
        try:
            return await parser.parse(source)
        finally:
            self._idle.put_nowait(parser)


@asynccontextmanager
async def open_pool(size: int) -> AsyncIterator[Parser]:
    async with AsyncExitStack() as stack:
        yield Pool([await stack.enter_async_context(Sandbox()) for _ in range(size)])
