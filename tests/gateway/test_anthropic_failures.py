"""What goes wrong at Anthropic's side, as errors of ours; and what a listener who leaves stops."""

import json
from collections.abc import Callable
from contextlib import aclosing
from time import monotonic
from typing import Any

import pytest

from domain import errors
from domain.completion import ChatRequest, Completion, Delta
from domain.prompt import Message, Prompt
from gateway.anthropic_client import AnthropicConfig, open_anthropic
from gateway.chat.anthropic import AnthropicMessages
from tests.contracts.chat_model import kept, streamed
from tests.gateway.billed import billed
from tests.provider.faults import Fault
from tests.provider.script import Reply
from tests.provider.server import Provider

Make = Callable[[str], AnthropicMessages]

MODEL = "claude-opus-4-7"
REQUEST = ChatRequest(Prompt("test/v1", (), (), (Message("user", "How long?"),), "How long?", ()))


ERRORS: dict[str, tuple[Reply, type[errors.ModelError], str]] = {
    "overloaded": (Reply(status=529), errors.ModelUnreachable, "."),
    "too large": (Reply(status=413), errors.ModelRejected, "fewer passages"),
    "credit used up": (
        Reply(status=400, error="Your credit balance is too low"),
        errors.ModelBalanceEmpty,
        "Top up",
    ),
    "spend limit": (
        Reply(status=429, code="enforced_spend_limit_reached"),
        errors.ModelBalanceEmpty,
        "Top up",
    ),
    "too long": (
        Reply(status=400, error="prompt is too long: 210000 tokens > 200000 maximum"),
        errors.ModelContextExceeded,
        ".",
    ),
    "a wrong key": (Reply(status=401), errors.ModelRejected, "ANTHROPIC_API_KEY"),
    "a web page": (
        Reply(verbatim="<html>", media_type="text/html"),
        errors.ModelRejected,
        "ANTHROPIC_BASE_URL",
    ),
    "no JSON": (Reply(verbatim="{", media_type="application/json"), errors.ModelUnreachable, "."),
    "another JSON": (Reply(verbatim='{"ok": true}'), errors.ModelUnreachable, "cannot be read"),
}


@pytest.mark.parametrize(("reply", "kind", "words"), ERRORS.values(), ids=ERRORS)
async def test_an_error_is_what_it_means(
    claude: Make, provider: Provider, reply: Reply, kind: type[errors.ModelError], words: str
) -> None:
    provider.answer(reply)
    with pytest.raises(kind, match=words) as caught:
        await claude(MODEL).complete(REQUEST)
    assert type(caught.value) is kind


async def test_an_overload_inside_a_stream_may_pass(claude: Make, provider: Provider) -> None:
    said = {"type": "error", "error": {"type": "overloaded_error", "message": "busy now"}}
    frame = f"event: error\ndata: {json.dumps(said)}\n\n"
    provider.answer(Reply(verbatim=frame, media_type="text/event-stream"))
    with pytest.raises(errors.ModelUnreachable, match="busy now") as caught:
        await streamed(claude(MODEL).stream(REQUEST))
    assert caught.value.transient


@pytest.mark.parametrize("kind", ["close", "torn", "broken", "reset"])
async def test_a_stream_that_ends_too_early_is_an_error_after_what_it_said(
    claude: Make, provider: Provider, kind: Any
) -> None:
    provider.answer(Reply("one two three four five", fault=Fault(kind, after=6)))
    said: list[Delta | Completion] = []
    with pytest.raises(errors.ModelUnreachable):
        await kept(claude(MODEL).stream(REQUEST), said)
    assert said[:2] == [Delta("one"), Delta(" two")]


async def test_a_block_that_begins_twice_is_an_error(claude: Make, provider: Provider) -> None:
    provider.answer(Reply("one two three", fault=Fault("repeat", after=2)))
    with pytest.raises(errors.ModelUnreachable, match="twice"):
        await streamed(claude(MODEL).stream(REQUEST))


async def test_who_stops_listening_stops_the_provider(claude: Make, provider: Provider) -> None:
    provider.answer(Reply("word " * 40, fault=Fault("trickle", seconds=0.05)))
    start = monotonic()
    async with aclosing(claude(MODEL).stream(REQUEST)) as events:
        await anext(events)
    bill = await billed(provider, start)  # in a second; the whole answer would take two
    assert not bill.whole


async def test_a_key_that_cannot_be_sent_is_refused_without_being_shown() -> None:
    with pytest.raises(errors.Misconfigured, match="ANTHROPIC_API_KEY") as caught:
        async with open_anthropic(AnthropicConfig("secret\n")):
            pass
    assert "secret" not in str(caught.value)
