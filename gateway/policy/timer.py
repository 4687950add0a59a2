"""One timer for the many waits of a stream. `asyncio.timeout` does the same for a single one, and
costs more than all policies together when it is made anew for each word.

The timer is not moved with every wait: when it goes off too early, it is set again.
"""

import asyncio
from collections.abc import Awaitable
from math import inf
from typing import TypeVar

T = TypeVar("T")


class Timer:
    """For waits one after another. Between them nothing is interrupted."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._handle: asyncio.TimerHandle | None = None
        self._at = inf  # when it goes off
        self._until: float | None = None  # of the wait that is under way
        self._task: asyncio.Task[object] | None = None
        self._cancelling: int | None = None  # of the task, when the time was over

    async def wait(self, awaitable: Awaitable[T], until: float) -> T:
        """TimeoutError when it is not there by then, by the monotonic clock."""
        task = self._task = asyncio.current_task(self._loop)
        self._until = until
        if self._at > until:
            self._set(until)
        try:
            return await awaitable
        except asyncio.CancelledError as error:
            if task and self._cancelling is not None and task.uncancel() <= self._cancelling:
                raise TimeoutError from error
            raise
        finally:
            self._until = None

    def close(self) -> None:
        if self._handle is not None:
            self._handle.cancel()

    def _set(self, at: float) -> None:
        self.close()
        self._at, self._handle = at, self._loop.call_at(at, self._ring)

    def _ring(self) -> None:
        self._at, self._handle = inf, None
        if self._until is None or self._task is None:
            return  # nobody waits: the next wait sets it again
        if self._loop.time() < self._until:
            self._set(self._until)
        else:
            self._cancelling = self._task.cancelling()
            self._task.cancel()
