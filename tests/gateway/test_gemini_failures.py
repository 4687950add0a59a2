"""What goes wrong at Gemini's side, as errors of ours; and what a listener who leaves stops."""

import json
from collections.abc import Callable
from contextlib import aclosing
from time import monotonic
from typing import Any

import pytest

from domain import errors
from domain.completion import ChatRequest, Completion, Delta, Usage
from domain.prompt import Message, Prompt
from gateway.chat.gemini import GeminiGenerate
from gateway.gemini_client import GeminiConfig, open_gemini
from tests.contracts.chat_model import kept, streamed
from tests.gateway.billed import billed
from tests.provider.faults import Fault
from tests.provider.script import Reply
from tests.provider.server import Provider

Make = Callable[[str], GeminiGenerate]

MODEL = "gemini-3.1-pro-preview"
REQUEST = ChatRequest(Prompt("test/v1", (), (), (Message("user", "How long?"),), "How long?", ()))


def chunks(*found: dict[str, Any]) -> Reply:
    frames = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in found)
    return Reply(verbatim=frames, media_type="text/event-stream")


def ended(reason: str) -> dict[str, Any]:
    return {
        "candidates": [{"content": {"parts": []}, "finishReason": reason}],
        "usageMetadata": {"promptTokenCount": 5},
    }


ENDS: dict[str, tuple[dict[str, Any], type[errors.ModelError], str]] = {
    "a call written wrongly": (
        ended("MALFORMED_FUNCTION_CALL"),
        errors.ModelUnreachable,
        "MALFORMED",
    ),
    "a signature missing": (ended("MISSING_THOUGHT_SIGNATURE"), errors.ModelRejected, "SIGNATURE"),
    "no finish": ({"usageMetadata": {"promptTokenCount": 5}}, errors.ModelUnreachable, "finishing"),
    "no usage": ({"candidates": [{"finishReason": "STOP"}]}, errors.ModelUnreachable, "used"),
    "an error": (
        {"error": {"code": 503, "message": "busy now", "status": "UNAVAILABLE"}},
        errors.ModelUnreachable,
        "busy now",
    ),
}


@pytest.mark.parametrize(("chunk", "kind", "words"), ENDS.values(), ids=ENDS)
async def test_a_stream_that_ends_otherwise_is_an_error(
    gemini: Make,
    provider: Provider,
    chunk: dict[str, Any],
    kind: type[errors.ModelError],
    words: str,
) -> None:
    provider.answer(chunks(chunk))
    with pytest.raises(kind, match=words):
        await streamed(gemini(MODEL).stream(REQUEST))


@pytest.mark.parametrize("reason", ["MALFORMED_FUNCTION_CALL", "MISSING_THOUGHT_SIGNATURE"])
async def test_an_answer_that_is_none_says_what_it_used(
    gemini: Make, provider: Provider, reason: str
) -> None:
    provider.answer(chunks(ended(reason)))
    with pytest.raises(errors.ModelError) as caught:
        await streamed(gemini(MODEL).stream(REQUEST))
    assert caught.value.usage == Usage(input=5)


ERRORS: dict[str, tuple[Reply, type[errors.ModelError], str]] = {
    "too large": (Reply(status=413), errors.ModelRejected, "fewer passages"),
    "credits used up": (
        Reply(status=429, error="Your prepayment credits are depleted."),
        errors.ModelBalanceEmpty,
        "Top up",
    ),
    "too long": (
        Reply(status=400, error="The input token count exceeds the maximum number of tokens."),
        errors.ModelContextExceeded,
        ".",
    ),
    "a wrong key": (
        Reply(status=400, code="API_KEY_INVALID"),
        errors.ModelRejected,
        "GEMINI_API_KEY",
    ),
    "a web page": (
        Reply(verbatim="<html>", media_type="text/html"),
        errors.ModelRejected,
        "GEMINI_BASE_URL",
    ),
    "no JSON": (Reply(verbatim="{"), errors.ModelUnreachable, "cannot be read"),
    "another JSON": (Reply(verbatim='{"candidates": 3}'), errors.ModelUnreachable, "read"),
}


@pytest.mark.parametrize(("reply", "kind", "words"), ERRORS.values(), ids=ERRORS)
async def test_an_error_is_what_it_means(
    gemini: Make, provider: Provider, reply: Reply, kind: type[errors.ModelError], words: str
) -> None:
    provider.answer(reply)
    with pytest.raises(kind, match=words) as caught:
        await gemini(MODEL).complete(REQUEST)
    assert type(caught.value) is kind


@pytest.mark.parametrize("kind", ["close", "torn", "broken", "reset"])
async def test_a_stream_that_ends_too_early_is_an_error_after_what_it_said(
    gemini: Make, provider: Provider, kind: Any
) -> None:
    provider.answer(Reply("one two three four five", fault=Fault(kind, after=3)))
    said: list[Delta | Completion] = []
    with pytest.raises(errors.ModelUnreachable):
        await kept(gemini(MODEL).stream(REQUEST), said)
    assert said[:2] == [Delta("one"), Delta(" two")]


async def test_who_stops_listening_stops_the_provider(gemini: Make, provider: Provider) -> None:
    provider.answer(Reply("word " * 40, fault=Fault("trickle", seconds=0.05)))
    start = monotonic()
    async with aclosing(gemini(MODEL).stream(REQUEST)) as events:
        await anext(events)
    bill = await billed(provider, start)  # in a second; the whole answer would take two
    assert not bill.whole


async def test_a_key_that_cannot_be_sent_is_refused_without_being_shown() -> None:
    with pytest.raises(errors.Misconfigured, match="GEMINI_API_KEY") as caught:
        async with open_gemini(GeminiConfig("secret\n")):
            pass
    assert "secret" not in str(caught.value)
