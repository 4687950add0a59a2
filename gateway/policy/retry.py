"""Asks the same model again when it was busy or away for now, but only before its first item.

When and how often stands in `gateway/retry.py`.
"""

from contextlib import aclosing

from domain.completion import ChatRequest, Completion, Delta
from gateway.policy.send import Items, Send
from gateway.retry import RetryConfig, attempts


def retried(send: Send, config: RetryConfig) -> Send:
    async def sent(request: ChatRequest) -> Items:
        async def first() -> tuple[Items, Delta | Completion]:
            items = send(request)
            return items, await anext(items)

        begun: tuple[Items, Delta | Completion] = await attempts(config, request.deadline)(first)
        items, item = begun
        async with aclosing(items):
            yield item
            async for item in items:
                yield item

    return sent
