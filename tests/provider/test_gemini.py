"""Gemini's half of the provider speaks what the official SDK reads, by the SDK's own types."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from google.genai import Client, errors, types

from tests.provider.script import Call, Reply
from tests.provider.server import Provider
from tests.provider.server import provider as running
from tests.provider.tokens import MESSAGE_OVERHEAD, count

MODEL = "gemini-3.1-pro-preview"
ASKED = "How long?"
THOUGHTS = types.GenerateContentConfig(thinking_config=types.ThinkingConfig(include_thoughts=True))
REPLIES = {
    "an answer": Reply("Kept for 35 days [1].", cached=2),
    "a thought": Reply("Kept.", summary="First.\n\nThen.", reasoning=9),
    "calls": Reply("I look.", calls=(Call("find_order", '{"number": 7}'), Call("find_order"))),
    "a refusal": Reply("I cannot.", refusal=True),
    "a refused prompt": Reply(filtered=True),
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
def sdk(provider: Provider) -> Iterator[Client]:
    with httpx2.Client(trust_env=False) as http:
        options = types.HttpOptions(base_url=provider.gemini_url, httpx_client=http)
        yield Client(vertexai=False, api_key="test", http_options=options)


def posted(provider: Provider, **body: object) -> httpx2.Response:
    asked = {"contents": [{"role": "user", "parts": [{"text": ASKED}]}], **body}
    url = f"{provider.gemini_url}/v1/models/{MODEL}:generateContent"
    with httpx2.Client(trust_env=False) as client:
        return client.post(url, json=asked)


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_an_answer_has_no_field_that_its_type_lacks(provider: Provider, reply: Reply) -> None:
    provider.answer(reply)
    config = {"thinkingConfig": {"includeThoughts": True}}
    types.GenerateContentResponse.model_validate(posted(provider, generationConfig=config).json())


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_the_pieces_of_a_stream_are_the_whole_answer(
    sdk: Client, provider: Provider, reply: Reply
) -> None:
    provider.answer(reply, reply)
    whole = sdk.models.generate_content(model=MODEL, contents=ASKED, config=THOUGHTS)
    chunks = list(sdk.models.generate_content_stream(model=MODEL, contents=ASKED, config=THOUGHTS))
    assert said(*chunks) == said(whole)
    assert chunks[-1].usage_metadata == whole.usage_metadata
    assert reason(chunks[-1]) == reason(whole)


def said(*answers: types.GenerateContentResponse) -> tuple[str, str, list[str]]:
    """Text, thoughts and what is called."""
    parts = [part for answer in answers for part in answer.parts or []]
    return (
        "".join(part.text for part in parts if part.text and not part.thought),
        "".join(part.text for part in parts if part.text and part.thought),
        [part.function_call.name or "" for part in parts if part.function_call],
    )


def reason(answer: types.GenerateContentResponse) -> types.FinishReason | None:
    return answer.candidates[0].finish_reason if answer.candidates else None


def test_the_candidates_count_leaves_out_what_was_thought(sdk: Client, provider: Provider) -> None:
    provider.answer(Reply("Kept.", reasoning=9, cached=2))
    used = sdk.models.generate_content(model=MODEL, contents=ASKED).usage_metadata
    assert used is not None
    assert used.prompt_token_count == count(ASKED) + MESSAGE_OVERHEAD
    assert (used.candidates_token_count, used.thoughts_token_count) == (count("Kept."), 9)
    assert used.cached_content_token_count == 2


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown field": ({"maxWords": 3}, "maxWords"),
    "an unknown setting": ({"generationConfig": {"maxWords": 3}}, "maxWords"),
    "a level and a budget": (
        {"generationConfig": {"thinkingConfig": {"thinkingLevel": "LOW", "thinkingBudget": 9}}},
        "only one",
    ),
    "a level that the model lacks": (
        {"generationConfig": {"thinkingConfig": {"thinkingLevel": "MINIMAL"}}},
        "MINIMAL",
    ),
    "no turn of the user": (
        {"contents": [{"role": "model", "parts": [{"text": "Yes."}]}]},
        "start with a user turn",
    ),
    "a call without a signature": (
        {
            "contents": [
                {"role": "user", "parts": [{"text": "How long?"}]},
                {"role": "model", "parts": [{"functionCall": {"name": "find", "args": {}}}]},
                {
                    "role": "user",
                    "parts": [{"functionResponse": {"name": "find", "response": {}}}],
                },
            ]
        },
        "thought_signature",
    ),
    "a call without its result": (
        {
            "contents": [
                {"role": "user", "parts": [{"text": "How long?"}]},
                {"role": "model", "parts": [{"functionCall": {"name": "find", "args": {}}}]},
                {"role": "user", "parts": [{"text": "And?"}]},
            ]
        },
        "function response parts",
    ),
}


@pytest.mark.parametrize(("body", "words"), REFUSED.values(), ids=REFUSED)
def test_what_the_api_refuses_is_refused(
    provider: Provider, body: dict[str, Any], words: str
) -> None:
    answer = posted(provider, **body)
    assert answer.status_code == 400
    assert words in str(answer.json()["error"])


def test_scripted_errors_reach_the_sdk_as_its_own(sdk: Client, provider: Provider) -> None:
    provider.answer(Reply(status=429, error="slow down", headers=(("retry-after", "7"),)))
    with pytest.raises(errors.ClientError, match="slow down") as caught:
        sdk.models.generate_content(model=MODEL, contents=ASKED)
    assert caught.value.status == "RESOURCE_EXHAUSTED"
    assert caught.value.details["error"]["details"][0]["retryDelay"] == "7s"


def test_a_model_can_be_looked_up(sdk: Client) -> None:
    assert sdk.models.get(model=MODEL).name == f"models/{MODEL}"
