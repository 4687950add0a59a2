"""Late interaction: which tokens are compared, what is refused, and that work ends."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from domain.errors import Misconfigured
from gateway.embed.local import LocalEmbedder, LocalEmbedderConfig
from gateway.rerank.late import LateConfig, LateReranker
from gateway.tokens import Tokens
from tests.provider.rerank_models import write_cross_encoder
from wiring.models import open_chat, open_embedder, open_reranker
from wiring.settings import EmbedSettings, Settings
from wiring.settings_search import RerankSettings

QUESTION = "how long are backups kept"


@pytest.fixture(scope="module")
def embedder() -> Iterator[LocalEmbedder]:
    opened = LocalEmbedder.open(LocalEmbedderConfig())
    yield opened
    opened.close()


@pytest.fixture
def reranker(embedder: LocalEmbedder) -> Iterator[LateReranker]:
    opened = LateReranker.open(embedder, LateConfig(threads=2))
    yield opened
    opened.close()


def test_each_token_has_a_unit_vector_and_the_models_marks_have_none(
    embedder: LocalEmbedder,
) -> None:
    vectors = embedder.tokens_of("how long are they kept", 512)
    assert vectors.shape == (5, 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1)


def test_the_prefix_of_a_question_is_read_and_not_compared(embedder: LocalEmbedder) -> None:
    asked, said = embedder.tokens_of_question(QUESTION), embedder.tokens_of(QUESTION, 512)
    assert asked.shape == said.shape
    assert not np.allclose(asked, said, atol=0.05)


async def test_a_passage_is_read_up_to_the_most_tokens(embedder: LocalEmbedder) -> None:
    short = LateReranker(embedder, LateConfig(max_tokens=16, threads=1))
    one, other = (
        await short.rerank(QUESTION, ["the " * 20 + end for end in ("backups kept", "canteen")])
    ).scores
    short.close()
    assert one == other


async def test_scores_do_not_depend_on_what_they_are_sent_with(reranker: LateReranker) -> None:
    passages = ["kept", "word " * 300, "", "backups are kept", "kept " * 40]
    together = (await reranker.rerank(QUESTION, passages)).scores
    for passage, score in zip(passages, together, strict=True):
        assert (await reranker.rerank(QUESTION, [passage])).scores == (score,)


async def test_the_question_itself_scores_highest(reranker: LateReranker) -> None:
    same, other = (await reranker.rerank(QUESTION, [QUESTION, "the canteen opens at noon"])).scores
    assert 1 >= same > other


async def test_who_waits_no_longer_ends_the_work(reranker: LateReranker) -> None:
    waiting = asyncio.ensure_future(reranker.rerank(QUESTION, ["word " * 500] * 2_000))
    await asyncio.sleep(0.05)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.wait_for(reranker.rerank(QUESTION, ["next"]), 2)


def test_it_is_called_as_what_it_does(reranker: LateReranker) -> None:
    assert reranker.name == "bge-small-en-v1.5 (late interaction)"


@pytest.mark.filterwarnings("ignore:invalid value")  # it gives 0 for a text that is alone
def test_a_model_without_token_vectors_is_refused(tmp_path: Path) -> None:
    sentences = LocalEmbedder.open(
        LocalEmbedderConfig(path=write_cross_encoder(tmp_path / "one", ["against", "score"]))
    )
    with pytest.raises(Misconfigured, match="FOREBAY_RERANK__PROVIDER to another"):
        LateReranker.open(sentences, LateConfig())
    sentences.close()


async def test_a_hosted_embedder_is_refused(tmp_path: Path) -> None:
    settings = Settings(
        embed=EmbedSettings(provider="openai"),
        rerank=RerankSettings(provider="late"),
        openai_base_url="http://127.0.0.1:1/v1",
    )
    tokens = Tokens(tmp_path)
    async with (
        open_embedder(settings, tokens) as embedder,
        open_chat(settings, embedder, tokens) as chat,
    ):
        with pytest.raises(Misconfigured, match="text-embedding-3-large is hosted"):
            async with open_reranker(settings, chat, embedder):
                pass
