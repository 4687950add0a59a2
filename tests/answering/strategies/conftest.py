"""A small collection, a state, and a provider on loopback that is asked through its real SDK."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from answering.question import AnswerConfig, AnswerServices
from gateway.chat.openai_responses import OpenAIResponses
from gateway.openai_client import OpenAIConfig, open_client
from gateway.tokens import Tokens
from retrieval.edge import EdgeStore
from tests.answering.strategies.place import Place
from tests.contracts.chunk_store import NAME, SPACE
from tests.provider.server import Provider
from tests.provider.server import provider as running
from tests.retrieval.test_search import Compass
from wiring.state.database import open_state


@pytest.fixture(scope="session")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Tokens:
    return Tokens(tmp_path_factory.mktemp("tiktoken"))


@pytest.fixture(scope="session")
def one_provider() -> Iterator[Provider]:
    with running() as found:
        yield found


@pytest.fixture
def provider(one_provider: Provider) -> Provider:
    one_provider.forget()
    return one_provider


@pytest.fixture
async def place(tmp_path: Path, provider: Provider, tokens: Tokens) -> AsyncIterator[Place]:
    store = EdgeStore(tmp_path / "collections")
    await store.open_collection(NAME, SPACE)
    config = OpenAIConfig("sk-test", base_url=provider.url)
    async with (
        open_state(f"sqlite:///{tmp_path / 'state.db'}") as state,
        open_client(config) as client,
    ):
        services = AnswerServices(
            store=store,
            embedder=Compass(),
            chat=OpenAIResponses(client, "gpt-5.4"),
            reranker=None,
            sessions=state.sessions,
            tokens=tokens,
            config=AnswerConfig(),
            documents=state.documents,
            episodes=state.episodes,
        )
        yield Place(services, provider, state)
    await store.close()
