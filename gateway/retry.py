"""When a model call is tried again: busy or failing for now, three times, 1, 2 and 4 s apart.

What the provider rejected is never sent again, nor is what found nobody there. `retry-after`
is honoured up to a limit. A wait that would outlast the request's time is not begun.
"""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, stop_after_attempt

from domain.deadline import Deadline
from domain.errors import DeadlineExceeded, ModelRateLimited, ModelUnreachable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RetryConfig:
    attempts: int = 4
    first_wait: float = 1.0  # seconds; doubled each time
    jitter: float = 0.25  # of the wait
    longest_wait: float = 30.0  # a longer `retry-after` is not waited for


async def retried(call: Callable[[], Awaitable[T]], config: RetryConfig) -> T:
    async def attempt() -> T:  # tenacity awaits what it can see to be a coroutine function
        return await call()

    return await attempts(config)(attempt)


def passing(error: BaseException | None) -> bool:
    """The same call may succeed later."""
    if isinstance(error, ModelUnreachable):
        return error.transient
    return isinstance(error, ModelRateLimited)


def asked(error: BaseException | None) -> float | None:
    """How long the provider wants us to wait, in seconds."""
    if isinstance(error, ModelRateLimited | ModelUnreachable):
        return error.retry_after
    return None


def attempts(config: RetryConfig, deadline: Deadline | None = None) -> AsyncRetrying:
    return AsyncRetrying(
        retry=lambda state: _worth_it(state, config),
        wait=lambda state: _wait(state, config, deadline),
        stop=stop_after_attempt(config.attempts),
        reraise=True,
    )


def _worth_it(state: RetryCallState, config: RetryConfig) -> bool:
    error = _error(state)
    return passing(error) and (asked(error) or 0) <= config.longest_wait


def _wait(state: RetryCallState, config: RetryConfig, deadline: Deadline | None) -> float:
    error = _error(state)
    own: float = config.first_wait * 2 ** (state.attempt_number - 1)
    spread = own * config.jitter * random.random()  # noqa: S311 - spreads load, keeps no secret
    wait = max(own, asked(error) or 0) + spread
    if deadline is not None and wait >= deadline.left and state.attempt_number < config.attempts:
        raise DeadlineExceeded(
            f"Asking again would wait {wait:.1f} s and {deadline.left:.1f} s are left: {error}",
            stage="retry",
        ) from error
    return wait


def _error(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None
