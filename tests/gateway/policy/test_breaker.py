"""A model that keeps failing is left alone, and tried again with one call."""

import asyncio
from dataclasses import replace

import pytest

from domain.completion import Delta
from domain.deadline import Deadline
from domain.errors import (
    ModelBalanceEmpty,
    ModelError,
    ModelRateLimited,
    ModelRejected,
    ModelUnreachable,
)
from gateway.policy.breaker import Breaker, BreakerConfig, broken_off
from gateway.policy.deadline import within_deadline
from tests.gateway.policy.scripted import DONE, REQUEST, Clock, Scripted, all_of, said

AWAY = ModelUnreachable("it is away", transient=True)
CONFIG = BreakerConfig(window=30, failures=3, rest=15)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker("openai/any", CONFIG, clock)


async def fail(breaker: Breaker, error: ModelError, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(type(error)):
            await all_of(broken_off(Scripted([error]).stream, breaker)(REQUEST))


async def succeed(breaker: Breaker) -> None:
    await all_of(broken_off(Scripted(said("a")).stream, breaker)(REQUEST))


async def test_failures_in_the_window_open_it_and_nobody_is_asked(breaker: Breaker) -> None:
    await fail(breaker, AWAY, 3)
    untouched = Scripted()
    with pytest.raises(ModelUnreachable, match="left alone for 15 s more, after this: it is away"):
        await all_of(broken_off(untouched.stream, breaker)(REQUEST))
    assert (breaker.state, untouched.asked) == ("open", [])


async def test_failures_outside_the_window_are_forgotten(breaker: Breaker, clock: Clock) -> None:
    await fail(breaker, AWAY, 2)
    clock.now += 31
    await fail(breaker, AWAY)
    assert breaker.state == "closed"


async def test_a_few_failures_among_many_successes_leave_it_closed(breaker: Breaker) -> None:
    for _ in range(10):
        await succeed(breaker)
    await fail(breaker, AWAY, 4)
    assert breaker.state == "closed"


@pytest.mark.parametrize(
    "error", [ModelRejected("no"), ModelRateLimited("busy")], ids=["rejected", "busy"]
)
async def test_what_says_nothing_about_its_health_does_not_open_it(
    breaker: Breaker, error: ModelError
) -> None:
    await fail(breaker, error, 10)
    assert breaker.state == "closed"


async def test_an_empty_balance_opens_it_at_once_and_for_longer(
    breaker: Breaker, clock: Clock
) -> None:
    await fail(breaker, ModelBalanceEmpty("top up"))
    clock.now += 100
    with pytest.raises(ModelBalanceEmpty, match="top up"):
        await succeed(breaker)
    assert breaker.state == "open"


async def test_after_its_rest_one_call_tries_and_closes_it(breaker: Breaker, clock: Clock) -> None:
    await fail(breaker, AWAY, 3)
    clock.now += 15
    await succeed(breaker)
    assert breaker.state == "closed"


async def test_while_one_call_tries_the_others_are_refused(breaker: Breaker, clock: Clock) -> None:
    await fail(breaker, AWAY, 3)
    clock.now += 15
    trying = broken_off(Scripted([0.05, *said("a")]).stream, breaker)(REQUEST)
    probe = asyncio.create_task(all_of(trying))
    await asyncio.sleep(0.01)
    with pytest.raises(ModelUnreachable):
        await succeed(breaker)
    await probe
    await succeed(breaker)


async def test_a_try_that_fails_doubles_the_rest(breaker: Breaker, clock: Clock) -> None:
    await fail(breaker, AWAY, 3)
    clock.now += 15
    await fail(breaker, AWAY)
    states = []
    for _ in range(2):
        clock.now += 29
        states.append(breaker.state)
    assert states == ["open", "half-open"]


async def test_a_try_whose_listener_leaves_makes_room_for_the_next(
    breaker: Breaker, clock: Clock
) -> None:
    await fail(breaker, AWAY, 3)
    clock.now += 15
    probe = asyncio.create_task(all_of(broken_off(Scripted([9.0, DONE]).stream, breaker)(REQUEST)))
    await asyncio.sleep(0.01)
    probe.cancel()
    await asyncio.gather(probe, return_exceptions=True)
    await succeed(breaker)
    assert breaker.state == "closed"


async def test_silence_until_the_deadline_is_a_failure(breaker: Breaker) -> None:
    for _ in range(3):
        request = replace(REQUEST, deadline=Deadline.after(0.01))
        with pytest.raises(Exception, match="time of the request"):
            await all_of(
                within_deadline(broken_off(Scripted([9.0, DONE]).stream, breaker))(request)
            )
    assert breaker.state == "open"


async def test_a_stream_that_breaks_in_its_middle_is_a_failure(breaker: Breaker) -> None:
    for _ in range(3):
        with pytest.raises(ModelUnreachable):
            await all_of(broken_off(Scripted([Delta("a"), AWAY]).stream, breaker)(REQUEST))
    assert breaker.state == "open"
