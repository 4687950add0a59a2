"""A provider on loopback, and clients of the real SDK that talk to it."""

from collections.abc import AsyncIterator, Iterator

import pytest
from openai import AsyncOpenAI

from gateway.openai_client import OpenAIConfig, open_client
from tests.provider.server import Provider
from tests.provider.server import provider as running


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
