"""Anthropic's half of the provider speaks what the official SDK reads, by the SDK's own types."""

import json
from collections.abc import Iterator
from typing import Any

import anthropic
import httpx2
import pytest
from anthropic import Anthropic
from anthropic.types import Message, RawMessageStreamEvent
from pydantic import TypeAdapter

from tests.provider.script import Call, Reply
from tests.provider.server import Provider
from tests.provider.server import provider as running
from tests.provider.tokens import MESSAGE_OVERHEAD, count

MODEL = "claude-opus-4-7"
ASKED: list[Any] = [{"role": "user", "content": "How long?"}]
THINKING: Any = {"type": "adaptive", "display": "summarized"}
TOOL: Any = {"name": "find_order", "input_schema": {"type": "object"}}
REPLIES = {
    "an answer": Reply("Kept for 35 days [1].", cached=2, written=1),
    "a thought": Reply("Kept.", summary="First.\n\nThen.", reasoning=9),
    "calls": Reply("I look.", calls=(Call("find_order", '{"number": 7}'), Call("find_order"))),
    "a refusal": Reply("I cannot.", refusal=True),
    "a cut answer": Reply("Kept for", cut=True),
}


@pytest.fixture(scope="module")
def one_provider() -> Iterator[Provider]:
    with running() as found:
        yield found


@pytest.fixture
def provider(one_provider: Provider) -> Provider:
    one_provider.forget()
    return one_provider


@pytest.fixture
def sdk(provider: Provider) -> Iterator[Anthropic]:
    http = httpx2.Client(trust_env=False)
    with Anthropic(
        api_key="test", base_url=provider.anthropic_url, max_retries=0, http_client=http
    ) as client:
        yield client


def posted(provider: Provider, **body: object) -> httpx2.Response:
    asked = {"model": MODEL, "max_tokens": 9, "messages": ASKED, **body}
    with httpx2.Client(trust_env=False) as client:
        return client.post(f"{provider.anthropic_url}/v1/messages", json=asked)


def events(answer: httpx2.Response) -> list[Any]:
    lines = answer.text.splitlines()
    return [json.loads(line[6:]) for line in lines if line.startswith("data: {")]


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_a_message_has_every_field_of_its_type(provider: Provider, reply: Reply) -> None:
    provider.answer(reply)
    Message.model_validate(posted(provider, thinking=THINKING).json())


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_every_event_has_its_type(provider: Provider, reply: Reply) -> None:
    provider.answer(reply)
    event_type: TypeAdapter[Any] = TypeAdapter(RawMessageStreamEvent)
    for event in events(posted(provider, thinking=THINKING, stream=True)):
        if event["type"] != "ping":  # which the SDK's types leave out
            event_type.validate_python(event)


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_the_sdk_puts_a_stream_together_to_the_whole_answer(
    sdk: Anthropic, provider: Provider, reply: Reply
) -> None:
    provider.answer(reply, reply)
    whole = sdk.messages.create(model=MODEL, max_tokens=9, messages=ASKED, thinking=THINKING)
    with sdk.messages.stream(
        model=MODEL, max_tokens=9, messages=ASKED, thinking=THINKING
    ) as stream:
        found = stream.get_final_message()
    assert said(found) == said(whole)
    assert found.stop_reason == whole.stop_reason
    assert found.usage.output_tokens == whole.usage.output_tokens


def said(message: Any) -> list[object]:
    """Without the names of calls, which differ from answer to answer."""
    names = {"type", "text", "thinking", "signature", "name", "input"}
    return [block.model_dump(include=names) for block in message.content]


def test_what_the_cache_had_to_do_with_is_not_among_the_input_tokens(
    sdk: Anthropic, provider: Provider
) -> None:
    provider.answer(Reply(cached=2, written=1))
    used = sdk.messages.create(
        model=MODEL, max_tokens=9, messages=ASKED, system="Be brief and exact."
    ).usage
    asked = count("How long?") + MESSAGE_OVERHEAD + count("Be brief and exact.")
    assert (used.input_tokens, used.cache_read_input_tokens) == (asked - 3, 2)
    assert used.cache_creation_input_tokens == 1


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown field": ({"max_words": 3}, "max_words: Extra inputs"),
    "sampling": ({"temperature": 0.5}, "temperature: Extra inputs"),
    "a budget where the model decides": (
        {"thinking": {"type": "enabled", "budget_tokens": 2000}, "max_tokens": 4000},
        "not supported",
    ),
    "no turn of the user": ({"messages": [{"role": "assistant", "content": "Yes."}]}, "first"),
    "an empty text": (
        {"messages": [{"role": "user", "content": [{"type": "text", "text": " "}]}]},
        "non-whitespace",
    ),
    "a call without its result": (
        {
            "messages": [
                *ASKED,
                {
                    "role": "assistant",
                    "content": [{"type": "tool_use", "id": "a", "name": "b", "input": {}}],
                },
                *ASKED,
            ]
        },
        "do not pair",
    ),
    "a thought that was changed": (
        {
            "messages": [
                *ASKED,
                {
                    "role": "assistant",
                    "content": [{"type": "thinking", "thinking": "No.", "signature": "x"}],
                },
                *ASKED,
            ]
        },
        "signature",
    ),
    "a schema with a limit": (
        {
            "output_config": {
                "format": {
                    "type": "json_schema",
                    "schema": {"type": "integer", "minimum": 1},
                }
            }
        },
        "minimum",
    ),
}


@pytest.mark.parametrize(("body", "words"), REFUSED.values(), ids=REFUSED)
def test_what_the_api_refuses_is_refused(
    provider: Provider, body: dict[str, Any], words: str
) -> None:
    answer = posted(provider, **body)
    assert answer.status_code == 400
    assert words in answer.json()["error"]["message"]


def test_scripted_errors_reach_the_sdk_as_its_own(sdk: Anthropic, provider: Provider) -> None:
    provider.answer(Reply(status=529, error="busy", headers=(("retry-after", "7"),)))
    with pytest.raises(anthropic.APIStatusError, match="busy") as caught:
        sdk.messages.create(model=MODEL, max_tokens=9, messages=ASKED)
    assert caught.value.type == "overloaded_error"
    assert caught.value.response.headers["retry-after"] == "7"
    assert caught.value.request_id


def test_a_model_can_be_looked_up(sdk: Anthropic) -> None:
    assert sdk.models.retrieve(MODEL).id == MODEL


def test_results_of_tools_are_taken(sdk: Anthropic, provider: Provider) -> None:
    provider.answer(Reply(calls=(Call("find_order", '{"number": 7}'),), reasoning=3))
    asked = sdk.messages.create(
        model=MODEL, max_tokens=9, messages=ASKED, tools=[TOOL], thinking=THINKING
    )
    call = next(block for block in asked.content if block.type == "tool_use")
    result: Any = {"type": "tool_result", "tool_use_id": call.id, "content": "sent"}
    turns = [*ASKED, asked.to_param(), {"role": "user", "content": [result]}]
    provider.say("It is sent.")
    answer = sdk.messages.create(model=MODEL, max_tokens=9, messages=turns, tools=[TOOL])
    assert answer.stop_reason == "end_turn"
