"""The retrieval step over a real store and a small embedder."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from domain.answers import SearchResult
from domain.errors import InvalidInput, Misconfigured, VectorSpaceMismatch
from domain.filters import Equals
from domain.vectors import VectorSpace
from retrieval.configs import CONFIGS
from retrieval.edge import EdgeStore
from retrieval.search import search
from tests.contracts.chunk_store import EAST, NAME, NORTH, SPACE, TENANT, found, passage


class Compass:
    """Embeds by the directions that a text names, and remembers the questions."""

    def __init__(self, space: VectorSpace = SPACE) -> None:
        self.space = space
        self.batch = 1
        self.asked: list[str] = []

    def cost_microdollars(self, tokens: int) -> int:
        return 0 * tokens

    async def embed_documents(self, texts: Sequence[str]) -> list[np.ndarray]:
        return [NORTH if "north" in text else EAST for text in texts]

    async def embed_query(self, text: str) -> np.ndarray:
        return (await self.embed_queries([text]))[0]

    async def embed_queries(self, texts: Sequence[str]) -> list[np.ndarray]:
        self.asked += texts
        return await self.embed_documents(texts)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[EdgeStore]:
    store = EdgeStore(tmp_path)
    await store.open_collection(NAME, SPACE)
    await store.upsert(
        TENANT,
        NAME,
        [
            passage("n", "A road that leads up.", NORTH, team="red"),
            passage("e", "The harbour.", EAST, team="blue"),
        ],
    )
    yield store
    await store.close()


async def asked(store: EdgeStore, question: str, config: str = "default") -> SearchResult:
    return await search(
        question, tenant=TENANT, collection=NAME, store=store, embedder=Compass(),
        config=CONFIGS[config],
    )  # fmt: skip


@pytest.mark.parametrize("config", [name for name in CONFIGS if name not in {"rerank", "sparse"}])
async def test_every_named_config_finds_the_passage(store: EdgeStore, config: str) -> None:
    assert found((await asked(store, "the road north", config)).hits)[0] == "n"


@pytest.mark.parametrize(
    ("config", "stages"),
    [("default", ["embed", "store", "refine"]), ("dense", ["embed", "store"]), ("bm25", ["store"])],
)
async def test_each_stage_is_timed(store: EdgeStore, config: str, stages: list[str]) -> None:
    times = (await asked(store, "the road north", config)).times
    assert [time.stage for time in times] == stages
    assert all(time.seconds > 0 for time in times)


async def test_bm25_alone_does_not_embed(store: EdgeStore) -> None:
    compass = Compass()
    await search(
        "harbour", tenant=TENANT, collection=NAME, store=store, embedder=compass,
        config=CONFIGS["bm25"],
    )  # fmt: skip
    assert compass.asked == []


async def test_limit_and_filter_reach_the_store(store: EdgeStore) -> None:
    result = await search(
        "north", tenant=TENANT, collection=NAME, store=store, embedder=Compass(),
        limit=1, where=(Equals("team", "blue"),),
    )  # fmt: skip
    assert found(result.hits) == ["e"]


async def test_an_embedder_of_another_space_is_refused(store: EdgeStore) -> None:
    other = Compass(VectorSpace("other", 4, "other-1"))
    with pytest.raises(VectorSpaceMismatch, match="--rebuild"):
        await search("north", tenant=TENANT, collection=NAME, store=store, embedder=other)


@pytest.mark.parametrize("question", ["", " \n"], ids=["empty", "blank"])
async def test_an_empty_question_is_refused(store: EdgeStore, question: str) -> None:
    with pytest.raises(InvalidInput, match="empty"):
        await asked(store, question)


async def test_no_more_is_considered_than_the_legs_were_asked_to_bring(store: EdgeStore) -> None:
    shallow = replace(CONFIGS["default"], depth=1, limit=1)
    result = await search(
        "the road north", tenant=TENANT, collection=NAME, store=store, embedder=Compass(),
        config=shallow, explain=True,
    )  # fmt: skip
    assert (found(result.hits), result.dropped) == (["n"], ())


async def test_an_explained_search_names_what_was_considered(store: EdgeStore) -> None:
    plain = await search(
        "the road north", tenant=TENANT, collection=NAME, store=store, embedder=Compass(), limit=1
    )
    explained = await search(
        "the road north", tenant=TENANT, collection=NAME, store=store, embedder=Compass(), limit=1,
        explain=True,
    )  # fmt: skip
    assert (plain.hits, plain.dropped) == (explained.hits, ())
    assert explained.dropped[0].reason == "rank 2; 1 are shown"


async def test_a_quoted_phrase_puts_those_that_hold_it_first(store: EdgeStore) -> None:
    hits = (await asked(store, 'the road north "harbour"')).hits
    assert "harbour" in hits[0].chunk.text.lower()
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


async def test_reranking_without_a_reranker_says_what_to_set(store: EdgeStore) -> None:
    with pytest.raises(Misconfigured, match="FOREBAY_RERANK__PROVIDER"):
        await asked(store, "the road north", "rerank")
