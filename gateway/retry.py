"""When a model call is tried again: busy or failing for now, three times, 1, 2 and 4 s apart.

What the provider rejected is never sent again, nor is what found nobody there. `retry-after`
is honoured up to a limit. A stream is tried again only before its first piece was handed on.
"""

import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, stop_after_attempt

from domain.errors import ModelRateLimited, ModelUnreachable

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

    return await _retrying(config)(attempt)


async def retried_stream(
    start: Callable[[], AsyncGenerator[T, None]], config: RetryConfig
) -> AsyncGenerator[T, None]:
    """`start` opens the stream anew. From its first item on, it is what it is."""

    async def first() -> tuple[AsyncGenerator[T, None], T]:
        opened = start()
        return opened, await anext(opened)

    opened, item = await retried(first, config)
    async with aclosing(opened):  # who stops listening ends the call
        yield item
        async for item in opened:
            yield item


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


def _retrying(config: RetryConfig) -> AsyncRetrying:
    return AsyncRetrying(
        retry=lambda state: _worth_it(state, config),
        wait=lambda state: _wait(state, config),
        stop=stop_after_attempt(config.attempts),
        reraise=True,
    )


def _worth_it(state: RetryCallState, config: RetryConfig) -> bool:
    error = _error(state)
    return passing(error) and (asked(error) or 0) <= config.longest_wait


def _wait(state: RetryCallState, config: RetryConfig) -> float:
    own: float = config.first_wait * 2 ** (state.attempt_number - 1)
    own *= 1 + config.jitter * random.random()  # noqa: S311 - spreads load, keeps no secret
    return max(own, asked(_error(state)) or 0)


def _error(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None
