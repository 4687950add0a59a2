"""Questions that are asked again: what is embedded, what is remembered, and for how long."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from domain.errors import ModelUnreachable
from gateway.embed.cache import DiskVectorCache
from gateway.embed.questions import RememberedQuestions
from tests.contracts.memory_vectors import MemoryVectorCache
from tests.ingest.doubles import HashingEmbedder

if TYPE_CHECKING:
    from domain.vectors import Vector

PLENTY = 1 << 20
ONE = 600  # bytes: room for one vector of 16 numbers and a short text, not for two


class Counting(HashingEmbedder):
    """It remembers each run and takes its time."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[list[str]] = []

    async def embed_query(self, text: str) -> "Vector":
        (vector,) = await self.embed_queries([text])
        return vector

    async def embed_queries(self, texts: Sequence[str]) -> "Sequence[Vector]":
        self.runs.append([*texts])
        await asyncio.sleep(0.01)
        if self.fails:
            raise self.fails.pop(0)
        return [self._vector(text) for text in texts]


@pytest.fixture
def model() -> Counting:
    return Counting()


async def test_a_question_asked_again_is_not_embedded_again(model: Counting) -> None:
    questions = RememberedQuestions(model, PLENTY)
    first, second = await questions.embed_query("one"), await questions.embed_query("one")
    assert first.tobytes() == second.tobytes()
    assert model.runs == [["one"]]


async def test_equal_questions_at_the_same_time_are_embedded_once(model: Counting) -> None:
    questions = RememberedQuestions(model, PLENTY)
    vectors = await asyncio.gather(*(questions.embed_query("one") for _ in range(20)))
    assert model.runs == [["one"]]
    assert len({vector.tobytes() for vector in vectors}) == 1


async def test_of_many_only_the_new_ones_are_embedded_each_once_in_one_run(
    model: Counting,
) -> None:
    questions = RememberedQuestions(model, PLENTY)
    await questions.embed_query("two")
    vectors = await questions.embed_queries(["one", "two", "three", "one"])
    assert model.runs == [["two"], ["one", "three"]]
    alone = [await HashingEmbedder().embed_query(text) for text in ("one", "two", "three", "one")]
    assert [vector.tobytes() for vector in vectors] == [vector.tobytes() for vector in alone]


async def test_what_was_not_asked_for_longest_goes_first(model: Counting) -> None:
    questions = RememberedQuestions(model, 2 * ONE)
    for text in ("one", "two", "one", "three", "one", "two"):
        await questions.embed_query(text)
    assert model.runs == [["one"], ["two"], ["three"], ["two"]]


async def test_no_more_is_kept_than_there_is_room_for(model: Counting) -> None:
    questions = RememberedQuestions(model, 20 * ONE)
    await questions.embed_queries([f"question {i}" for i in range(1000)])
    assert len(questions._memory._vectors) < 30


async def test_who_waits_no_longer_ends_it_for_nobody_else(model: Counting) -> None:
    questions = RememberedQuestions(model, PLENTY)
    first = asyncio.ensure_future(questions.embed_query("one"))
    second = asyncio.ensure_future(questions.embed_query("one"))
    await asyncio.sleep(0)
    first.cancel()
    assert len(await second) == 16
    assert model.runs == [["one"], ["one"]]


async def test_a_failure_is_told_to_all_who_wait(model: Counting) -> None:
    model.fails = [ModelUnreachable("It is away.")]
    questions = RememberedQuestions(model, PLENTY)
    waiting = (questions.embed_query("one") for _ in range(3))
    found = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(one) for one in found] == [ModelUnreachable] * 3
    assert model.runs == [["one"]]


async def test_a_failure_is_not_remembered(model: Counting) -> None:
    model.fails = [ModelUnreachable("It is away.")]
    questions = RememberedQuestions(model, PLENTY)
    with pytest.raises(ModelUnreachable):
        await questions.embed_query("one")
    assert len(await questions.embed_query("one")) == 16


async def test_a_vector_that_is_shared_cannot_be_changed(model: Counting) -> None:
    vector = await RememberedQuestions(model, PLENTY).embed_query("one")
    with pytest.raises(ValueError, match="read-only"):
        vector[0] = 9


async def test_another_process_finds_them_on_the_disk(model: Counting, tmp_path: Path) -> None:
    for _ in range(2):
        disk = DiskVectorCache.open(tmp_path / "questions.db", PLENTY)
        questions = RememberedQuestions(model, PLENTY, disk)
        vector = await questions.embed_query("one")
        await questions.close()
        disk.close()
    assert model.runs == [["one"]]
    assert vector.tobytes() == (await HashingEmbedder().embed_query("one")).tobytes()


async def test_what_is_made_meanwhile_is_saved_together(model: Counting) -> None:
    disk = MemoryVectorCache()
    questions = RememberedQuestions(model, PLENTY, disk)
    for number in range(20):
        await questions.embed_query(f"question {number}")
    assert disk.saves == 0
    async with asyncio.timeout(5):
        while not disk.saves:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.05)
    await questions.embed_query("another")
    await questions.close()
    assert (disk.saves, len(disk.vectors)) == (2, 21)


async def test_documents_pass_through_and_are_not_remembered(model: Counting) -> None:
    disk = MemoryVectorCache()
    questions = RememberedQuestions(model, PLENTY, disk)
    for _ in range(2):
        await questions.embed_documents(["one"])
    assert model.sent == ["one", "one"]
    assert disk.vectors == {}


async def test_who_closes_it_does_not_wait_for_the_model(model: Counting) -> None:
    questions = RememberedQuestions(model, PLENTY)
    waiting = asyncio.ensure_future(questions.embed_query("one"))
    await asyncio.sleep(0)
    await questions.close()
    assert not waiting.done()
    await waiting


async def test_it_is_of_the_space_of_its_embedder(model: Counting) -> None:
    questions = RememberedQuestions(model, PLENTY)
    assert (questions.space, questions.batch) == (model.space, model.batch)
    assert np.isfinite(await questions.embed_query("")).all()
