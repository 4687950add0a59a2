"""Token buckets in this process. A bucket may be overdrawn: then the next one waits for longer.

Because what is drawn is drawn at once, and only the call waits, turns are in the order of asking.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic

from gateway.policy.throttle import Draw


@dataclass(slots=True)
class _Bucket:
    level: float
    at: float


class MemoryBuckets:
    """Implements gateway.policy.throttle.Buckets."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._buckets: dict[str, _Bucket] = {}
        self._clock = clock

    async def draw(self, draws: Sequence[Draw], longest: float) -> float:
        now = self._clock()
        filled = [self._filled(draw, now) for draw in draws]
        wait = max(_wait(draw, b.level) for draw, b in zip(draws, filled, strict=True))
        if wait <= longest:
            for draw, bucket in zip(draws, filled, strict=True):
                bucket.level = min(draw.most, bucket.level - draw.amount)
        return wait

    def _filled(self, draw: Draw, now: float) -> _Bucket:
        bucket = self._buckets.setdefault(draw.bucket, _Bucket(draw.most, now))
        grown = bucket.level + (now - bucket.at) * draw.a_minute / 60
        bucket.level, bucket.at = min(draw.most, grown), now
        return bucket


def _wait(draw: Draw, level: float) -> float:
    """A draw of more than the bucket ever holds waits until it is full."""
    return max(0.0, (min(draw.amount, draw.most) - level) / draw.a_minute * 60)
