"""Every way in which a call fails, streamed and whole: how often it is made, how long it waits,
what the caller gets, and that what is booked is what the provider would want to be paid.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import pytest
from openai import AsyncOpenAI

from domain.completion import ChatRequest
from domain.errors import (
    ForebayError,
    ModelBalanceEmpty,
    ModelContextExceeded,
    ModelRateLimited,
    ModelRejected,
    ModelUnreachable,
)
from gateway.chat.openai_responses import OpenAIResponses
from gateway.gateway import Gateway, GatewayConfig
from gateway.policy.send import Items, completion_of
from gateway.policy.watch import WatchConfig
from gateway.retry import RetryConfig
from prompts.compose import compose
from tests.gateway.place import a_gateway, a_lane
from tests.gateway.policy.scripted import MemoryLedger, heard
from tests.provider.faults import Fault
from tests.provider.script import Reply
from tests.provider.server import Provider
from tests.provider.tokens import counter

How = Literal["stream", "whole"]

WAIT = 0.02  # the first between two tries
REQUEST = ChatRequest(compose("How long?", []))
TEXT = "one two three four"
FOUR, ONE = 4, 1
PATIENT = WatchConfig(first=20, idle=20)


@dataclass(frozen=True, slots=True)
class Row:
    """What the provider does, and what follows from it."""

    reply: Reply
    error: type[ForebayError]
    calls: int = ONE
    another: bool = True  # may answer instead
    wait: float = WAIT
    words: str = ""  # of a stream, before it failed
    paid: bool = False  # each call
    patience: WatchConfig = PATIENT


def answering(status: int, after: str = "", code: str | None = None) -> Reply:
    return Reply(status=status, code=code, headers=(("retry-after", after),) if after else ())


def wired(kind: str, after: int = 0, seconds: float = 0.0) -> Reply:
    return Reply(TEXT, fault=Fault(kind, after, seconds))  # type: ignore[arg-type]


BEFORE: Mapping[str, Row] = {
    "400": Row(answering(400), ModelRejected, another=False),
    "401": Row(answering(401), ModelRejected, another=False),
    "403": Row(answering(403), ModelRejected, another=False),
    "404": Row(answering(404), ModelRejected, another=False),
    "409": Row(answering(409), ModelRejected, another=False),
    "422": Row(answering(422), ModelRejected, another=False),
    "too long": Row(
        answering(400, code="context_length_exceeded"), ModelContextExceeded, another=False
    ),
    "402, retry-after 0": Row(answering(402, "0"), ModelBalanceEmpty),
    "429": Row(answering(429), ModelRateLimited, FOUR),
    "429, retry-after 0.05": Row(answering(429, "0.05"), ModelRateLimited, FOUR, wait=0.05),
    "429, retry-after 600": Row(answering(429, "600"), ModelRateLimited),
    "429, no quota": Row(answering(429, code="insufficient_quota"), ModelBalanceEmpty),
    "500": Row(answering(500), ModelUnreachable, FOUR),
    "501": Row(answering(501), ModelUnreachable),
    "502": Row(answering(502), ModelUnreachable, FOUR),
    "503": Row(answering(503), ModelUnreachable, FOUR),
    "503, retry-after 0.05": Row(answering(503, "0.05"), ModelUnreachable, FOUR, wait=0.05),
    "504": Row(answering(504), ModelUnreachable, FOUR),
    "silence": Row(
        wired("silence", seconds=9),
        ModelUnreachable,
        FOUR,
        paid=True,
        patience=WatchConfig(first=0.3, idle=20),
    ),
    "closed": Row(wired("close"), ModelUnreachable, paid=True),
    "broken": Row(wired("broken"), ModelUnreachable, paid=True),
    "reset": Row(wired("reset"), ModelUnreachable, paid=True),
}
WORDS = 6  # frames until two words were said
AFTER: Mapping[str, Row] = {
    kind: Row(
        wired(kind, WORDS, 9),
        ModelUnreachable,
        another=False,
        words="one two",
        paid=True,
        patience=WatchConfig(first=20, idle=0.2 if kind == "stall" else 20),
    )
    for kind in ("stall", "close", "torn", "broken", "reset")
}
HARMLESS = {
    "trickle": wired("trickle", seconds=0.01),
    "repeat": wired("repeat", WORDS),
    "no end": wired("no end"),
}


@pytest.fixture
def ledger() -> MemoryLedger:
    return MemoryLedger()


Open = Callable[..., Gateway]

MODELS = ("gpt-5.4-mini", "gpt-5.4-nano")


@pytest.fixture
def opened(client: AsyncOpenAI, ledger: MemoryLedger) -> Open:
    """So many models, and how long a silence is borne."""

    def a_chain(models: int, patience: WatchConfig = PATIENT) -> Gateway:
        config = GatewayConfig(30, RetryConfig(first_wait=WAIT), patience)
        lanes = [a_lane(OpenAIResponses(client, m), f"openai/{m}") for m in MODELS[:models]]
        return a_gateway(*lanes, ledger=ledger, config=config)

    counter().count("")  # loads the vocabulary
    return a_chain


def asked(gateway: Gateway, how: How) -> Items:
    return gateway.stream(REQUEST) if how == "stream" else completed(gateway)


async def completed(gateway: Gateway) -> Items:
    yield await gateway.complete(REQUEST)


async def settle(gateway: Gateway, provider: Provider, paid: int) -> None:
    """Both sides notice an end by themselves."""
    await gateway.close()
    for _ in range(100):
        if len(provider.served) >= paid:
            return
        await asyncio.sleep(0.01)


def booked_is_billed(ledger: MemoryLedger, provider: Provider) -> bool:
    ours = sorted((r.usage.input, r.usage.output, r.cost_microdollars) for r in ledger.rows)
    theirs = sorted((s.input, s.output, s.cost_microdollars) for s in provider.served)
    return ours == theirs


@pytest.mark.parametrize("how", ["stream", "whole"])
@pytest.mark.parametrize("row", BEFORE.values(), ids=BEFORE)
async def test_a_call_that_fails_before_its_first_word(
    opened: Open, provider: Provider, ledger: MemoryLedger, row: Row, how: How
) -> None:
    alone = opened(1, row.patience)
    provider.answer(*[row.reply] * FOUR)
    words, error = await heard(asked(alone, how))
    await settle(alone, provider, row.calls if row.paid else 0)
    assert (words, type(error), len(provider.received)) == ([], row.error, row.calls)
    waits = [b.at - a.at for a, b in pairwise(provider.received)]
    assert all(wait >= row.wait * 0.9 for wait in waits)
    assert len(ledger.rows) == (row.calls if row.paid else 0)
    assert booked_is_billed(ledger, provider)


@pytest.mark.parametrize("row", AFTER.values(), ids=AFTER)
async def test_a_stream_that_fails_after_its_first_word(
    opened: Open, provider: Provider, ledger: MemoryLedger, row: Row
) -> None:
    two = opened(2, row.patience)
    provider.answer(row.reply)
    words, error = await heard(two.stream(REQUEST))
    await settle(two, provider, 1)
    assert ("".join(words), type(error), len(provider.received)) == (row.words, row.error, 1)
    assert len(ledger.rows) == 1
    assert booked_is_billed(ledger, provider)


@pytest.mark.parametrize("how", ["stream", "whole"])
@pytest.mark.parametrize("row", BEFORE.values(), ids=BEFORE)
async def test_another_model_answers_or_the_error_is_seen(
    opened: Open, provider: Provider, ledger: MemoryLedger, row: Row, how: How
) -> None:
    two = opened(2, row.patience)
    provider.answer(*[row.reply] * row.calls, Reply(TEXT))
    if row.another:
        completion = await completion_of(asked(two, how))
        assert (completion.text, completion.model) == (TEXT, "gpt-5.4-nano")
        assert (completion.retries, len(provider.received)) == (row.calls, row.calls + 1)
        assert "openai/gpt-5.4-mini was passed over" in completion.notes[0]
    else:
        assert isinstance((await heard(asked(two, how)))[1], row.error)
        assert len(provider.received) == 1
    await settle(two, provider, row.calls * row.paid + row.another)
    assert booked_is_billed(ledger, provider)


@pytest.mark.parametrize("reply", HARMLESS.values(), ids=HARMLESS)
async def test_what_is_odd_but_whole_is_an_answer(
    opened: Open, provider: Provider, ledger: MemoryLedger, reply: Reply
) -> None:
    alone = opened(1)
    provider.answer(reply)
    words, error = await heard(alone.stream(REQUEST))
    assert ("".join(words), error) == (TEXT, None)
    await settle(alone, provider, 1)
    assert booked_is_billed(ledger, provider)


@pytest.mark.parametrize("times", [1, 2, 3])
async def test_what_passes_in_time_is_answered_by_the_same_model(
    opened: Open, provider: Provider, times: int
) -> None:
    two = opened(2)
    provider.answer(*[answering(503)] * times, Reply(TEXT))
    completion = await two.complete(REQUEST)
    assert (completion.model, completion.retries, completion.notes) == (MODELS[0], times, ())
