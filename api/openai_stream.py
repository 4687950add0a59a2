"""A stream that begins when there is something to say: before that an error has its own status."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from answering.question import Event
from api.asked import Asked
from api.drain import Drain
from domain.answers import Answer
from domain.completion import Delta
from wiring.services import Services

Stream = AsyncGenerator[Event, None]


async def begun(asked: Asked, services: Services, drain: Drain) -> Stream:
    """All the events; whoever gets them closes them."""
    events = services.stream(asked.question, asked.config, asked.choices)
    heard: list[Event] = []
    try:
        async for event in events:
            heard.append(event)
            if isinstance(event, Delta | Answer):
                break
    except BaseException:
        await events.aclose()
        raise
    return _from(heard, drain.until_over(events))


async def _from(heard: list[Event], events: Stream) -> Stream:
    async with aclosing(events):
        for event in heard:
            yield event
        async for event in events:
            yield event
