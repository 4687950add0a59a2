"""Work on many things at once, a bounded number of them. Knows nothing of what is done."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


async def concurrently(
    items: AsyncGenerator[T, None], work: Callable[[T], Awaitable[R]], at_once: int
) -> AsyncGenerator[R, None]:
    """Results as they come. Started work that is not yet taken counts as under way, so a slow
    taker holds everything back. The first failure ends all of it, and is raised as it is.
    """
    done: asyncio.Queue[asyncio.Task[R] | None] = asyncio.Queue()  # None: nothing comes any more
    places = asyncio.Semaphore(at_once)
    running: set[asyncio.Task[R]] = set()

    def finished(task: asyncio.Task[R]) -> None:
        running.discard(task)
        done.put_nowait(task)

    async def start_all() -> None:
        async with aclosing(items):
            await places.acquire()
            async for item in items:
                task = asyncio.ensure_future(work(item))
                running.add(task)
                task.add_done_callback(finished)
                await places.acquire()
        while running:
            await asyncio.wait(running)
        # what they leave behind comes before this in the queue

    starting = asyncio.create_task(start_all())
    starting.add_done_callback(lambda _: done.put_nowait(None))
    try:
        while (task := await done.get()) is not None:
            places.release()
            yield task.result()
        await starting
    finally:
        starting.cancel()
        for task in list(running):
            task.cancel()
        await asyncio.gather(starting, *running, return_exceptions=True)


class Room:
    """So many bytes may be held at once. One thing larger than all of it has it alone."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._held = 0
        self._freed = asyncio.Condition()

    async def take(self, size: int) -> None:
        async with self._freed:
            await self._freed.wait_for(lambda: not self._held or self._held + size <= self._size)
            self._held += size

    async def give_back(self, size: int) -> None:
        async with self._freed:
            self._held -= size
            self._freed.notify_all()


async def grouped(
    items: AsyncGenerator[T, None], weigh: Callable[[T], int], enough: int, linger: float
) -> AsyncGenerator[list[T], None]:
    """Together until they weigh enough, or until nothing more has come for `linger` seconds."""
    group: list[T] = []
    coming: asyncio.Future[T] | None = None
    async with aclosing(items):
        try:
            while True:
                coming = coming or asyncio.ensure_future(anext(items))
                if group and not (await asyncio.wait({coming}, timeout=linger))[0]:
                    yield group
                    group = []
                    continue
                try:
                    group.append(await coming)
                except StopAsyncIteration:
                    break
                finally:
                    coming = None
                if sum(map(weigh, group)) >= enough:
                    yield group
                    group = []
        finally:
            if coming is not None:
                coming.cancel()
                await asyncio.gather(coming, return_exceptions=True)
    if group:
        yield group
