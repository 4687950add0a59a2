"""Several collections in one question: what is joined compares."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from domain.answers import SearchResult
from domain.boosts import When
from domain.documents import EmbeddedChunk
from domain.errors import NotFound, VectorSpaceMismatch
from domain.filters import Equals
from domain.hits import Convex, Dbsf, Found, Fusion, Hit, HybridQuery, Leg
from domain.vectors import VectorSpace
from retrieval.configs import CONFIGS
from retrieval.edge import EdgeStore
from retrieval.fuse import fuse
from retrieval.search import search
from retrieval.several import together
from tests.contracts.chunk_store import EAST, NAME, NORTH, SPACE, TENANT, found, passage
from tests.retrieval.test_search import Compass
from tests.values import a_hit

OTHER = "canteen"
BOTH = [name for name in CONFIGS if name not in ("rerank", "bm25", "sparse")]


HYBRID = HybridQuery(limit=10, depth=10, fusion=Convex(0.5))


def hits(**seen: tuple[float, float]) -> list[Hit]:
    """By cosine and BM25, which is 0 where no word is there. Their scores are of one collection."""
    return [
        a_found(name, dense=cosine, bm25=words) if words else a_found(name, dense=cosine)
        for name, (cosine, words) in seen.items()
    ]


def a_found(name: str, **scores: float) -> Hit:
    """By leg."""
    legs: dict[Leg, Found] = {leg: Found(1, scores[leg]) for leg in get_args(Leg) if leg in scores}
    return replace(a_hit(1.0, id=name), found_by=legs)


def order(*lists: list[Hit], query: HybridQuery = HYBRID) -> str:
    return "".join(hit.chunk.id for hit in together(lists, query))


NEAR = hits(a=(0.9, 3.0), b=(0.8, 2.0), c=(0.7, 2.5))
FAR = hits(x=(0.3, 2.2), y=(0.25, 0.0), z=(0.2, 0.0))


@pytest.mark.parametrize("fusion", [Convex(0.5), Dbsf()], ids=["convex", "dbsf"])
def test_what_stands_out_among_nothing_does_not_pass_what_is_near(fusion: Fusion) -> None:
    assert order(FAR, NEAR, query=replace(HYBRID, fusion=fusion))[0] == "a"
    assert order(FAR, NEAR, query=replace(HYBRID, fusion=fusion)).endswith("yz")


def test_parts_of_a_collection_rank_as_the_whole_of_it() -> None:
    legs: dict[Leg, list[tuple[str, float]]] = {
        "dense": [("a", 0.9), ("b", 0.8), ("c", 0.7), ("x", 0.3), ("y", 0.25), ("z", 0.2)],
        "bm25": [("a", 3.0), ("c", 2.5), ("x", 2.2), ("b", 2.0)],
    }
    whole = fuse(legs, HYBRID.fusion, 10, depth=10)
    joined = together([NEAR, FAR], HYBRID)
    assert [(hit.chunk.id, hit.score) for hit in joined] == [(one.id, one.score) for one in whole]
    assert [hit.found_by for hit in joined] == [one.found_by for one in whole]


def test_words_that_stand_by_chance_do_not_outweigh_those_of_the_matter() -> None:
    everyday = hits(a=(0.9, 0.2), b=(0.8, 0.1))
    assert order(hits(x=(0.3, 9.0), y=(0.2, 0.0)), everyday) == "abxy"


def test_words_alone_are_ranked_as_they_weigh() -> None:
    lists = [[a_found("a", bm25=1.0)], [a_found("x", bm25=9.0)]]
    assert [hit.chunk.id for hit in together(lists, HYBRID)] == ["x", "a"]


def test_one_collection_alone_stays_as_it_is() -> None:
    assert together([NEAR, []], HYBRID) == NEAR
    assert together([[], []], HYBRID) == []


def test_the_limit_holds_for_all_together() -> None:
    assert len(order(NEAR, FAR, query=replace(HYBRID, limit=2))) == 2


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[EdgeStore]:
    store = EdgeStore(tmp_path)
    for name, vector in ((NAME, NORTH), (OTHER, EAST)):
        await store.open_collection(name, SPACE)
        await store.upsert(TENANT, name, [_passage(name, n, vector) for n in range(12)])
    yield store
    await store.close()


def _passage(collection: str, n: int, vector: np.ndarray) -> EmbeddedChunk:
    """Those of the canteen lie far from the north, but one of them speaks of roads."""
    aside = np.full(4, 0.02 * n, np.float32)
    text = "A road." if n == 0 or collection == NAME else f"Soup number {n}."
    leaning = (vector + aside) / np.linalg.norm(vector + aside)
    return passage(f"{collection} {n}", text, leaning.astype(np.float32), team=collection)


async def asked(store: EdgeStore, config: str = "default", further: str = OTHER) -> SearchResult:
    return await search(
        "which road leads north", tenant=TENANT, collection=NAME, further=(further,), store=store,
        embedder=Compass(), config=CONFIGS[config],
    )  # fmt: skip


@pytest.mark.parametrize("config", BOTH)
async def test_a_collection_with_nothing_on_the_matter_takes_no_place(
    store: EdgeStore, config: str
) -> None:
    assert {hit.collection for hit in (await asked(store, config)).hits} == {NAME}


@pytest.mark.parametrize("config", ["default", "dense", "adaptive"])
async def test_a_collection_that_is_asked_beside_it_changes_no_order(
    store: EdgeStore, config: str
) -> None:
    alone = await asked(store, config, further=NAME)
    assert found((await asked(store, config)).hits) == found(alone.hits)


async def test_a_hit_says_which_collection_it_is_of(store: EdgeStore) -> None:
    result = await search(
        "the harbour", tenant=TENANT, collection=NAME, further=(OTHER,), store=store,
        embedder=Compass(), limit=1,
    )  # fmt: skip
    assert result.hits[0].collection == OTHER


async def test_words_alone_are_found_in_all_of_them(store: EdgeStore) -> None:
    result = await asked(store, "bm25")
    assert {hit.collection for hit in result.hits} == {NAME, OTHER}


async def test_a_collection_that_is_not_there_is_named(store: EdgeStore) -> None:
    with pytest.raises(NotFound, match="'nowhere'"):
        await asked(store, further="nowhere")


async def test_each_collection_must_be_of_the_embedders_space(store: EdgeStore) -> None:
    await store.open_collection("old", VectorSpace("old", 4, "old-1"))
    with pytest.raises(VectorSpaceMismatch, match="'old'"):
        await asked(store, further="old")


async def test_a_boost_lifts_what_it_describes_and_says_so(store: EdgeStore) -> None:
    config = replace(CONFIGS["default"], boosts=(When((Equals("team", OTHER),), 9.0),))
    result = await search(
        "which road leads north", tenant=TENANT, collection=NAME, further=(OTHER,), store=store,
        embedder=Compass(), config=config,
    )  # fmt: skip
    assert {hit.collection for hit in result.hits} == {OTHER}
    assert result.hits[0].signals["when team"] > 0
