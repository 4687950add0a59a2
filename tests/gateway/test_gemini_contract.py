"""Gemini's adapter keeps the chat contract, for both generations of models."""

from collections.abc import Callable

import pytest

from domain.ports import ChatModel
from tests.contracts.chat_model import ChatModelContract

MODELS = ["gemini-2.5-flash", "gemini-3.1-pro-preview"]


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest, gemini: Callable[[str], ChatModel]) -> ChatModel:
    return gemini(request.param)


class TestGemini(ChatModelContract):
    pass
