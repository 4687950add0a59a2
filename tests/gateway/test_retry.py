"""When a call is tried again, how long it waits, and what is never tried again."""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from itertools import pairwise

import pytest
from openai import AsyncOpenAI

from domain.completion import ChatRequest
from domain.errors import (
    ModelBalanceEmpty,
    ModelError,
    ModelRateLimited,
    ModelRejected,
    ModelUnreachable,
)
from gateway.chat.openai_responses import OpenAIResponses, ResponsesConfig
from gateway.retry import RetryConfig, retried, retried_stream
from prompts.compose import compose
from tests.provider.script import Reply
from tests.provider.server import Provider

FAST = RetryConfig(first_wait=0.001)


def failing(*failures: ModelError) -> tuple[list[float], Callable[[], Awaitable[str]]]:
    """A call that fails so many times, and when it was made."""
    left, made = list(failures), []

    async def call() -> str:
        made.append(time.monotonic())
        if left:
            raise left.pop(0)
        return "done"

    return made, call


def test_the_waits_are_one_two_and_four_seconds_unless_set() -> None:
    config = RetryConfig()
    waits = [config.first_wait * 2**attempt for attempt in range(config.attempts - 1)]
    assert waits == [1, 2, 4]


async def test_waits_double() -> None:
    made, call = failing(*[ModelRateLimited("busy")] * 3)
    assert await retried(call, RetryConfig(first_wait=0.05)) == "done"
    waits = [b - a for a, b in pairwise(made)]
    for wait, least in zip(waits, [0.05, 0.1, 0.2], strict=True):
        assert wait >= least


NEVER = {
    "rejected": ModelRejected("no"),
    "no balance": ModelBalanceEmpty("empty"),
    "nobody there": ModelUnreachable("refused"),
    "asked to wait too long": ModelRateLimited("busy", retry_after=600),
}


@pytest.mark.parametrize("error", NEVER.values(), ids=NEVER)
async def test_what_will_not_pass_soon_is_called_once(error: ModelError) -> None:
    made, call = failing(error)
    with pytest.raises(type(error)):
        await retried(call, FAST)
    assert len(made) == 1


@pytest.mark.parametrize(("status", "calls"), [(500, 4), (501, 1), (503, 4), (409, 1), (422, 1)])
async def test_each_status_is_called_so_often(
    client: AsyncOpenAI, provider: Provider, status: int, calls: int
) -> None:
    provider.answer(*[Reply(status=status)] * 4)
    model = OpenAIResponses(client, "gpt-5.4-mini", ResponsesConfig(retry=FAST))
    with pytest.raises(ModelError, match=str(status)):
        await model.complete(ChatRequest(compose("How long?", [])))
    assert len(provider.received) == calls


async def test_a_read_time_out_is_tried_again(client: AsyncOpenAI, provider: Provider) -> None:
    provider.answer(Reply(wait=0.5), Reply("Now."))
    impatient = client.with_options(timeout=0.1)
    model = OpenAIResponses(impatient, "gpt-5.4-mini", ResponsesConfig(retry=FAST))
    assert (await model.complete(ChatRequest(compose("How long?", [])))).text == "Now."
    assert len(provider.received) == 2


async def test_a_stream_that_nobody_listens_to_any_more_is_closed() -> None:
    closed = []

    async def stream() -> AsyncGenerator[int, None]:
        try:
            yield 1
            yield 2
        finally:
            closed.append(True)

    pieces = retried_stream(stream, FAST)
    assert await anext(pieces) == 1
    await pieces.aclose()
    assert closed == [True]
