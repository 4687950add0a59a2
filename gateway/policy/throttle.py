"""How much is asked of one model with one key a minute, in requests and in tokens.

Whoever comes first goes first, in all processes that share the buckets. A wait that would outlast
the request or our patience is not begun. Tokens are estimated before the call, the output limit
included, as providers do; what was estimated too much is given back after it.
"""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from domain.completion import ChatRequest, Completion
from domain.errors import DeadlineExceeded, ModelRateLimited
from gateway.observer import Observer
from gateway.policy.send import Items, Send

_BYTES_A_TOKEN = 4  # about, in UTF-8, in any language; exact counts cost more than they help here
_SHARE = 0.95  # of a minute's worth at once: calls do not all take equally long to get there


@dataclass(frozen=True, slots=True)
class Draw:
    """So much out of a bucket, which fills up again at a steady rate."""

    bucket: str
    amount: float
    a_minute: float

    @property
    def most(self) -> float:
        """What the bucket holds when it is full."""
        return max(1.0, self.a_minute * _SHARE)

    def back(self, amount: float) -> "Draw":
        return Draw(self.bucket, -amount, self.a_minute)


class Buckets(Protocol):
    async def draw(self, draws: Sequence[Draw], longest: float) -> float:
        """Draws all of it and says in how many seconds it will be there.

        When that is more than `longest`, nothing was drawn.
        """
        ...


@dataclass(frozen=True, slots=True)
class ThrottleConfig:
    requests: int | None = None  # a minute
    tokens: int | None = None
    longest_wait: float = 30  # seconds


def throttled(
    send: Send,
    name: str,
    buckets: Buckets,
    config: ThrottleConfig,
    observer: Observer | None = None,
) -> Send:
    """`name` says of which model with which key."""
    if config.requests is None and config.tokens is None:
        return send

    async def sent(request: ChatRequest) -> Items:
        estimate = estimated(request)
        draws = _draws(name, config, estimate)
        wait = await _wait(name, draws, buckets, config, request)
        if observer:
            observer.waited(name, wait)
        async with aclosing(send(request)) as items:
            async for item in items:
                if isinstance(item, Completion) and config.tokens:
                    rest = estimate - item.usage.input - item.usage.output
                    await buckets.draw([draws[-1].back(rest)], float("inf"))
                yield item

    return sent


def estimated(request: ChatRequest) -> int:
    prompt = request.prompt
    texts = [message.text for message in prompt.messages]
    texts += [tool.description + tool.parameters for tool in prompt.tools]
    texts += [result.text for turn in prompt.rounds for result in turn.results]
    return sum(len(t.encode()) for t in texts) // _BYTES_A_TOKEN + request.max_output_tokens


def _draws(name: str, config: ThrottleConfig, tokens: int) -> list[Draw]:
    found = []
    if config.requests:
        found.append(Draw(f"{name} requests", 1, config.requests))
    if config.tokens:
        found.append(Draw(f"{name} tokens", tokens, config.tokens))
    return found


async def _wait(
    name: str, draws: Sequence[Draw], buckets: Buckets, config: ThrottleConfig, request: ChatRequest
) -> float:
    left = request.deadline.left if request.deadline else float("inf")
    wait = await buckets.draw(draws, min(left, config.longest_wait))
    if wait > left:
        raise DeadlineExceeded(
            f"The next turn at {name} is in {wait:.1f} s and {left:.1f} s are left.",
            stage="throttle",
        )
    if wait > config.longest_wait:
        raise ModelRateLimited(
            f"{name} has been asked as much as is allowed a minute; the next turn is in "
            f"{wait:.0f} s.",
            retry_after=wait,
        )
    if wait <= 0:
        return 0.0
    try:
        await asyncio.sleep(wait)
    except asyncio.CancelledError:
        await asyncio.shield(buckets.draw([d.back(d.amount) for d in draws], float("inf")))
        raise
    return wait
