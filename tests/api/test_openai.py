"""OpenAI's format, spoken by OpenAI's own client: a collection is a model."""

import json
from typing import Any

import httpx2
import openai
import pytest
from openai.types.chat import ChatCompletionToolParam

from tests.api.modelled import modelled, provider, shared
from tests.provider.script import Call, Reply
from tests.provider.server import Provider

__all__ = ["modelled", "provider", "shared"]

MODEL = "forebay/default"
ASKED: Any = [{"role": "user", "content": "How long are backups kept?"}]
SAID = "Kept for 35 days [1]. Ask the duty engineer [2]."
SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {"days": {"type": "integer"}},
    "required": ["days"],
    "additionalProperties": False,
}
TOOL: ChatCompletionToolParam = {
    "type": "function",
    "function": {
        "name": "find_ticket",
        "description": "Finds a ticket.",
        "parameters": {"type": "object", "properties": {"number": {"type": "integer"}}},
    },
}


@pytest.fixture
def client(modelled: httpx2.Client) -> openai.OpenAI:
    base = str(modelled.base_url).rstrip("/")
    return openai.OpenAI(base_url=f"{base}/v1", api_key="none", max_retries=0)


def test_collections_are_models(client: openai.OpenAI) -> None:
    ids = [model.id for model in client.models.list()]
    assert ids[0] == MODEL
    assert client.models.retrieve(MODEL).id == MODEL
    with pytest.raises(openai.NotFoundError, match="There is no model"):
        client.models.retrieve("x" * 300)
    with pytest.raises(openai.BadRequestError, match="300 characters"):
        client.models.retrieve("x" * 301)


def test_a_chat_is_answered_with_annotations_and_our_extras(
    client: openai.OpenAI, provider: Provider
) -> None:
    provider.say(SAID)
    answer = client.chat.completions.create(model=MODEL, messages=ASKED)
    message = answer.choices[0].message
    assert (message.content, answer.choices[0].finish_reason) == (SAID, "stop")
    assert message.annotations is not None
    first = message.annotations[0].url_citation
    assert SAID[first.start_index : first.end_index] == "[1]"
    assert first.url.startswith(f"{client.base_url.scheme}://{client.base_url.host}")
    assert answer.usage is not None
    assert answer.usage.prompt_tokens > 500
    ours = answer.model_extra["forebay"]  # type: ignore[index]
    assert (ours["state"], ours["citations"][0]["label"]) == ("answered", 1)


def test_a_chat_streams(client: openai.OpenAI, provider: Provider) -> None:
    provider.say(SAID)
    stream = client.chat.completions.create(
        model=MODEL, messages=ASKED, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    said = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert said == SAID
    assert len(chunks) > 5
    assert chunks[-1].usage is not None
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-2].model_extra["forebay"]["citations"]  # type: ignore[index]


def test_an_earlier_conversation_and_the_application_s_wishes_reach_the_model(
    client: openai.OpenAI, provider: Provider
) -> None:
    earlier: Any = [
        {"role": "system", "content": "Answer in rhymes."},
        {"role": "user", "content": "Who are you?"},
        {"role": "assistant", "content": "The handbook."},
    ]
    client.chat.completions.create(model=MODEL, messages=[*earlier, *ASKED])
    said = [message["content"] for message in provider.received[-1].body["messages"]]
    assert "Answer in rhymes." not in said[0]
    assert any("Answer in rhymes." in text for text in said[1:])
    assert "The handbook." in said


def test_the_caller_s_tools_are_called_by_the_caller(
    client: openai.OpenAI, provider: Provider
) -> None:
    provider.answer(Reply(calls=(Call("find_ticket", '{"number": 7}'),)), Reply("Ticket 7 [1]."))
    first = client.chat.completions.create(model=MODEL, messages=ASKED, tools=[TOOL])
    assert first.choices[0].finish_reason == "tool_calls"
    calls = first.choices[0].message.tool_calls
    assert calls
    [call] = calls
    assert call.type == "function"
    assert json.loads(call.function.arguments) == {"number": 7}
    told = [
        *ASKED,
        first.choices[0].message.model_dump(include={"role", "content", "tool_calls"}),
        {"role": "tool", "tool_call_id": call.id, "content": "Open since May."},
    ]
    second = client.chat.completions.create(model=MODEL, messages=told, tools=[TOOL])
    assert second.choices[0].message.content == "Ticket 7 [1]."
    assert provider.received[-1].body["messages"][-1]["content"] == "Open since May."


def test_a_stream_hands_on_calls_of_tools(client: openai.OpenAI, provider: Provider) -> None:
    provider.answer(Reply(calls=(Call("find_ticket", '{"number": 7}'),)))
    with client.chat.completions.stream(model=MODEL, messages=ASKED, tools=[TOOL]) as stream:
        calls = stream.get_final_completion().choices[0].message.tool_calls
    assert calls
    assert calls[0].function.name == "find_ticket"


def test_an_answer_is_held_to_a_schema(client: openai.OpenAI, provider: Provider) -> None:
    provider.say('{"days": 35}')
    answer = client.chat.completions.create(
        model=MODEL,
        messages=ASKED,
        response_format={
            "type": "json_schema",
            "json_schema": {"name": "kept", "schema": SCHEMA, "strict": True},
        },
    )
    assert json.loads(answer.choices[0].message.content or "") == {"days": 35}


def test_limits_of_the_caller_reach_the_model(client: openai.OpenAI, provider: Provider) -> None:
    client.chat.completions.create(
        model=MODEL, messages=ASKED, max_tokens=77, temperature=0.3, stop=["END"]
    )
    body = provider.received[-1].body
    limit = body.get("max_tokens") or body.get("max_completion_tokens")
    assert (limit, body["temperature"], body["stop"]) == (77, 0.3, ["END"])


def test_what_only_this_service_has_stands_under_one_key(
    client: openai.OpenAI, provider: Provider
) -> None:
    wish = {"filter": {"source": {"any": ["leave.md"]}}, "limit": 2}
    client.chat.completions.create(model=MODEL, messages=ASKED, extra_body={"forebay": wish})
    tail = provider.received[-1].body["messages"][-1]["content"]
    assert "leave" in tail.lower()
    assert "backups.md" not in tail


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"model": "gpt-9", "messages": ASKED}, openai.NotFoundError),
        ({"model": "forebay/nowhere", "messages": ASKED}, openai.NotFoundError),
        ({"model": MODEL, "messages": []}, openai.BadRequestError),
        ({"model": MODEL, "messages": ASKED, "n": 2}, openai.BadRequestError),
        (
            {"model": MODEL, "messages": [{"role": "system", "content": "Hi"}]},
            openai.BadRequestError,
        ),
    ],
    ids=["no collection", "unknown", "no message", "two answers", "no question"],
)
def test_a_wrong_request_is_an_error_in_openai_s_shape(
    client: openai.OpenAI, arguments: dict[str, Any], error: type[openai.APIStatusError]
) -> None:
    with pytest.raises(error) as raised:
        client.chat.completions.create(**arguments)
    assert isinstance(raised.value.body, dict)
    assert {"message", "type", "param", "code"} == set(raised.value.body)


def test_an_error_before_the_first_word_has_a_status_also_in_a_stream(
    client: openai.OpenAI, provider: Provider
) -> None:
    provider.answer(Reply(status=401, error="bad key"))
    with pytest.raises(openai.InternalServerError, match="bad key"):
        client.chat.completions.create(model=MODEL, messages=ASKED, stream=True)


def test_a_stream_that_breaks_off_is_an_error(client: openai.OpenAI, provider: Provider) -> None:
    provider.answer(Reply("one two three four five six", breaks_after=4))
    stream = client.chat.completions.create(model=MODEL, messages=ASKED, stream=True)
    with pytest.raises(openai.APIError):
        list(stream)


def test_a_response_is_answered_with_annotations(client: openai.OpenAI, provider: Provider) -> None:
    provider.say(SAID)
    response = client.responses.create(model=MODEL, input="How long are backups kept?")
    assert (response.output_text, response.status) == (SAID, "completed")
    [message] = response.output
    assert message.type == "message"
    assert message.content[0].type == "output_text"
    cited = message.content[0].annotations[0]
    assert cited.type == "url_citation"
    assert SAID[cited.start_index : cited.end_index] == "[1]"
    assert response.usage is not None
    assert response.usage.input_tokens > 500


def test_a_response_streams_as_the_client_puts_it_together(
    client: openai.OpenAI, provider: Provider
) -> None:
    provider.say(SAID)
    with client.responses.stream(model=MODEL, input=ASKED) as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_response()
    assert final.output_text == SAID
    assert kinds[0] == "response.created"
    assert kinds[-1] == "response.completed"
    assert "response.output_text.annotation.added" in kinds


def test_tools_are_handed_on_in_a_response(client: openai.OpenAI, provider: Provider) -> None:
    provider.answer(Reply(calls=(Call("find_ticket", '{"number": 7}'),)), Reply("Ticket 7 [1]."))
    tools: Any = [{"type": "function", **TOOL["function"]}]
    first = client.responses.create(model=MODEL, input=ASKED, tools=tools)
    [call] = first.output
    assert call.type == "function_call"
    told: Any = [
        *ASKED,
        call.model_dump(),
        {"type": "function_call_output", "call_id": call.call_id, "output": "Open."},
    ]
    second = client.responses.create(model=MODEL, input=told, tools=tools)
    assert second.output_text == "Ticket 7 [1]."


def test_a_response_is_held_to_a_schema(client: openai.OpenAI, provider: Provider) -> None:
    provider.say('{"days": 35}')
    response = client.responses.create(
        model=MODEL,
        input=ASKED,
        text={"format": {"type": "json_schema", "name": "kept", "schema": SCHEMA, "strict": True}},
    )
    assert json.loads(response.output_text) == {"days": 35}


@pytest.mark.parametrize("form", ["float", "base64"])
def test_texts_are_embedded(client: openai.OpenAI, form: Any) -> None:
    model = [found.id for found in client.models.list()][-1]
    made = client.embeddings.create(model=model, input=["a tide", "a wave"], encoding_format=form)
    assert [one.index for one in made.data] == [0, 1]
    usual = client.embeddings.create(model=model, input="a tide")
    assert len(usual.data[0].embedding) == 384


def test_tokens_are_not_embedded(client: openai.OpenAI) -> None:
    model = [found.id for found in client.models.list()][-1]
    with pytest.raises(openai.BadRequestError):
        client.embeddings.create(model=model, input=[[1, 2, 3]])
