"""Bounded concurrency: nothing is lost, nothing runs away, a failure ends all of it."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from ingest.flow import Room, concurrently, grouped


async def numbers(most: int, pause: float = 0.0) -> AsyncGenerator[int, None]:
    for n in range(most):
        await asyncio.sleep(pause)
        yield n


async def test_every_item_is_worked_on_once() -> None:
    async def double(n: int) -> int:
        await asyncio.sleep(0.001 * (n % 3))
        return 2 * n

    results = [r async for r in concurrently(numbers(50), double, 4)]
    assert sorted(results) == [2 * n for n in range(50)]


async def test_no_more_than_allowed_are_under_way_or_wait_to_be_taken() -> None:
    started: list[int] = []

    async def work(n: int) -> int:
        started.append(n)
        return n

    taken = 0
    async for _ in concurrently(numbers(30), work, 4):
        taken += 1
        await asyncio.sleep(0.001)
        assert len(started) <= taken + 4
    assert taken == 30


async def test_a_failure_is_raised_as_it_is_and_the_rest_is_cancelled() -> None:
    cancelled: list[int] = []

    async def work(n: int) -> int:
        if n == 2:
            raise ValueError("two")
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            cancelled.append(n)
            raise
        return n

    with pytest.raises(ValueError, match="two"):
        async for _ in concurrently(numbers(10), work, 4):
            pass
    assert sorted(cancelled) == [0, 1, 3]


async def test_a_failure_of_the_source_is_raised() -> None:
    async def broken() -> AsyncGenerator[int, None]:
        yield 1
        raise ValueError("source")

    async def work(n: int) -> int:
        return n

    with pytest.raises(ValueError, match="source"):
        _ = [r async for r in concurrently(broken(), work, 2)]


async def test_items_are_together_until_they_weigh_enough() -> None:
    groups = [g async for g in grouped(numbers(7), lambda n: n, 5, linger=10)]
    assert groups == [[0, 1, 2, 3], [4, 5], [6]]


async def test_a_group_does_not_wait_for_long() -> None:
    groups = [g async for g in grouped(numbers(2, pause=0.05), lambda _: 1, 5, linger=0.01)]
    assert groups == [[0], [1]]


async def test_room_is_waited_for_and_one_large_thing_has_it_alone() -> None:
    room = Room(10)
    await room.take(25)
    waiting = asyncio.create_task(room.take(1))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    await room.give_back(25)
    await asyncio.wait_for(waiting, 1)
