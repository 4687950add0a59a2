"""Anthropic's adapter keeps the chat contract, for every generation of models."""

from collections.abc import Callable

import pytest

from domain.ports import ChatModel
from tests.contracts.chat_model import ChatModelContract

MODELS = ["claude-haiku-4-5", "claude-opus-4-7", "claude-opus-5-5"]


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest, claude: Callable[[str], ChatModel]) -> ChatModel:
    return claude(request.param)


class TestAnthropic(ChatModelContract):
    pass
