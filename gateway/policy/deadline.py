"""One time budget for a request: whatever stage it is in, it ends when the time is over.

The time runs while we wait for the next item, not while the reader of a stream does something
else with the last one: nothing of his is ever interrupted.
"""

from contextlib import aclosing, closing

from domain.completion import ChatRequest
from domain.errors import DeadlineExceeded
from gateway.policy.send import Items, Send
from gateway.policy.timer import Timer


def within_deadline(send: Send) -> Send:
    async def sent(request: ChatRequest) -> Items:
        if request.deadline is None:
            raise AssertionError("the gateway gives every request a deadline")
        if not request.deadline.left:
            raise DeadlineExceeded("No time is left to ask a model.", stage="model")
        until = request.deadline.at
        async with aclosing(send(request)) as items:
            with closing(Timer()) as timer:
                while True:
                    try:
                        item = await timer.wait(anext(items), until)
                    except StopAsyncIteration:
                        return
                    except TimeoutError as error:
                        raise DeadlineExceeded(
                            "The time of the request was over before the model had answered.",
                            stage="model",
                        ) from error
                    yield item

    return sent
