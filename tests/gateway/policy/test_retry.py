"""The same model again: before the first item, and within the request's time."""

from dataclasses import replace
from time import monotonic

import pytest

from domain.completion import Delta
from domain.deadline import Deadline
from domain.errors import DeadlineExceeded, ModelRateLimited, ModelUnreachable
from gateway.policy.retry import retried
from gateway.retry import RetryConfig
from tests.gateway.policy.scripted import REQUEST, Scripted, all_of, heard, said

FAST = RetryConfig(first_wait=0.001)
AWAY = ModelUnreachable("away", transient=True)


async def test_a_stream_that_fails_before_its_first_item_is_opened_again() -> None:
    model = Scripted([AWAY], [AWAY], said("a"))
    assert len(await all_of(retried(model.stream, FAST)(REQUEST))) == 2
    assert len(model.asked) == 3


async def test_after_its_first_item_it_is_not() -> None:
    model = Scripted([Delta("a"), AWAY], said("a"))
    words, error = await heard(retried(model.stream, FAST)(REQUEST))
    assert (words, error, len(model.asked)) == (["a"], AWAY, 1)


async def test_a_wait_beyond_the_deadline_is_not_begun() -> None:
    busy = ModelRateLimited("busy", retry_after=20)
    request = replace(REQUEST, deadline=Deadline.after(5))
    start = monotonic()
    with pytest.raises(DeadlineExceeded, match="busy"):
        await all_of(retried(Scripted([busy]).stream, FAST)(request))
    assert monotonic() - start < 0.2


async def test_the_last_try_fails_with_its_own_error_however_little_time_is_left() -> None:
    once = RetryConfig(attempts=1)
    request = replace(REQUEST, deadline=Deadline.after(0.1))
    with pytest.raises(ModelUnreachable):
        await all_of(retried(Scripted([AWAY]).stream, once)(request))


async def test_who_stops_listening_closes_the_call() -> None:
    model = Scripted(said("a", "b"))
    items = retried(model.stream, FAST)(REQUEST)
    await anext(items)
    await items.aclose()
    assert model.under_way == 0
