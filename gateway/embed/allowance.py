"""How much one key may ask of one model a minute, as the provider says it in its headers.

Two buckets that fill steadily, one of requests and one of tokens, and a rest for all. As long as
nothing is known nothing is held back. Knows nothing of what is asked.
"""

import asyncio
import math
from collections.abc import Mapping
from time import monotonic

_MINUTE = 60


class Allowance:
    def __init__(self) -> None:
        self._requests = _Bucket()
        self._tokens = _Bucket()
        self._rest_until = 0.0
        self._turn = asyncio.Lock()  # who comes first goes first

    @property
    def most(self) -> float:
        """Tokens that a request may have and ever be allowed."""
        return self._tokens.limit

    async def take(self, tokens: int) -> None:
        """Waits until a request of so many may be sent."""
        async with self._turn:
            # a rest may have grown meanwhile
            while (wait := self._wait(tokens)) > 0:  # noqa: ASYNC110 - it waits for time itself
                await asyncio.sleep(wait)
            self.spend(tokens)

    def spend(self, tokens: int) -> None:
        """For a request that is sent without waiting."""
        self._requests.spend(1)
        self._tokens.spend(tokens)

    def rest(self, seconds: float) -> None:
        self._rest_until = max(self._rest_until, monotonic() + seconds)

    def learn(self, headers: Mapping[str, str]) -> None:
        for bucket, what in ((self._requests, "requests"), (self._tokens, "tokens")):
            limit = _number(headers.get(f"x-ratelimit-limit-{what}"))
            left = _number(headers.get(f"x-ratelimit-remaining-{what}"))
            if limit and left is not None:
                bucket.learn(limit, left)

    def _wait(self, tokens: int) -> float:
        rest = self._rest_until - monotonic()
        return max(rest, self._requests.wait(1), self._tokens.wait(tokens))


class _Bucket:
    def __init__(self) -> None:
        self.limit = math.inf  # a minute
        self._level = math.inf
        self._at = monotonic()

    def wait(self, amount: float) -> float:
        """Seconds. For more than it can ever hold: until it is full."""
        missing = min(amount, self.limit) - self._now()
        return missing * _MINUTE / self.limit if missing > 0 else 0

    def spend(self, amount: float) -> None:
        self._level = self._now() - amount

    def learn(self, limit: float, left: float) -> None:
        """What is under way is spent here already, and perhaps not there; others spend there."""
        self._level = min(self._now(), left)
        self.limit = limit

    def _now(self) -> float:
        now = monotonic()
        if math.isfinite(self.limit):
            filled = (now - self._at) * self.limit / _MINUTE
            self._level = min(self.limit, self._level + filled)
        self._at = now
        return self._level


def _number(said: str | None) -> float | None:
    try:
        number = float(said or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None
