"""A search that reads and selects where it is asked to, and many in one call."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from answering.look import LookConfig, look, look_for_all
from answering.question import AnswerServices, Question
from domain.answers import SearchResult
from domain.errors import InvalidInput, ModelUnreachable
from retrieval.configs import CONFIGS
from retrieval.select import SelectConfig
from tests.answering.test_ask import saying, services, state
from tests.contracts.chunk_store import NAME, TENANT, found
from tests.retrieval.test_search import Compass

__all__ = ["services", "state"]

NORTH = Question("the road north", TENANT, NAME)
EAST = Question("the harbour", TENANT, NAME)
PLAIN = LookConfig()


class Runs(Compass):
    """It remembers its runs, and refuses what is too long."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[list[str]] = []

    async def embed_queries(self, texts: Sequence[str]) -> list[np.ndarray]:
        self.runs.append([*texts])
        if any(len(text) > 100 for text in texts):
            raise InvalidInput("The text is too long.", field="question")
        return await super().embed_queries(texts)


async def test_a_search_finds_and_neither_reads_nor_selects(services: AnswerServices) -> None:
    result = await look(NORTH, services, PLAIN)
    assert [time.stage for time in result.times] == ["embed", "store"]
    assert len(result.hits) == 2


async def test_what_is_selected_is_all_that_is_given(services: AnswerServices) -> None:
    config = replace(services.config, select=SelectConfig(per_document=1, budget=20))
    result = await look(NORTH, replace(services, config=config), LookConfig(selects=True))
    assert found(result.hits) == ["n"]
    assert "tokens" in result.dropped[0].reason


async def test_at_most_the_limit_is_selected(services: AnswerServices) -> None:
    result = await look(replace(NORTH, limit=1), services, LookConfig(selects=True))
    assert found(result.hits) == ["n"]
    assert result.dropped[0].reason == "a further hit; 1 are shown"


async def test_a_question_that_is_read_is_searched_in_other_words_too(
    services: AnswerServices,
) -> None:
    asked = saying(services, "Which way leads north?", wordings=1)
    result = await look(EAST, asked, LookConfig(reads=True))
    assert isinstance(asked.embedder, Compass)
    assert asked.embedder.asked == ["the harbour", "Which way leads north?"]
    assert result.times[0].stage == "understand"


async def test_many_are_embedded_in_one_run_and_answered_in_their_order(
    services: AnswerServices,
) -> None:
    runs = Runs()
    several = [NORTH, EAST, NORTH]
    looked = await look_for_all(several, replace(services, embedder=runs), PLAIN)
    assert runs.runs == [["the road north", "the harbour"]]
    first, second, third = (found(r.hits) for r in looked.results if isinstance(r, SearchResult))
    assert (first, second) == (["n", "e"], ["e", "n"])
    assert third == first
    assert [time.stage for time in looked.times] == ["embed"]


async def test_each_of_many_has_what_it_would_have_alone(services: AnswerServices) -> None:
    (one, other) = (await look_for_all([NORTH, EAST], services, PLAIN)).results
    for question, result in ((NORTH, one), (EAST, other)):
        assert isinstance(result, SearchResult)
        assert result.hits == (await look(question, services, PLAIN)).hits


async def test_what_is_wrong_with_one_stands_in_its_place(services: AnswerServices) -> None:
    wrong = [replace(NORTH, text=" "), replace(NORTH, text="north " * 50), EAST]
    looked = await look_for_all(wrong, replace(services, embedder=Runs()), PLAIN)
    blank, long, right = looked.results
    assert (str(blank), str(long)) == ("The question is empty.", "The text is too long.")
    assert isinstance(right, SearchResult)


async def test_an_embedder_that_is_away_is_asked_once_for_all(services: AnswerServices) -> None:
    class Away(Runs):
        async def embed_queries(self, texts: Sequence[str]) -> list[np.ndarray]:
            await super().embed_queries(texts)
            raise ModelUnreachable("It is away.")

    away = Away()
    with pytest.raises(ModelUnreachable):
        await look_for_all([NORTH, EAST], replace(services, embedder=away), PLAIN)
    assert len(away.runs) == 1


async def test_words_alone_are_not_embedded(services: AnswerServices) -> None:
    runs = Runs()
    config = replace(services.config, search=CONFIGS["bm25"])
    await look_for_all([NORTH, EAST], replace(services, embedder=runs, config=config), PLAIN)
    assert runs.runs == []
