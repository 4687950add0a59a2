"""So many requests a minute, and where one stands; here and in Redis."""

import os
from uuid import uuid4

import pytest

from gateway.policy.buckets import MemoryBuckets
from wiring.limits import Limits, open_limits
from wiring.settings import Settings

REDIS = os.environ.get("FOREBAY_TEST_REDIS_URL")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_without_a_limit_nothing_is_counted() -> None:
    assert await Limits().take("acme/wiki", None) is None


async def test_the_settings_limit_is_for_who_has_none() -> None:
    standing = await Limits(usual=10).take("acme/wiki", None)
    assert standing is not None
    assert standing.limit == 10


async def test_each_request_leaves_one_less() -> None:
    limits = Limits(MemoryBuckets(Clock()))
    left = [(await limits.take("acme/wiki", 20)) for _ in range(3)]
    assert [one and one.remaining for one in left] == [18, 17, 16]


async def test_who_is_beyond_it_is_told_when() -> None:
    limits = Limits(MemoryBuckets(Clock()))
    standings = [await limits.take("acme/wiki", 60) for _ in range(58)]
    assert all(one and one.wait == 0 for one in standings[:57])
    last = standings[57]
    assert last is not None
    assert (last.remaining, round(last.wait, 3)) == (0, 1.0)


async def test_waiting_lets_the_next_one_in() -> None:
    clock = Clock()
    limits = Limits(MemoryBuckets(clock))
    for _ in range(58):
        await limits.take("acme/wiki", 60)
    clock.now += 1
    standing = await limits.take("acme/wiki", 60)
    assert standing is not None
    assert standing.wait == 0


async def test_one_key_takes_nothing_from_another() -> None:
    limits = Limits(MemoryBuckets(Clock()))
    await limits.take("acme/wiki", 20)
    standing = await limits.take("acme/blog", 20)
    assert standing is not None
    assert standing.remaining == 18


@pytest.mark.skipif(REDIS is None, reason="FOREBAY_TEST_REDIS_URL is not set")
async def test_two_replicas_count_together() -> None:
    settings = Settings.model_validate({"redis": {"url": REDIS}})
    who = uuid4().hex
    async with open_limits(settings) as one, open_limits(settings) as other:
        await one.take(who, 20)
        standing = await other.take(who, 20)
    assert standing is not None
    assert standing.remaining == 17
