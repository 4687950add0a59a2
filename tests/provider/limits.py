"""What a key is allowed: so many tokens a minute, so many requests at once. Knows no HTTP."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic


@dataclass(slots=True)
class Limits:
    tokens: float = math.inf  # a minute
    left: float = math.inf  # at the beginning
    at_once: float = math.inf
    busy_until: float = 0  # by the monotonic clock: until then nothing is allowed
    refused: int = 0
    under_way: int = 0
    most_under_way: int = 0
    _at: float = field(default_factory=monotonic)

    @contextmanager
    def request(self) -> Iterator[None]:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            yield
        finally:
            self.under_way -= 1

    def allow(self, tokens: int) -> bool:
        self._refill()
        free = self.under_way <= self.at_once and monotonic() >= self.busy_until
        if free and tokens <= self.left:
            self.left -= tokens
            return True
        self.refused += 1
        return False

    def headers(self) -> dict[str, str]:
        if math.isinf(self.tokens):
            return {}
        return {
            "x-ratelimit-limit-requests": "3000",
            "x-ratelimit-remaining-requests": "2999",
            "x-ratelimit-limit-tokens": str(int(self.tokens)),
            "x-ratelimit-remaining-tokens": str(int(self.left)),
        }

    def _refill(self) -> None:
        now = monotonic()
        if math.isfinite(self.tokens):
            self.left = min(self.tokens, self.left + (now - self._at) * self.tokens / 60)
        self._at = now
