"""Waits for an outside system that is away or busy, and says so: nothing done so far is lost."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_delay
from tenacity.wait import wait_exponential

from domain.errors import ModelRateLimited, ModelUnreachable, Unavailable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    seconds: float = 600.0  # in all, for one call
    first: float = 1.0
    longest: float = 30.0


async def patiently(
    call: Callable[[], Awaitable[T]], patience: Patience, say: Callable[[str], None]
) -> T:
    """`say` is told why it waits, and then "" when it does no longer."""
    waited = False

    def tell(state: RetryCallState) -> None:
        nonlocal waited
        waited = True
        say(str(state.outcome.exception() if state.outcome else ""))

    async def attempt() -> T:
        return await call()

    tries = AsyncRetrying(
        retry=retry_if_exception(_may_pass),
        wait=lambda state: max(
            wait_exponential(patience.first, patience.longest)(state), _asked(state)
        ),
        stop=stop_after_delay(patience.seconds),
        before_sleep=tell,
        reraise=True,
    )
    answer: T = await tries(attempt)
    if waited:
        say("")
    return answer


def _may_pass(error: BaseException) -> bool:
    if isinstance(error, Unavailable | ModelUnreachable):
        return error.transient
    return isinstance(error, ModelRateLimited)


def _asked(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    after = error.retry_after if isinstance(error, ModelRateLimited | ModelUnreachable) else None
    return after or 0.0
