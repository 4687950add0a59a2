"""What every chunk store must pass: writing, replacing, deleting, asking.

A test module derives from the classes here and gives them the fixture `opened`.
What else it must pass stands in modules beside this one.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import numpy as np
import pytest

from domain.documents import Chunk, EmbeddedChunk, Scalar
from domain.errors import InvalidInput, VectorSpaceMismatch
from domain.filters import Equals
from domain.hits import Convex, Hit, HybridQuery, Rrf
from domain.ports import ChunkStore
from domain.vectors import VectorSpace
from tests.values import a_chunk

SPACE = VectorSpace("tiny", 4, "tiny-1")
EAST, NORTH, UP = np.eye(4, dtype=np.float32)[:3]
NORTH_EAST = ((EAST + NORTH) / np.sqrt(2)).astype(np.float32)
NAME = "handbook"
TENANT = "acme"


class Open(Protocol):
    """Opens the same store again and again: what was written before is there."""

    def __call__(self) -> AbstractAsyncContextManager[ChunkStore]: ...


def passage(
    id: str,  # noqa: A002 - the chunk's own name for it
    text: str = "Some text.",
    vector: np.ndarray = EAST,
    *,
    document: str = "doc",
    source: str = "a.md",
    page: int | None = None,
    language: str = "",
    **metadata: Scalar | tuple[str, ...],
) -> EmbeddedChunk:
    chunk = a_chunk(
        id=id,
        document_id=document,
        source=source,
        title="",
        text=text,
        page=page,
        language=language,
        metadata=metadata,
    )
    return EmbeddedChunk(chunk, vector)


def found(hits: Sequence[Hit]) -> list[str]:
    return [hit.chunk.id for hit in hits]


async def scrolled(store: ChunkStore, tenant: str = TENANT) -> list[Chunk]:
    return [chunk async for chunk in store.scroll(tenant, NAME)]


async def ids(store: ChunkStore, tenant: str = TENANT) -> list[str]:
    return sorted(chunk.id for chunk in await scrolled(store, tenant))


class WithStore:
    @pytest.fixture
    async def store(self, opened: Open) -> AsyncIterator[ChunkStore]:
        async with opened() as store:
            await store.open_collection(NAME, SPACE)
            yield store


class Writing(WithStore):
    async def test_an_upserted_chunk_comes_back_as_it_was(self, store: ChunkStore) -> None:
        whole = passage(
            "1", "Ünïcode & more", page=3, title2="x", year=2024, share=2.0, open=True,
            tags=("a", "b"),
        )  # fmt: skip
        await store.upsert(TENANT, NAME, [whole])
        assert await scrolled(store) == [whole.chunk]

    async def test_upserting_twice_changes_nothing(self, store: ChunkStore) -> None:
        for _ in range(2):
            await store.upsert(TENANT, NAME, [passage("1"), passage("2")])
        assert await ids(store) == ["1", "2"]

    async def test_a_chunk_without_words_is_stored(self, store: ChunkStore) -> None:
        await store.upsert(TENANT, NAME, [passage("1", "— … —")])
        assert await ids(store) == ["1"]

    async def test_replacing_a_document_removes_its_old_chunks(self, store: ChunkStore) -> None:
        await store.replace(TENANT, NAME, {"doc": [passage("1"), passage("2"), passage("3")]})
        await store.replace(TENANT, NAME, {"doc": [passage("3"), passage("4")]})
        assert await ids(store) == ["3", "4"]

    async def test_replacing_a_document_leaves_others_alone(self, store: ChunkStore) -> None:
        await store.replace(TENANT, NAME, {"doc": [passage("1")]})
        await store.replace(TENANT, NAME, {"other": [passage("2", document="other")]})
        assert await ids(store) == ["1", "2"]

    async def test_several_documents_are_replaced_together(self, store: ChunkStore) -> None:
        both = {"doc": [passage("1")], "other": [passage("2", document="other")]}
        await store.replace(TENANT, NAME, both)
        await store.replace(TENANT, NAME, {"doc": [], "other": [passage("3", document="other")]})
        assert await ids(store) == ["3"]

    async def test_replacing_by_nothing_removes_the_document(self, store: ChunkStore) -> None:
        await store.replace(TENANT, NAME, {"doc": [passage("1")]})
        await store.replace(TENANT, NAME, {"doc": []})
        assert await ids(store) == []

    async def test_a_document_of_many_chunks_is_replaced_whole(self, store: ChunkStore) -> None:
        old = [passage(f"old {n}") for n in range(700)]
        new = [passage(f"new {n}") for n in range(600)]
        await store.replace(TENANT, NAME, {"doc": old})
        await store.replace(TENANT, NAME, {"doc": new})
        assert await ids(store) == sorted(item.chunk.id for item in new)

    async def test_deleting_takes_what_matches(self, store: ChunkStore) -> None:
        await store.upsert(TENANT, NAME, [passage("1", source="a.md"), passage("2", source="b.md")])
        await store.delete(TENANT, NAME, (Equals("source", "a.md"),))
        assert await ids(store) == ["2"]

    async def test_deleting_without_a_filter_is_refused(self, store: ChunkStore) -> None:
        with pytest.raises(InvalidInput, match="delete_tenant"):
            await store.delete(TENANT, NAME, ())

    async def test_counting_counts_what_matches(self, store: ChunkStore) -> None:
        await store.upsert(TENANT, NAME, [passage("1", source="a.md"), passage("2", source="b.md")])
        assert await store.count(TENANT, NAME) == 2
        assert await store.count(TENANT, NAME, (Equals("source", "b.md"),)) == 1

    async def test_scrolling_passes_every_page(self, store: ChunkStore) -> None:
        await store.upsert(TENANT, NAME, [passage(f"{n:03}") for n in range(600)])
        assert await ids(store) == [f"{n:03}" for n in range(600)]

    async def test_a_vector_of_another_length_is_refused(self, store: ChunkStore) -> None:
        with pytest.raises(InvalidInput, match="4-dimensional"):
            await store.upsert(TENANT, NAME, [passage("1", vector=np.ones(3, np.float32))])


class Asking(WithStore):
    @pytest.fixture
    async def filled(self, store: ChunkStore) -> ChunkStore:
        await store.upsert(
            TENANT,
            NAME,
            [
                passage("east", "Backups are kept for thirty days.", EAST),
                passage("both", "Restoring backups needs an approval.", NORTH_EAST),
                passage("north", "Lunch is served at noon.", NORTH),
                passage("up", "The backups of backups are backups.", UP),
            ],
        )
        return store

    async def test_dense_alone_ranks_by_similarity(self, filled: ChunkStore) -> None:
        hits = await filled.query(TENANT, NAME, HybridQuery(vector=EAST, limit=2))
        assert found(hits) == ["east", "both"]
        assert [hit.score for hit in hits] == pytest.approx([1, 0.5**0.5], abs=1e-4)

    async def test_bm25_alone_finds_only_what_shares_a_word(self, filled: ChunkStore) -> None:
        hits = await filled.query(TENANT, NAME, HybridQuery(text="backup"))
        assert sorted(found(hits)) == ["both", "east", "up"]
        assert found(hits)[0] == "up"

    async def test_bm25_knows_word_forms(self, filled: ChunkStore) -> None:
        hits = await filled.query(TENANT, NAME, HybridQuery(text="who restored it?"))
        assert found(hits) == ["both"]

    @pytest.mark.parametrize("fusion", [Convex(), Rrf()], ids=["convex", "rrf"])
    async def test_hybrid_says_where_each_leg_saw_a_hit(
        self, filled: ChunkStore, fusion: Convex | Rrf
    ) -> None:
        query = HybridQuery(vector=NORTH, text="lunch", fusion=fusion, space=SPACE)
        best = (await filled.query(TENANT, NAME, query))[0]
        assert best.chunk.id == "north"
        assert {leg: seen.rank for leg, seen in best.found_by.items()} == {"dense": 1, "bm25": 1}

    async def test_a_hit_of_one_leg_says_so(self, filled: ChunkStore) -> None:
        hits = await filled.query(TENANT, NAME, HybridQuery(vector=NORTH, text="lunch"))
        legs = {hit.chunk.id: set(hit.found_by) for hit in hits}
        assert legs["east"] == {"dense"}

    async def test_a_question_of_stop_words_is_left_to_the_dense_leg(
        self, filled: ChunkStore
    ) -> None:
        hits = await filled.query(
            TENANT, NAME, HybridQuery(vector=EAST, text="what is it", limit=1)
        )
        assert found(hits) == ["east"]

    async def test_the_limit_holds(self, filled: ChunkStore) -> None:
        query = HybridQuery(vector=EAST, text="backups lunch", limit=2)
        assert len(await filled.query(TENANT, NAME, query)) == 2

    async def test_filters_hold_in_both_legs(self, store: ChunkStore) -> None:
        shown, hidden = passage("1", "backups", lang="en"), passage("2", "backups", lang="de")
        await store.upsert(TENANT, NAME, [shown, hidden])
        query = HybridQuery(vector=EAST, text="backups", where=(Equals("lang", "en"),))
        assert found(await store.query(TENANT, NAME, query)) == ["1"]

    async def test_equal_scores_come_in_the_same_order_every_time(self, store: ChunkStore) -> None:
        await store.upsert(TENANT, NAME, [passage(f"{n}", "alike") for n in range(20)])
        query = HybridQuery(vector=EAST, text="alike", limit=5)
        first, second = [found(await store.query(TENANT, NAME, query)) for _ in range(2)]
        assert first == second

    async def test_an_empty_collection_answers_nothing(self, store: ChunkStore) -> None:
        assert list(await store.query(TENANT, NAME, HybridQuery(vector=EAST, text="x"))) == []

    async def test_a_vector_of_another_space_is_refused(self, filled: ChunkStore) -> None:
        other = VectorSpace("tiny", 4, "tiny-2")
        with pytest.raises(VectorSpaceMismatch):
            await filled.query(TENANT, NAME, HybridQuery(vector=EAST, space=other))
