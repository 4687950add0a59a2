"""A request ends when its time is over, wherever it is."""

import asyncio
from dataclasses import replace
from time import monotonic

import pytest

from domain.completion import Delta
from domain.deadline import Deadline
from domain.errors import DeadlineExceeded
from gateway.policy.deadline import within_deadline
from tests.gateway.policy.scripted import DONE, REQUEST, Scripted, all_of, heard, said


async def test_a_silent_model_is_left_when_the_time_is_over() -> None:
    model = Scripted([5.0, DONE])
    start = monotonic()
    with pytest.raises(DeadlineExceeded):
        await all_of(within_deadline(model.stream)(replace(REQUEST, deadline=Deadline.after(0.05))))
    assert monotonic() - start < 0.15
    assert model.under_way == 0


async def test_a_trickle_ends_at_the_deadline() -> None:
    model = Scripted([step for _ in range(100) for step in (0.01, Delta("x"))])
    request = replace(REQUEST, deadline=Deadline.after(0.05))
    words, error = await heard(within_deadline(model.stream)(request))
    assert isinstance(error, DeadlineExceeded)
    assert 0 < len(words) < 10


async def test_without_time_no_call_is_begun() -> None:
    model = Scripted([DONE])
    with pytest.raises(DeadlineExceeded):
        await all_of(within_deadline(model.stream)(replace(REQUEST, deadline=Deadline.after(0))))
    assert model.asked == []


async def test_a_slow_reader_is_not_interrupted_and_gets_what_is_there() -> None:
    request = replace(REQUEST, deadline=Deadline.after(0.02))
    got = []
    async for item in within_deadline(Scripted(said("a", "b")).stream)(request):
        await asyncio.sleep(0.03)
        got.append(item)
    assert len(got) == 3
