"""A cross-encoder of one's own: what is read, what is refused, and that pairs do not mix."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.errors import Misconfigured
from gateway.embed import local
from gateway.rerank.cross_encoder import CrossEncoder, CrossEncoderConfig, LocalReranker
from tests.provider.rerank_models import write_cross_encoder

QUESTION = "how long are backups kept"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_cross_encoder(tmp_path / "tiny")


@pytest.fixture
def reranker(model: Path) -> Iterator[LocalReranker]:
    opened = LocalReranker.open(CrossEncoderConfig(model, threads=2))
    yield opened
    opened.close()


def encoder(folder: Path, max_tokens: int = 512) -> CrossEncoder:
    return CrossEncoder(folder / "model.onnx", folder / "tokenizer.json", max_tokens)


def test_the_score_is_the_logit(model: Path) -> None:
    # "are", "backups", "kept", and the separator, which the question has twice
    assert encoder(model).score(QUESTION, "backups are kept for 35 days") == 4


def test_of_two_classes_the_second_counts(tmp_path: Path) -> None:
    folder = write_cross_encoder(tmp_path / "two", ["against", "score"])
    assert encoder(folder).score(QUESTION, "backups are kept for 35 days") == 8


def test_a_long_passage_is_cut_and_the_question_is_not(model: Path) -> None:
    # 16 tokens: 3 marks, 5 of the question, 8 of the passage, whose ninth word is out of sight
    cut = encoder(model, 16)
    assert cut.score(QUESTION, "the " * 7 + "kept kept") == cut.score(QUESTION, "kept")
    assert cut.score(QUESTION, "the " * 8 + "kept") == cut.score(QUESTION, "the")


def test_a_question_longer_than_all_leaves_half_to_the_passage(model: Path) -> None:
    cut = encoder(model, 16)
    assert cut.score("kept " * 50, "backups " * 50) < cut.score("kept " * 50, "kept " * 50)


async def test_scores_do_not_depend_on_what_they_are_sent_with(reranker: LocalReranker) -> None:
    passages = ["kept", "word " * 300, "", "backups are kept", "kept " * 40]
    together = (await reranker.rerank(QUESTION, passages)).scores
    for passage, score in zip(passages, together, strict=True):
        assert (await reranker.rerank(QUESTION, [passage])).scores == (score,)


async def test_who_waits_no_longer_ends_the_work(reranker: LocalReranker) -> None:
    waiting = asyncio.ensure_future(reranker.rerank(QUESTION, ["word " * 500] * 2_000))
    await asyncio.sleep(0.05)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.wait_for(reranker.rerank(QUESTION, ["next"]), 2)


@pytest.mark.parametrize(("threads", "batch", "liked"), [(1, None, 8), (3, None, 24), (3, 5, 5)])
def test_the_batch_keeps_all_threads_busy(
    model: Path, threads: int, batch: int | None, liked: int
) -> None:
    opened = LocalReranker.open(CrossEncoderConfig(model, threads=threads, batch=batch))
    assert opened.batch == liked
    opened.close()


def test_it_is_called_as_its_folder(reranker: LocalReranker) -> None:
    assert reranker.name == "tiny"


def test_the_tokenizer_may_stand_one_folder_above(model: Path) -> None:
    (model / "onnx").mkdir()
    (model / "model.onnx").rename(model / "onnx" / "model.onnx")
    opened = LocalReranker.open(CrossEncoderConfig(model / "onnx"))
    assert opened.name == "tiny"
    opened.close()


def test_one_of_several_models_is_chosen_by_its_path(model: Path) -> None:
    shutil.copy(model / "model.onnx", model / "model_int8.onnx")
    LocalReranker.open(CrossEncoderConfig(model / "model_int8.onnx")).close()
    with pytest.raises(Misconfigured, match="found 2 models and a tokenizer"):
        LocalReranker.open(CrossEncoderConfig(model))


def test_the_weights_may_stand_in_a_file_of_their_own(tmp_path: Path) -> None:
    folder = write_cross_encoder(tmp_path / "large", weights="model.onnx_data")
    LocalReranker.open(CrossEncoderConfig(folder)).close()
    (folder / "model.onnx_data").unlink()
    with pytest.raises(Misconfigured, match="The model large cannot be loaded"):
        LocalReranker.open(CrossEncoderConfig(folder))


def test_a_folder_without_a_model_says_what_was_found(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"found 0 models and no tokenizer\.json"):
        LocalReranker.open(CrossEncoderConfig(tmp_path))


def test_a_file_that_is_no_model_is_named(model: Path) -> None:
    (model / "model.onnx").write_bytes(b"not a graph")
    with pytest.raises(Misconfigured, match="The model tiny cannot be loaded"):
        LocalReranker.open(CrossEncoderConfig(model))


@pytest.mark.parametrize("content", [b"{}", b"\xff\xfe"], ids=["empty", "no text"])
def test_a_tokenizer_that_is_none_is_named(model: Path, content: bytes) -> None:
    (model / "tokenizer.json").write_bytes(content)
    with pytest.raises(Misconfigured, match=r"tokenizer\.json of tiny cannot be read"):
        LocalReranker.open(CrossEncoderConfig(model))


@pytest.mark.parametrize("outputs", [["score", "score", "score"], ["tokens"]])
def test_a_model_that_does_not_score_pairs_is_refused(tmp_path: Path, outputs: list[str]) -> None:
    folder = write_cross_encoder(tmp_path / "other", outputs)
    with pytest.raises(Misconfigured, match="other is no cross-encoder: for one pair"):
        LocalReranker.open(CrossEncoderConfig(folder))


def test_an_embedding_model_is_refused() -> None:
    with pytest.raises(Misconfigured, match=r"is no cross-encoder: .* of shape \(1, \d+, 384\)"):
        LocalReranker.open(CrossEncoderConfig(local._default_folder()))


def test_a_model_that_gives_no_number_is_refused(tmp_path: Path) -> None:
    folder = write_cross_encoder(tmp_path / "damaged", ["nothing"])
    with pytest.raises(Misconfigured, match="damaged gives nan for 512 tokens"):
        LocalReranker.open(CrossEncoderConfig(folder))


def test_a_model_that_takes_fewer_tokens_is_refused_when_it_is_opened(tmp_path: Path) -> None:
    folder = write_cross_encoder(tmp_path / "short", length=64)
    with pytest.raises(Misconfigured, match="short does not score 512 tokens"):
        LocalReranker.open(CrossEncoderConfig(folder))
    LocalReranker.open(CrossEncoderConfig(folder, max_tokens=64)).close()
