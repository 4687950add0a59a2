"""Leaves a model alone that keeps failing, and tries it again with one call.

closed ── failures in the window ──► open ── rest is over ──► half-open ── one call ──► closed
                                      ▲                                  └─ it fails ──► open

An empty balance opens it at once, and for longer. What the provider rejects says nothing about
its health, nor does who stops listening.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from time import monotonic
from typing import Literal

from domain.completion import ChatRequest
from domain.errors import ModelBalanceEmpty, ModelError, ModelUnreachable
from gateway.policy.send import Items, Send

State = Literal["closed", "open", "half-open"]


@dataclass(frozen=True, slots=True)
class BreakerConfig:
    window: float = 30  # seconds
    failures: int = 5  # in it, and at least half of its calls
    rest: float = 15  # seconds; doubled each time the one call fails
    longest_rest: float = 300
    rest_without_balance: float = 300


class Breaker:
    def __init__(
        self, name: str, config: BreakerConfig, clock: Callable[[], float] = monotonic
    ) -> None:
        self.name = name
        self._config = config
        self._clock = clock
        self._seen: deque[tuple[float, bool]] = deque()  # when, and whether it failed
        self._why: ModelError | None = None  # it is open
        self._until = 0.0
        self._rest = config.rest
        self._probing = False

    @property
    def state(self) -> State:
        if self._why is None:
            return "closed"
        return "open" if self._clock() < self._until else "half-open"

    @property
    def why(self) -> str:
        return str(self._why or "")

    def admit(self) -> bool:
        """Raises what opened it; True for the one call that tries whether it may close."""
        if self._why is None:
            return False
        if self.state == "open" or self._probing:
            raise self._left_alone(self._why)
        self._probing = True
        return True

    def release(self) -> None:
        """The one call ended without saying anything about the model."""
        self._probing = False

    def succeed(self) -> None:
        self._note(failed=False)
        self._why, self._probing, self._rest = None, False, self._config.rest

    def fail(self, error: ModelError, *, probing: bool = False) -> None:
        self._note(failed=True)
        if isinstance(error, ModelBalanceEmpty):
            self._open(error, self._config.rest_without_balance)
        elif probing:
            self._rest = min(2 * self._rest, self._config.longest_rest)
            self._open(error, self._rest)
        elif self._why is None and self._too_many():
            self._open(error, self._rest)

    def _open(self, error: ModelError, seconds: float) -> None:
        self._why, self._until = error, self._clock() + seconds

    def _note(self, *, failed: bool) -> None:
        now = self._clock()
        self._seen.append((now, failed))
        while self._seen[0][0] < now - self._config.window:
            self._seen.popleft()

    def _too_many(self) -> bool:
        failures = sum(failed for _, failed in self._seen)
        return failures >= self._config.failures and 2 * failures >= len(self._seen)

    def _left_alone(self, why: ModelError) -> ModelError:
        left = max(0.0, self._until - self._clock())
        said = f"{self.name} is left alone for {left:.0f} s more, after this: {why}"
        if isinstance(why, ModelBalanceEmpty):
            return ModelBalanceEmpty(said)
        return ModelUnreachable(said, retry_after=left, begun=False)


def broken_off(send: Send, breaker: Breaker) -> Send:
    async def sent(request: ChatRequest) -> Items:
        probing, begun = breaker.admit(), False
        try:
            async with aclosing(send(request)) as items:
                async for item in items:
                    if not begun:
                        begun = True
                        breaker.succeed()
                    yield item
        except (ModelUnreachable, ModelBalanceEmpty) as error:
            breaker.fail(error, probing=probing and not begun)
            raise
        except asyncio.CancelledError:
            if not begun and request.deadline and not request.deadline.left:
                silent = ModelUnreachable(f"{breaker.name} was silent until the deadline.")
                breaker.fail(silent, probing=probing)
            raise
        finally:
            if probing and not begun:
                breaker.release()

    return sent
