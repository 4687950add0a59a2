"""Makes items while the ones before them are used, a few ahead and no more."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TypeVar

T = TypeVar("T")


async def ahead(items: AsyncGenerator[T, None], most: int) -> AsyncGenerator[T, None]:
    """The same items in order; what raises there, raises here, after the items before it."""
    made: asyncio.Queue[T | None] = asyncio.Queue()  # None: nothing comes any more
    room = asyncio.Semaphore(most)

    async def fill() -> None:
        async with aclosing(items):
            async for item in items:
                await room.acquire()
                made.put_nowait(item)

    filling = asyncio.create_task(fill())
    filling.add_done_callback(lambda _: made.put_nowait(None))
    try:
        while (item := await made.get()) is not None:
            room.release()
            yield item
        await filling
    finally:
        filling.cancel()
        await asyncio.gather(filling, return_exceptions=True)
