"""What a request becomes in each of OpenAI's formats, as the provider receives it."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from openai import AsyncOpenAI

from domain.completion import CacheMark, CachePlan, ChatRequest
from domain.errors import InvalidInput
from domain.ports import ChatModel
from domain.prompt import Carry, Image, Message, ToolCall, ToolResult, ToolRound
from gateway.chat.openai_chat import ChatCompletionsConfig, OpenAIChat
from gateway.chat.openai_responses import OpenAIResponses
from tests.contracts.chat_model import CALLS, PROMPT, SCHEMA, TOOL, WITH_TOOLS, a_round
from tests.provider.script import Reply
from tests.provider.server import Provider
from tests.provider.tokens import counter

Body = dict[str, Any]
PIXEL = Image("image/png", b"\x89PNG", detail="low")
FULL = ChatRequest(
    replace(PROMPT, tools=(TOOL,), schema=SCHEMA, images=(PIXEL,)),
    max_output_tokens=100,
    effort="high",
    summary=True,
    verbosity="low",
    metadata={"topic": "orders"},
)
ROUND = ToolRound(
    (ToolCall("call_1", "find_order", '{"number":7}'),), (ToolResult("call_1", "sent"),), "So."
)


@pytest.fixture
def responses(client: AsyncOpenAI, provider: Provider) -> Callable[..., Any]:
    return _sending(lambda model: OpenAIResponses(client, model), provider)


@pytest.fixture
def chat(client: AsyncOpenAI, provider: Provider) -> Callable[..., Any]:
    return _sending(lambda model: OpenAIChat(client, model, counter()), provider)


@pytest.fixture
def elsewhere(client: AsyncOpenAI, provider: Provider) -> Callable[..., Any]:
    config = ChatCompletionsConfig(openai=False)
    return _sending(lambda model: OpenAIChat(client, model, counter(), config), provider)


def _sending(adapter: Callable[[str], ChatModel], provider: Provider) -> Callable[..., Any]:
    async def sent(request: ChatRequest, model: str = "gpt-5.4-mini") -> Body:
        await adapter(model).complete(request)
        return provider.received[-1].body

    return sent


async def test_the_responses_api_is_sent_all_of_a_request(responses: Callable[..., Any]) -> None:
    body = await responses(FULL)
    assert body["reasoning"] == {"effort": "high", "summary": "auto"}
    assert body["text"]["verbosity"] == "low"
    assert body["text"]["format"]["strict"] is True
    assert body["text"]["format"]["schema"] == json.loads(SCHEMA.schema)
    assert body["tools"][0]["parameters"] == json.loads(TOOL.parameters)
    assert body["tools"][0]["strict"] is True
    assert body["metadata"] == {"topic": "orders"}
    assert body["include"] == ["reasoning.encrypted_content"]
    assert body["store"] is False


async def test_roles_stay_what_they_are(responses: Callable[..., Any]) -> None:
    roles = [item["role"] for item in (await responses(FULL))["input"]]
    assert roles == ["system", "developer", "user", "assistant", "user"]


async def test_an_image_stands_in_the_last_message_of_the_tail(
    responses: Callable[..., Any], chat: Callable[..., Any]
) -> None:
    prompt = replace(PROMPT, images=(PIXEL,), rounds=(ROUND,), tools=(TOOL,))
    item = next(i for i in (await responses(ChatRequest(prompt)))["input"] if _has_image(i))
    assert item["content"][0]["text"] == PROMPT.question
    assert item["content"][1]["image_url"] == "data:image/png;base64,iVBORw=="
    assert item["content"][1]["detail"] == "low"
    message = next(m for m in (await chat(ChatRequest(prompt)))["messages"] if _has_image(m))
    assert message["content"][0]["text"] == PROMPT.question
    assert message["content"][1]["image_url"]["detail"] == "low"


def _has_image(item: Body) -> bool:
    content = item.get("content")
    return isinstance(content, list) and any("image" in part["type"] for part in content)


async def test_an_image_without_an_address_or_bytes_is_refused(
    responses: Callable[..., Any], provider: Provider
) -> None:
    with pytest.raises(InvalidInput) as caught:
        await responses(ChatRequest(replace(PROMPT, images=(Image(),))))
    assert caught.value.field == "images"
    assert not provider.received


async def test_what_the_model_thought_goes_back_before_its_calls_and_their_results(
    client: AsyncOpenAI, provider: Provider
) -> None:
    model = OpenAIResponses(client, "gpt-5.4-mini")
    provider.answer(Reply("I look.", calls=CALLS, reasoning=9))
    asked = await model.complete(WITH_TOOLS)
    prompt = replace(WITH_TOOLS.prompt, rounds=(a_round(asked),))
    await model.complete(ChatRequest(prompt))
    items = provider.received[-1].body["input"][len(PROMPT.messages) :]
    assert [item["type"] for item in items] == [
        "reasoning", "message", "function_call", "function_call",
        "function_call_output", "function_call_output",
    ]  # fmt: skip
    assert items[0]["encrypted_content"].startswith("sealed-")
    assert [item["call_id"] for item in items[2:4]] == [item["call_id"] for item in items[4:]]


async def test_what_another_provider_sealed_is_not_sent(
    responses: Callable[..., Any], chat: Callable[..., Any]
) -> None:
    foreign = replace(ROUND, carry=Carry("anthropic", '[{"type":"thinking"}]'))
    request = ChatRequest(replace(WITH_TOOLS.prompt, rounds=(foreign,)))
    items = (await responses(request))["input"][-3:]
    assert [i.get("role", i["type"]) for i in items] == [
        "assistant", "function_call", "function_call_output",
    ]  # fmt: skip
    said, result = (await chat(request))["messages"][-2:]
    assert said["content"] == "So."
    assert said["tool_calls"][0]["function"]["name"] == "find_order"
    assert result == {"role": "tool", "tool_call_id": "call_1", "content": "sent"}


async def test_rounds_of_earlier_questions_stay_in_their_place(chat: Callable[..., Any]) -> None:
    history = (Message("user", "And order 7?"), ROUND, Message("assistant", "It is sent."))
    body = await chat(ChatRequest(replace(PROMPT, history=history, tools=(TOOL,))))
    roles = [message["role"] for message in body["messages"]]
    assert roles == ["system", "developer", "user", "assistant", "tool", "assistant", "user"]


async def test_chat_completions_is_sent_what_it_has_words_for(chat: Callable[..., Any]) -> None:
    body = await chat(replace(FULL, prompt=replace(FULL.prompt, tools=())))
    assert body["reasoning_effort"] == "high"
    assert body["verbosity"] == "low"
    assert body["response_format"]["json_schema"]["strict"] is True
    assert body["max_completion_tokens"] == 100
    assert not {"metadata", "store", "reasoning"} & set(body)


async def test_a_model_that_cannot_think_about_tools_there_is_told_not_to(
    client: AsyncOpenAI, provider: Provider
) -> None:
    model = OpenAIChat(client, "gpt-5.4-mini", counter())
    completion = await model.complete(replace(WITH_TOOLS, effort="high"))
    assert provider.received[0].body["reasoning_effort"] == "none"
    assert any("effort 'none'" in note for note in completion.notes)


async def test_another_server_gets_tools_schema_and_images_and_no_field_of_openai_s(
    elsewhere: Callable[..., Any],
) -> None:
    request = replace(
        FULL,
        temperature=0.2,
        top_p=0.9,
        stop=("END",),
        cache=CachePlan("k", "24h", (CacheMark(1, "30m"),)),
    )
    body = await elsewhere(request, "llama-4")
    assert set(body) == {
        "model", "messages", "max_tokens", "tools", "response_format",
        "temperature", "top_p", "stop",
    }  # fmt: skip
    assert "strict" not in body["tools"][0]["function"]


async def test_openai_s_models_behind_another_address_get_the_cap_that_they_know(
    elsewhere: Callable[..., Any],
) -> None:
    body = await elsewhere(ChatRequest(PROMPT), "openai/gpt-5.4")
    assert "max_completion_tokens" in body
    assert "max_tokens" not in body


async def test_what_is_not_asked_for_is_left_to_the_model(responses: Callable[..., Any]) -> None:
    body = await responses(ChatRequest(PROMPT))
    assert set(body) == {"model", "input", "max_output_tokens", "store", "include"}


async def test_sampling_is_sent_where_the_model_does_not_reason(
    responses: Callable[..., Any],
) -> None:
    request = ChatRequest(PROMPT, temperature=0.2, top_p=0.9)
    body = await responses(request, "gpt-4.1")
    assert (body["temperature"], body["top_p"]) == (0.2, 0.9)
    assert "temperature" in await responses(replace(request, effort="none"))
    assert "temperature" not in await responses(replace(request, effort="low"))


async def test_tools_and_schema_are_the_same_bytes_whatever_is_asked(
    client: AsyncOpenAI, provider: Provider
) -> None:
    model = OpenAIResponses(client, "gpt-5.4-mini")
    for question in ("How long?", "Who decides, and when?"):
        prompt = replace(FULL.prompt, tail=(Message("user", question),), images=())
        await model.complete(replace(FULL, prompt=prompt))
    first, second = (json.loads(received.raw) for received in provider.received)
    for part in ("tools", "text"):
        assert json.dumps(first[part]) == json.dumps(second[part])
