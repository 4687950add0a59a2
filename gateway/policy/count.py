"""What one request has come to so far, over all its retries and all its models."""

from contextlib import aclosing
from dataclasses import dataclass

from domain.completion import ChatRequest
from domain.errors import ModelError
from gateway.counting import Asked
from gateway.observer import Observer
from gateway.policy.send import Items, Send


@dataclass(slots=True)
class Tally:
    asked: Asked
    failed: int = 0  # calls
    spent: int = 0  # micro-dollars, since they were last taken

    def take(self) -> int:
        spent, self.spent = self.spent, 0
        return spent


def counted(send: Send, tally: Tally, lane: str, observer: Observer) -> Send:
    async def sent(request: ChatRequest) -> Items:
        try:
            async with aclosing(send(request)) as items:
                async for item in items:
                    yield item
        except ModelError as error:
            tally.failed += 1
            observer.failed(lane, error)
            raise

    return sent
