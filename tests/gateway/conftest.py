"""A provider on loopback, and clients of the real SDK that talk to it."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from openai import AsyncOpenAI

from gateway.openai_client import OpenAIConfig, open_client
from tests.provider.server import Provider
from tests.provider.server import provider as running

if TYPE_CHECKING:
    from gateway.chat.anthropic import AnthropicMessages
    from gateway.chat.gemini import GeminiGenerate


@pytest.fixture(scope="session")
def one_provider() -> Iterator[Provider]:
    """One server for all tests of the process: to stop one takes longer than most tests."""
    with running() as found:
        yield found


@pytest.fixture
def provider(one_provider: Provider) -> Provider:
    one_provider.forget()
    return one_provider


@pytest.fixture
async def client(provider: Provider) -> AsyncIterator[AsyncOpenAI]:
    async with open_client(OpenAIConfig("sk-test", base_url=provider.url)) as opened:
        yield opened


@pytest.fixture
async def claude(provider: Provider) -> "AsyncIterator[Callable[[str], AnthropicMessages]]":
    from gateway.anthropic_client import AnthropicConfig, open_anthropic
    from gateway.chat.anthropic import AnthropicMessages

    config = AnthropicConfig("sk-ant-test", base_url=provider.anthropic_url)
    async with open_anthropic(config) as opened:
        yield lambda model: AnthropicMessages(opened, model)


@pytest.fixture
async def gemini(provider: Provider) -> "AsyncIterator[Callable[[str], GeminiGenerate]]":
    from gateway.chat.gemini import GeminiGenerate
    from gateway.gemini_client import GeminiConfig, open_gemini

    async with open_gemini(GeminiConfig("test-key", base_url=provider.gemini_url)) as opened:
        yield lambda model: GeminiGenerate(opened, model)
