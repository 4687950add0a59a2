"""Token buckets: in this process, and shared in a real Redis or Valkey where one is at hand."""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator

import pytest

from gateway.policy.buckets import MemoryBuckets
from gateway.policy.buckets_shared import SharedBuckets
from gateway.policy.throttle import Buckets, Draw
from tests.gateway.policy.scripted import Clock

SERVER = os.environ.get("FOREBAY_TEST_REDIS_URL", "")
MINUTE = 60_000  # so fast that what flows in while a test runs can be told: 1,000 a second
FULL = MINUTE * 0.95


@pytest.fixture(params=["memory", "shared"])
async def buckets(request: pytest.FixtureRequest) -> AsyncIterator[Buckets]:
    if request.param == "memory":
        yield MemoryBuckets()
        return
    if not SERVER:
        pytest.skip("FOREBAY_TEST_REDIS_URL names no server")
    shared = SharedBuckets.open(SERVER, timeout=30)  # else a busy machine is taken for none
    yield shared
    await shared.close()


@pytest.fixture
def name() -> str:
    return f"test {uuid.uuid4()}"


async def test_a_full_bucket_gives_at_once(buckets: Buckets, name: str) -> None:
    assert await buckets.draw([Draw(name, FULL, MINUTE)], 0) == 0


async def test_turns_are_in_the_order_of_asking(buckets: Buckets, name: str) -> None:
    await buckets.draw([Draw(name, FULL, MINUTE)], 0)
    waits = [await buckets.draw([Draw(name, 5_000, MINUTE)], 60) for _ in range(3)]
    assert waits == pytest.approx([5, 10, 15], abs=0.5)


async def test_a_wait_that_is_too_long_draws_nothing(buckets: Buckets, name: str) -> None:
    await buckets.draw([Draw(name, FULL, MINUTE)], 0)
    for _ in range(3):
        assert await buckets.draw([Draw(name, 5_000, MINUTE)], 1) == pytest.approx(5, abs=0.5)


async def test_the_slower_of_two_buckets_counts_and_neither_is_drawn_alone(
    buckets: Buckets, name: str
) -> None:
    one, other = Draw(f"{name} 1", FULL, MINUTE), Draw(f"{name} 2", 1, MINUTE)
    await buckets.draw([one], 0)
    assert await buckets.draw([Draw(f"{name} 1", 5_000, MINUTE), other], 1) > 4
    assert await buckets.draw([Draw(f"{name} 2", FULL, MINUTE)], 0) == 0


async def test_what_is_given_back_is_there_again(buckets: Buckets, name: str) -> None:
    draw = Draw(name, FULL, MINUTE)
    await buckets.draw([draw], 0)
    await buckets.draw([draw.back(FULL)], 0)
    assert await buckets.draw([draw], 0) == pytest.approx(0, abs=0.1)


async def test_more_than_a_bucket_holds_passes_when_it_is_full(buckets: Buckets, name: str) -> None:
    assert await buckets.draw([Draw(name, 2 * FULL, MINUTE)], 0) == 0
    assert await buckets.draw([Draw(name, 1, MINUTE)], 600) == pytest.approx(57, abs=1)


async def test_many_at_once_never_get_more_than_there_is(buckets: Buckets, name: str) -> None:
    draws = [buckets.draw([Draw(name, 1_000, MINUTE)], 0) for _ in range(100)]
    waits = await asyncio.gather(*draws)
    assert 57 <= sum(wait == 0 for wait in waits) <= 60


async def test_a_bucket_fills_up_steadily_and_not_beyond_its_brim() -> None:
    clock = Clock()
    buckets, draw = MemoryBuckets(clock), Draw("any", 57, 60)
    await buckets.draw([draw], 0)
    clock.now += 10
    assert await buckets.draw([draw], 0) == pytest.approx(47)
    clock.now += 3600
    assert await buckets.draw([draw], 0) == 0
    assert await buckets.draw([draw], 0) == pytest.approx(57)


async def test_without_its_server_a_replica_keeps_the_limit_by_itself(
    caplog: pytest.LogCaptureFixture,
) -> None:
    buckets = SharedBuckets.open("redis://127.0.0.1:1/0")
    await buckets.draw([Draw("any", FULL, MINUTE)], 0)
    assert await buckets.draw([Draw("any", 5_000, MINUTE)], 60) == pytest.approx(5, abs=0.5)
    await buckets.close()
    assert len(caplog.messages) == 1
    assert "not shared" in caplog.messages[0]
