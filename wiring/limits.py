"""How much a caller may ask a minute: counted here, or in Redis or Valkey for all replicas.

The buckets are those that calls to models are drawn from. Knows no HTTP.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from gateway.policy.buckets import MemoryBuckets
from gateway.policy.throttle import Buckets, Draw
from wiring.models import open_buckets
from wiring.settings import Settings

_ONLY_LOOK = -1.0  # no wait is as short: nothing is drawn


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a caller stands after a request."""

    limit: int  # requests a minute
    remaining: int  # that may follow at once
    reset: float  # seconds until all of them may
    wait: float  # seconds until the next one; 0: this one was let in


class Limits:
    def __init__(self, buckets: Buckets | None = None, usual: int | None = None) -> None:
        self._buckets = buckets or MemoryBuckets()
        self._usual = usual

    async def take(self, who: str, requests_a_minute: int | None) -> Standing | None:
        """None: without a limit."""
        limit = requests_a_minute or self._usual
        if limit is None:
            return None
        one = Draw(f"api {who}", 1, limit)
        wait = await self._buckets.draw([one], 0.0)
        full = Draw(one.bucket, one.most, limit)
        reset = await self._buckets.draw([full], _ONLY_LOOK)
        remaining = int(one.most - reset * limit / 60 + 1e-6)  # what is there but for rounding
        return Standing(limit, max(0, remaining), reset, wait)


@asynccontextmanager
async def open_limits(settings: Settings) -> AsyncIterator[Limits]:
    async with AsyncExitStack() as stack:
        buckets = await open_buckets(settings, stack)
        yield Limits(buckets, settings.api.requests_a_minute)
