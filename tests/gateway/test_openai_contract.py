"""Both of OpenAI's APIs, and another server that speaks the second, keep the chat contract."""

from collections.abc import Callable

import pytest
from openai import AsyncOpenAI

from domain.ports import ChatModel
from gateway.chat.openai_chat import ChatCompletionsConfig, OpenAIChat
from gateway.chat.openai_responses import OpenAIResponses
from tests.contracts.chat_model import ChatModelContract
from tests.provider.tokens import counter

ADAPTERS: dict[str, Callable[[AsyncOpenAI], ChatModel]] = {
    "responses": lambda client: OpenAIResponses(client, "gpt-5.4-mini"),
    "responses, without reasoning": lambda client: OpenAIResponses(client, "gpt-4.1"),
    "responses, pro": lambda client: OpenAIResponses(client, "gpt-5.4-pro"),
    "chat completions": lambda client: OpenAIChat(client, "gpt-5.4-mini", counter()),
    "another server": lambda client: OpenAIChat(
        client, "llama-4", counter(), ChatCompletionsConfig(openai=False)
    ),
}


@pytest.fixture(params=list(ADAPTERS))
def model(request: pytest.FixtureRequest, client: AsyncOpenAI) -> ChatModel:
    return ADAPTERS[request.param](client)


class TestOpenAI(ChatModelContract):
    pass
