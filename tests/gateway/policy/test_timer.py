"""One timer, many waits."""

import asyncio
from contextlib import closing
from time import monotonic

import pytest

from gateway.policy.timer import Timer


async def test_a_wait_that_takes_too_long_is_ended() -> None:
    with closing(Timer()) as timer, pytest.raises(TimeoutError):
        await timer.wait(asyncio.sleep(5), monotonic() + 0.02)


async def test_each_wait_has_its_own_time() -> None:
    with closing(Timer()) as timer:
        for _ in range(4):
            await timer.wait(asyncio.sleep(0.02), monotonic() + 0.05)


async def test_a_shorter_wait_after_a_longer_one_ends_in_time() -> None:
    start = monotonic()
    with closing(Timer()) as timer:
        await timer.wait(asyncio.sleep(0), monotonic() + 60)
        with pytest.raises(TimeoutError):
            await timer.wait(asyncio.sleep(5), monotonic() + 0.02)
    assert monotonic() - start < 1


async def test_what_is_done_between_two_waits_is_not_interrupted() -> None:
    with closing(Timer()) as timer:
        await timer.wait(asyncio.sleep(0), monotonic() + 0.02)
        await asyncio.sleep(0.05)
        await timer.wait(asyncio.sleep(0), monotonic() + 1)


async def test_a_cancellation_from_outside_stays_one() -> None:
    async def waiting() -> None:
        with closing(Timer()) as timer:
            await timer.wait(asyncio.sleep(5), monotonic() + 5)

    task = asyncio.create_task(waiting())
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_of_two_timers_the_one_that_is_over_is_heard() -> None:
    with closing(Timer()) as outer, closing(Timer()) as inner:
        within = inner.wait(asyncio.sleep(5), monotonic() + 0.02)
        with pytest.raises(TimeoutError):
            await outer.wait(within, monotonic() + 5)
        await outer.wait(asyncio.sleep(0.01), monotonic() + 5)


async def test_after_a_time_out_the_task_goes_on() -> None:
    with closing(Timer()) as timer, pytest.raises(TimeoutError):
        await timer.wait(asyncio.sleep(5), monotonic() + 0.01)
    await asyncio.sleep(0.01)
    current = asyncio.current_task()
    assert current
    assert current.cancelling() == 0
