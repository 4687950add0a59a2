"""A model that falls silent is given up: before its first item, or in the middle of a stream.

Bytes that keep a connection open do not count, only what is handed on. How long an answer may
take as a whole is the deadline's business.
"""

from contextlib import aclosing, closing
from dataclasses import dataclass
from math import inf
from time import monotonic

from domain.completion import ChatRequest
from domain.errors import ModelUnreachable
from gateway.policy.send import Items, Send
from gateway.policy.timer import Timer


@dataclass(frozen=True, slots=True)
class WatchConfig:
    first: float = 110  # seconds to the first item; just under the client's own time-out
    idle: float = 60  # between two items


def watched(send: Send, name: str, config: WatchConfig) -> Send:
    async def sent(request: ChatRequest) -> Items:
        limit = inf if request.background else config.first
        where = "before it began"
        async with aclosing(send(request)) as items:
            with closing(Timer()) as timer:
                while True:
                    try:
                        item = await timer.wait(anext(items), monotonic() + limit)
                    except StopAsyncIteration:
                        return
                    except TimeoutError as error:
                        said = f"{name} said nothing for {limit:g} s {where}."
                        raise ModelUnreachable(said, transient=True) from error
                    yield item
                    limit, where = config.idle, "in the middle of its answer"

    return sent
