"""What a chunk store keeps: over its end, by its ids, by its collections' names."""

import numpy as np
import pytest

from domain.errors import InvalidInput, NotFound, VectorSpaceMismatch
from domain.filters import Equals
from domain.hits import HybridQuery
from domain.ports import ChunkStore
from domain.vectors import VectorSpace
from tests.contracts.chunk_store import (
    EAST,
    NAME,
    NORTH,
    SPACE,
    TENANT,
    Open,
    WithStore,
    found,
    passage,
)
from tests.values import a_chunk


class Staying(WithStore):
    async def test_what_was_written_is_there_after_reopening(self, opened: Open) -> None:
        async with opened() as store:
            await store.open_collection(NAME, SPACE)
            await store.upsert(TENANT, NAME, [passage("1", "backups")])
        async with opened() as store:
            hits = await store.query(TENANT, NAME, HybridQuery(vector=EAST, text="backup"))
            assert found(hits) == ["1"]

    async def test_another_vector_space_is_refused_after_reopening(self, opened: Open) -> None:
        async with opened() as store:
            await store.open_collection(NAME, SPACE)
        async with opened() as store:
            with pytest.raises(VectorSpaceMismatch, match=r"'handbook'.*'tiny'.*'big'.*--rebuild"):
                await store.open_collection(NAME, VectorSpace("big", 4, "big-1"))

    async def test_the_mean_length_of_the_sample_shapes_the_scores(self, store: ChunkStore) -> None:
        scores = []
        for name, text in (("short", "two words"), ("long", "many words " * 100)):
            await store.open_collection(name, SPACE, [a_chunk(text=text)])
            await store.upsert(TENANT, name, [passage("1", "backups stay here for thirty days")])
            hits = await store.query(TENANT, name, HybridQuery(text="backups"))
            scores.append(hits[0].score)
        assert scores[0] < scores[1]

    async def test_hits_come_with_their_vectors_when_asked(self, store: ChunkStore) -> None:
        await store.upsert(TENANT, NAME, [passage("e", vector=EAST), passage("n", vector=NORTH)])
        query = HybridQuery(vector=NORTH)
        hits, vectors = await store.query_with_vectors(TENANT, NAME, query)
        assert [hit.chunk.id for hit in hits] == ["n", "e"]
        assert np.allclose(vectors, [NORTH, EAST])
        assert hits == list(await store.query(TENANT, NAME, query))

    async def test_a_chunk_that_was_found_before_is_found_as_it_is_now(
        self, store: ChunkStore
    ) -> None:
        query = HybridQuery(vector=EAST)
        for text, vector in (("Old.", EAST), ("New.", NORTH)):
            await store.upsert(TENANT, NAME, [passage("1", text, vector)])
            hits, vectors = await store.query_with_vectors(TENANT, NAME, query)
            assert [hit.chunk.text for hit in hits] == [text]
            assert np.allclose(vectors, [vector])

    async def test_a_chunk_that_was_found_before_is_gone_when_it_was_deleted(
        self, store: ChunkStore
    ) -> None:
        await store.upsert(TENANT, NAME, [passage("1", source="a.md"), passage("2", source="b.md")])
        query = HybridQuery(vector=EAST)
        assert len(await store.query(TENANT, NAME, query)) == 2
        await store.delete(TENANT, NAME, (Equals("source", "a.md"),))
        assert found(await store.query(TENANT, NAME, query)) == ["2"]

    async def test_chunks_come_by_their_ids_in_order(self, store: ChunkStore) -> None:
        await store.upsert(TENANT, NAME, [passage(one) for one in "abc"])
        await store.upsert("other", NAME, [passage("d")])
        chunks = await store.chunks(TENANT, NAME, ["c", "nowhere", "a", "d"])
        assert [chunk.id for chunk in chunks] == ["c", "a"]

    async def test_collections_are_listed_until_they_are_dropped(self, store: ChunkStore) -> None:
        await store.open_collection("other", SPACE)
        assert list(await store.collections()) == [NAME, "other"]
        await store.drop_collection(NAME)
        assert list(await store.collections()) == ["other"]

    async def test_a_dropped_collection_comes_back_empty(self, store: ChunkStore) -> None:
        await store.upsert(TENANT, NAME, [passage("1")])
        await store.drop_collection(NAME)
        await store.open_collection(NAME, VectorSpace("big", 8, "big-1"))
        assert await store.count(TENANT, NAME) == 0

    async def test_an_unknown_collection_is_not_found(self, store: ChunkStore) -> None:
        for call in (
            store.query(TENANT, "none", HybridQuery(vector=EAST)),
            store.upsert(TENANT, "none", [passage("1")]),
            store.count(TENANT, "none"),
            store.delete_tenant(TENANT, "none"),
            store.drop_collection("none"),
        ):
            with pytest.raises(NotFound, match="'none'"):
                await call

    @pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "x" * 64])
    async def test_a_name_that_could_be_a_path_is_refused(
        self, store: ChunkStore, name: str
    ) -> None:
        with pytest.raises(InvalidInput, match="collection"):
            await store.open_collection(name, SPACE)
