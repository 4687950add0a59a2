"""When a call is tried again, how long it waits, and what is never tried again."""

import time
from collections.abc import Awaitable, Callable
from itertools import pairwise

import pytest

from domain.errors import (
    ModelBalanceEmpty,
    ModelError,
    ModelRateLimited,
    ModelRejected,
    ModelUnreachable,
)
from gateway.retry import RetryConfig, retried

FAST = RetryConfig(first_wait=0.001)


def failing(*failures: ModelError) -> tuple[list[float], Callable[[], Awaitable[str]]]:
    """A call that fails so many times, and when it was made."""
    left, made = list(failures), []

    async def call() -> str:
        made.append(time.monotonic())
        if left:
            raise left.pop(0)
        return "done"

    return made, call


def test_the_waits_are_one_two_and_four_seconds_unless_set() -> None:
    config = RetryConfig()
    waits = [config.first_wait * 2**attempt for attempt in range(config.attempts - 1)]
    assert waits == [1, 2, 4]


async def test_waits_double() -> None:
    made, call = failing(*[ModelRateLimited("busy")] * 3)
    assert await retried(call, RetryConfig(first_wait=0.05)) == "done"
    waits = [b - a for a, b in pairwise(made)]
    for wait, least in zip(waits, [0.05, 0.1, 0.2], strict=True):
        assert wait >= least


NEVER = {
    "rejected": ModelRejected("no"),
    "no balance": ModelBalanceEmpty("empty"),
    "nobody there": ModelUnreachable("refused"),
    "asked to wait too long": ModelRateLimited("busy", retry_after=600),
}


@pytest.mark.parametrize("error", NEVER.values(), ids=NEVER)
async def test_what_will_not_pass_soon_is_called_once(error: ModelError) -> None:
    made, call = failing(error)
    with pytest.raises(type(error)):
        await retried(call, FAST)
    assert len(made) == 1
