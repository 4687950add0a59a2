"""The provider knows tools, images, schemas and background work, and refuses what OpenAI does."""

import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai import OpenAI
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from tests.provider import chat, responses
from tests.provider.script import Call, Reply
from tests.provider.server import Provider
from tests.provider.server import provider as running
from tests.provider.tokens import IMAGE, MESSAGE_OVERHEAD, count, count_json

MODEL = "gpt-5.4-mini"
ASKED = [{"role": "user", "content": "How long?"}]
CLOSED = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
TOOL = {"type": "function", "name": "find", "parameters": CLOSED, "strict": True}
CHAT_TOOL = {"type": "function", "function": {"name": "find", "parameters": CLOSED}}
THOUGHT = Reply("I look.", (Call("find"), Call("find", '{"a": 1}')), "It looks.\n\nIt finds.")


@pytest.fixture(scope="module")
def one_provider() -> Iterator[Provider]:
    with running() as found:
        yield found


@pytest.fixture
def provider(one_provider: Provider) -> Provider:
    one_provider.forget()
    return one_provider


@pytest.fixture
def sdk(provider: Provider) -> Iterator[OpenAI]:
    with OpenAI(api_key="sk-test", base_url=provider.url, max_retries=0) as client:
        yield client


def test_thoughts_words_and_calls_have_every_field_of_their_types() -> None:
    body = {"model": MODEL, "input": ASKED, "messages": ASKED}
    Response.model_validate(responses.whole(body, THOUGHT))
    ChatCompletion.model_validate(chat.whole(body, THOUGHT))
    event_type: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)
    for event in responses.events(body, THOUGHT):
        event_type.validate_python(event)
    for chunk in chat.events(body, THOUGHT):
        ChatCompletionChunk.model_validate(chunk)


def test_events_of_thoughts_and_calls_come_in_the_order_of_the_api() -> None:
    events = responses.events({"model": MODEL, "input": ASKED}, THOUGHT)
    kinds = [event["type"].removeprefix("response.") for event in events]
    summary = [f"reasoning_summary_{kind}" for kind in
               ("part.added", "text.delta", "text.done", "part.done")]  # fmt: skip
    text = ["content_part.added", "output_text.delta", "output_text.done", "content_part.done"]
    call = ["function_call_arguments.delta", "function_call_arguments.done"]

    def item(*inside: str) -> list[str]:
        return ["output_item.added", *inside, "output_item.done"]

    once = [kind for kind, before in zip(kinds, ["", *kinds], strict=False) if kind != before]
    assert once == [
        "created", "in_progress", *item(*summary, *summary), *item(*text),
        *item(*call), *item(*call), "completed",
    ]  # fmt: skip


def test_the_sdk_puts_streamed_calls_together(sdk: OpenAI, provider: Provider) -> None:
    provider.answer(THOUGHT)
    with sdk.responses.stream(model=MODEL, input="How long?") as events:
        found = events.get_final_response()
    calls = [item for item in found.output if item.type == "function_call"]
    assert [call.arguments for call in calls] == ["{}", '{"a": 1}']


def test_images_tools_and_schemas_count(sdk: OpenAI) -> None:
    image = {"type": "input_image", "image_url": "https://example.com/a.png", "detail": "low"}
    asked = [{"role": "user", "content": [{"type": "input_text", "text": "How long?"}, image]}]
    wanted = {"type": "json_schema", "name": "x", "schema": CLOSED, "strict": True}
    body = {"model": MODEL, "input": asked, "tools": [TOOL], "text": {"format": wanted}}
    answer = sdk.post("/responses", body=body, cast_to=Response)
    assert answer.usage is not None
    schemas = count_json(TOOL) + count_json(CLOSED)
    expected = count("How long?") + MESSAGE_OVERHEAD + IMAGE["low"] + schemas
    assert answer.usage.input_tokens == expected


def test_calls_and_thoughts_are_output(sdk: OpenAI, provider: Provider) -> None:
    provider.answer(Reply(calls=(Call("find", '{"a": 1}'),), reasoning=11))
    answer = sdk.responses.create(model=MODEL, input="How long?")
    assert answer.usage is not None
    assert answer.usage.output_tokens == count("find") + count('{"a": 1}') + 11


def test_without_a_script_an_answer_fits_its_schema(sdk: OpenAI) -> None:
    schema = {**CLOSED, "properties": {"days": {"type": "integer"}}, "required": ["days"]}
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema, "strict": True}}
    body = {"model": MODEL, "messages": ASKED, "response_format": wanted}
    answer = sdk.post("/chat/completions", body=body, cast_to=ChatCompletion)
    assert json.loads(answer.choices[0].message.content or "") == {"days": 0}


def test_a_background_answer_is_queued_then_in_progress_then_there(
    sdk: OpenAI, provider: Provider
) -> None:
    provider.answer(Reply("Yes.", polls=(200,)))
    answer = sdk.responses.create(model=MODEL, input="How long?", background=True)
    seen = [answer.status]
    while answer.status != "completed":
        answer = sdk.responses.retrieve(answer.id)
        seen.append(answer.status)
    assert seen == ["queued", "in_progress", "completed"]
    assert answer.output_text == "Yes."
    assert sdk.responses.cancel(answer.id).status == "cancelled"


RESPONSES: dict[str, dict[str, Any]] = {
    "a field inside": {"reasoning": {"efort": "low"}},
    "a value of another type": {"max_output_tokens": "many"},
    "a word that is none": {"text": {"verbosity": "loud"}},
    "a tool without a name": {"tools": [{"type": "function", "parameters": {}, "strict": True}]},
    "an effort of another model": {"model": "gpt-5.4-pro", "reasoning": {"effort": "low"}},
    "effort where there is none": {"model": "gpt-4.1", "reasoning": {"effort": "low"}},
    "temperature while it reasons": {"reasoning": {"effort": "low"}, "temperature": 0.2},
    "too small a cap": {"max_output_tokens": 5},
    "stop, which the API has not": {"stop": ["END"]},
    "too long a value": {"metadata": {"topic": "x" * 513}},
    "a result without its call": {
        "input": [{"type": "function_call_output", "call_id": "c", "output": "x"}]
    },
    "a call without its result": {
        "input": [{"type": "function_call", "call_id": "c", "name": "find", "arguments": "{}"}]
    },
    "a tool that is open": {"tools": [{**TOOL, "parameters": {"type": "object"}}]},
    "a schema with a default": {
        "text": {"format": {
            "type": "json_schema", "name": "x", "strict": True,
            "schema": {**CLOSED, "properties": {"a": {"default": 1}}, "required": ["a"]},
        }}
    },
}  # fmt: skip


@pytest.mark.parametrize("parts", RESPONSES.values(), ids=RESPONSES)
def test_the_responses_api_refuses(sdk: OpenAI, parts: dict[str, Any]) -> None:
    body = {"model": MODEL, "input": ASKED, **parts}
    with pytest.raises(openai.BadRequestError):
        sdk.post("/responses", body=body, cast_to=Response)


CHAT: dict[str, dict[str, Any]] = {
    "the old cap": {"max_tokens": 100},
    "metadata of what is not stored": {"metadata": {"topic": "x"}},
    "thinking about tools": {"tools": [CHAT_TOOL], "reasoning_effort": "low"},
    "tools of one that always thinks": {"model": "gpt-5.6-sol", "tools": [CHAT_TOOL]},
    "stop while it reasons": {"stop": ["END"]},
    "a result without its call": {
        "messages": [{"role": "tool", "tool_call_id": "c", "content": "x"}]
    },
    "a role that is none": {"messages": [{"role": "robot", "content": "x"}]},
}


@pytest.mark.parametrize("parts", CHAT.values(), ids=CHAT)
def test_chat_completions_refuses(sdk: OpenAI, parts: dict[str, Any]) -> None:
    body = {"model": MODEL, "messages": ASKED, **parts}
    with pytest.raises(openai.BadRequestError):
        sdk.post("/chat/completions", body=body, cast_to=ChatCompletion)


def test_another_server_s_model_takes_what_openai_s_do_not(sdk: OpenAI) -> None:
    body = {"model": "llama-4", "messages": ASKED, "max_tokens": 9, "temperature": 0.2}
    sdk.post("/chat/completions", body=body, cast_to=ChatCompletion)
