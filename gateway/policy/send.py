"""The one shape that every policy takes and gives: a request in, deltas and one Completion out.

A whole answer is a stream of its Completion alone, so that no policy is written twice.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from domain.completion import ChatRequest, Completion, Delta
from domain.ports import ChatModel

Items = AsyncGenerator[Delta | Completion, None]
Send = Callable[[ChatRequest], Items]


def whole(model: ChatModel) -> Send:
    async def send(request: ChatRequest) -> Items:
        yield await model.complete(request)

    return send


async def completion_of(items: Items) -> Completion:
    """The last item; what comes before it is left unread."""
    async with aclosing(items):
        async for item in items:
            if isinstance(item, Completion):
                return item
    raise AssertionError("a model ends with a Completion or an error")
