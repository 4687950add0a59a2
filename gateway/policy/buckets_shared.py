"""The same buckets in Redis or Valkey, so that all replicas keep one limit together.

One script draws from all buckets of a call at once, by the server's clock. When the server does
not answer, each replica keeps the whole limit by itself, and the log says so: a limit that is
kept loosely for a while is better than no answers.
"""

import logging
from collections.abc import Sequence
from importlib.resources import files
from time import monotonic

from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

from gateway.policy.buckets import MemoryBuckets
from gateway.policy.throttle import Draw

_LOG = logging.getLogger(__name__)
_PREFIX = "forebay:limit:"
_QUIET = 60.0  # seconds between two complaints
_TIMEOUT = 0.5
_CONNECTIONS = 8  # a draw is short: a burst of calls need not open one each


class SharedBuckets:
    """Implements gateway.policy.throttle.Buckets."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._script = redis.register_script(
            files("gateway.policy").joinpath("buckets.lua").read_text("utf-8")
        )
        self._own = MemoryBuckets()
        self._complained = -_QUIET

    @classmethod
    def open(cls, url: str, timeout: float = _TIMEOUT) -> "SharedBuckets":
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=_CONNECTIONS,
            timeout=timeout,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
        )
        return cls(Redis.from_pool(pool))

    async def draw(self, draws: Sequence[Draw], longest: float) -> float:
        keys = [_PREFIX + draw.bucket for draw in draws]
        numbers = [n for draw in draws for n in (draw.amount, draw.most, draw.a_minute / 60)]
        try:
            return float(await self._script(keys=keys, args=[min(longest, 1e9), *numbers]))
        except RedisError as error:
            self._complain(error)
            return await self._own.draw(draws, longest)

    async def close(self) -> None:
        await self._redis.aclose()

    def _complain(self, error: RedisError) -> None:
        if monotonic() - self._complained >= _QUIET:
            self._complained = monotonic()
            _LOG.warning("Limits are not shared between replicas for now: %s", error)
