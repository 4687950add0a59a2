"""The reranker's contract over all of them: hosted APIs on loopback, an LLM's double, and ONNX."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import get_args

import pytest

from domain.ports import Reranker
from gateway.embed.local import LocalEmbedder, LocalEmbedderConfig
from gateway.rerank.cross_encoder import CrossEncoderConfig, LocalReranker
from gateway.rerank.dialects import Provider
from gateway.rerank.hosted import HostedConfig, HostedReranker, open_client
from gateway.rerank.late import LateConfig, LateReranker
from gateway.rerank.llm import LlmReranker
from prompts import relevance
from tests.contracts.reranker import RerankerContract
from tests.provider.rerank_graders import Grader
from tests.provider.rerank_models import write_cross_encoder
from tests.provider.rerank_server import RerankProvider, rerank_provider


@pytest.fixture(scope="module")
def provider() -> Iterator[RerankProvider]:
    with rerank_provider() as running:
        yield running


@pytest.mark.parametrize("api", get_args(Provider))
class TestHosted(RerankerContract):
    @pytest.fixture
    async def reranker(self, provider: RerankProvider, api: Provider) -> AsyncIterator[Reranker]:
        config = HostedConfig(api, api_key="k", base_url=provider.url(api))
        async with open_client(config) as client:
            yield HostedReranker(client, config)


@pytest.fixture(scope="module")
def embedder() -> Iterator[LocalEmbedder]:
    opened = LocalEmbedder.open(LocalEmbedderConfig())
    yield opened
    opened.close()


class TestLate(RerankerContract):
    @pytest.fixture
    def reranker(self, embedder: LocalEmbedder) -> Iterator[Reranker]:
        opened = LateReranker.open(embedder, LateConfig(threads=2))
        yield opened
        opened.close()


class TestLlm(RerankerContract):
    @pytest.fixture
    def reranker(self) -> Reranker:
        return LlmReranker(Grader(), relevance.ask, relevance.ask_again)


@pytest.mark.parametrize(
    "outputs", [("score",), ("against", "score")], ids=["one logit", "two classes"]
)
class TestCrossEncoder(RerankerContract):
    @pytest.fixture
    def reranker(self, tmp_path: Path, outputs: tuple[str, ...]) -> Iterator[Reranker]:
        path = write_cross_encoder(tmp_path / "tiny", outputs)
        opened = LocalReranker.open(CrossEncoderConfig(path, threads=2))
        yield opened
        opened.close()
