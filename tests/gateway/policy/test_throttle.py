"""What is asked of one model in a minute, and who waits for it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from domain.deadline import Deadline
from domain.errors import DeadlineExceeded, ModelRateLimited
from gateway.policy.buckets import MemoryBuckets
from gateway.policy.send import Send
from gateway.policy.throttle import Draw, ThrottleConfig, estimated, throttled
from tests.gateway.policy.scripted import REQUEST, Scripted, all_of, said


class Remembering(MemoryBuckets):
    def __init__(self) -> None:
        super().__init__()
        self.drawn: list[Draw] = []

    async def draw(self, draws: Sequence[Draw], longest: float) -> float:
        self.drawn += draws
        return await super().draw(draws, longest)


def model() -> Scripted:
    return Scripted(*[said("yes")] * 10)


def limited(scripted: Scripted, buckets: MemoryBuckets, **limits: float) -> Send:
    config = ThrottleConfig(**limits)  # type: ignore[arg-type]
    return throttled(scripted.stream, "openai/any", buckets, config)


async def emptied(buckets: MemoryBuckets, a_minute: float, by: float) -> None:
    """The next turn is in so many seconds."""
    full = Draw("openai/any requests", 1, a_minute)
    await buckets.draw([replace(full, amount=full.most - 1 + by * a_minute / 60)], 600)


def test_without_limits_nothing_stands_in_between() -> None:
    scripted = Scripted()
    assert limited(scripted, MemoryBuckets()) == scripted.stream


async def test_a_call_waits_for_its_turn() -> None:
    buckets, scripted = MemoryBuckets(), model()
    await emptied(buckets, 60, by=0.05)
    call = asyncio.create_task(all_of(limited(scripted, buckets, requests=60)(REQUEST)))
    await asyncio.sleep(0.03)
    assert scripted.asked == []
    await call
    assert len(scripted.asked) == 1


async def test_a_turn_that_comes_after_the_deadline_is_refused_at_once() -> None:
    buckets, scripted = MemoryBuckets(), model()
    await emptied(buckets, 60, by=5)
    request = replace(REQUEST, deadline=Deadline.after(1))
    with pytest.raises(DeadlineExceeded, match=r"turn at openai/any is in 5\.0 s and 1\.0 s"):
        await all_of(limited(scripted, buckets, requests=60)(request))
    assert scripted.asked == []


async def test_a_turn_that_is_too_far_away_is_a_rate_limit() -> None:
    buckets = MemoryBuckets()
    await emptied(buckets, 60, by=50)
    with pytest.raises(ModelRateLimited) as caught:
        await all_of(limited(model(), buckets, requests=60)(REQUEST))
    assert caught.value.retry_after == pytest.approx(50, abs=1)


async def test_who_leaves_the_queue_gives_its_turn_back() -> None:
    buckets, scripted = MemoryBuckets(), model()
    send = limited(scripted, buckets, requests=60)
    await emptied(buckets, 60, by=5)
    waiting = asyncio.create_task(all_of(send(REQUEST)))
    await asyncio.sleep(0.01)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert await buckets.draw([Draw("openai/any requests", 1, 60)], 600) < 5.1


async def test_what_was_estimated_too_much_is_given_back() -> None:
    buckets = Remembering()
    await all_of(limited(model(), buckets, tokens=100_000)(REQUEST))
    assert sum(draw.amount for draw in buckets.drawn) == 110  # what it used


def test_the_estimate_counts_the_prompt_and_the_output_limit() -> None:
    texts = [message.text for message in REQUEST.prompt.messages]
    about = sum(len(text) for text in texts) / 4 + REQUEST.max_output_tokens
    assert estimated(REQUEST) == pytest.approx(about, rel=0.1)
