"""How fast to ask a model for a lot: so many requests at once, so much a minute, and how long to
wait for a provider that is busy. All requests rest together, so that a busy one is not stormed.

Knows nothing of what is asked. How a single short call is tried again stands in `gateway/retry.py`.
"""

import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic
from typing import TypeVar

from domain.errors import ModelRateLimited, ModelUnreachable
from gateway.embed.allowance import Allowance
from gateway.embed.lanes import Lanes
from gateway.retry import asked, passing

T = TypeVar("T")

_LOG = logging.getLogger(__name__)
_LASTS = 3  # failures in a row that are worth a warning


class TooLarge(Exception):
    """The request has to be divided: it is larger than what is allowed in a minute."""


@dataclass(frozen=True, slots=True)
class PaceConfig:
    start: int = 2  # requests at once
    most: int = 8
    patience: float = 600  # seconds, from a request's first failure on
    first_rest: float = 1  # seconds; doubled each time, unless `retry-after` says more
    longest_rest: float = 30
    jitter: float = 0.25  # of the rest


class Pace:
    def __init__(self, config: PaceConfig) -> None:
        self.allowance = Allowance()
        self.lanes = Lanes(config.start, config.most)
        self._config = config
        self._failures = 0  # in a row
        self._failed_at = 0.0

    async def keep(self, call: Callable[[], Awaitable[T]], tokens: int, *, divisible: bool) -> T:
        """The answer to `call`, which is made when its turn has come, until it succeeds."""
        first_failure: float | None = None
        while True:
            if divisible and tokens > self.allowance.most:
                raise TooLarge
            async with self.lanes.one():
                await self.allowance.take(tokens)
                begun = monotonic()
                try:
                    answer = await call()
                except (ModelRateLimited, ModelUnreachable) as error:
                    first_failure = first_failure or monotonic()
                    left = self._config.patience - (monotonic() - first_failure)
                    if not passing(error) or self._rest(error, begun) > left:
                        raise
                else:
                    self._succeed(begun)
                    return answer

    def _succeed(self, begun: float) -> None:
        if begun > self._failed_at:
            self._failures = 0
            self.lanes.widen()

    def _rest(self, error: ModelRateLimited | ModelUnreachable, begun: float) -> float:
        """Seconds for all. Requests that were under way together fail as one."""
        if begun > self._failed_at:
            self._failed_at = monotonic()
            self._failures += 1
            if isinstance(error, ModelRateLimited):
                self.lanes.halve()
        doubled = self._config.first_rest * 2.0 ** min(self._failures - 1, 20)
        own = min(self._config.longest_rest, doubled)
        own *= 1 + self._config.jitter * random.random()  # noqa: S311 - spreads load
        seconds = max(own, asked(error) or 0)
        self.allowance.rest(seconds)
        self._tell(error, seconds)
        return seconds

    def _tell(self, error: Exception, seconds: float) -> None:
        level = logging.WARNING if self._failures >= _LASTS else logging.INFO
        width = self.lanes.width
        _LOG.log(level, "It goes on in %.0f s, with %d at once: %s", seconds, width, error)
