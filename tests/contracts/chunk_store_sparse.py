"""What every chunk store must pass with learned sparse vectors, and with words ranked elsewhere."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from domain.documents import EmbeddedChunk
from domain.errors import VectorSpaceMismatch
from domain.filters import Equals
from domain.hits import Found, HybridQuery, Rrf
from domain.ports import ChunkStore
from tests.contracts.chunk_store import EAST, NAME, NORTH, SPACE, TENANT, WithStore, found, passage

WEIGHED = SPACE.with_sparse("splade")
OTHER = SPACE.with_sparse("other")
LEARNED = "learned"  # a collection with such a leg


def weighed(item: EmbeddedChunk, sparse: Mapping[int, float]) -> EmbeddedChunk:
    return replace(item, sparse=sparse)


CHUNKS = (
    weighed(passage("car", "A car.", EAST, lang="en"), {1: 1.0, 2: 0.5}),
    weighed(passage("van", "A van.", NORTH, lang="en"), {2: 2.0}),
    weighed(passage("Wagen", "Ein Wagen.", NORTH, lang="de"), {1: 0.25}),
    weighed(passage("soup", "A soup.", NORTH, lang="en"), {}),
)


class Weighing(WithStore):
    @pytest.fixture
    async def learned(self, store: ChunkStore) -> ChunkStore:
        await store.open_collection(LEARNED, WEIGHED)
        await store.upsert(TENANT, LEARNED, CHUNKS)
        return store

    async def test_learned_weights_rank_what_shares_a_token(self, learned: ChunkStore) -> None:
        query = HybridQuery(sparse={1: 1.0, 2: 0.5}, space=WEIGHED)
        hits = await learned.query(TENANT, LEARNED, query)
        assert found(hits) == ["car", "van", "Wagen"]
        assert [hit.score for hit in hits] == pytest.approx([1.25, 1.0, 0.25])

    async def test_all_three_legs_say_where_they_saw_a_hit(self, learned: ChunkStore) -> None:
        query = HybridQuery(EAST, "car", fusion=Rrf(), sparse={1: 1.0}, space=WEIGHED)
        best = (await learned.query(TENANT, LEARNED, query))[0]
        ranks = {leg: seen.rank for leg, seen in best.found_by.items()}
        assert (best.chunk.id, ranks) == ("car", {"dense": 1, "bm25": 1, "sparse": 1})

    async def test_a_filter_holds_in_the_sparse_leg(self, learned: ChunkStore) -> None:
        query = HybridQuery(sparse={1: 1.0}, space=WEIGHED, where=(Equals("lang", "de"),))
        assert found(await learned.query(TENANT, LEARNED, query)) == ["Wagen"]

    async def test_a_collection_without_such_a_leg_is_searched_by_the_others(
        self, store: ChunkStore
    ) -> None:
        await store.upsert(TENANT, NAME, [passage("car", "A car.")])
        query = HybridQuery(EAST, "car", sparse={1: 1.0}, space=WEIGHED)
        hits = await store.query(TENANT, NAME, query)
        assert [set(hit.found_by) for hit in hits] == [{"dense", "bm25"}]

    async def test_a_question_may_do_without_the_sparse_leg(self, learned: ChunkStore) -> None:
        hits = await learned.query(TENANT, LEARNED, HybridQuery(EAST, "car", space=SPACE))
        assert {leg for hit in hits for leg in hit.found_by} == {"dense", "bm25"}

    async def test_weights_of_another_model_are_refused(self, learned: ChunkStore) -> None:
        with pytest.raises(VectorSpaceMismatch, match="FOREBAY_SPARSE__PROVIDER"):
            await learned.query(TENANT, LEARNED, HybridQuery(sparse={1: 1.0}, space=OTHER))

    @pytest.mark.parametrize("space", [SPACE, OTHER], ids=["none", "another"])
    async def test_nothing_is_written_without_its_sparse_model(
        self, learned: ChunkStore, space: object
    ) -> None:
        with pytest.raises(VectorSpaceMismatch, match="--rebuild"):
            await learned.open_collection(LEARNED, space)  # type: ignore[arg-type]

    async def test_words_ranked_elsewhere_take_the_place_of_its_own(
        self, learned: ChunkStore
    ) -> None:
        words = (("soup", 9.0), ("gone", 8.0), ("van", 7.0))
        query = HybridQuery(EAST, "car", fusion=Rrf(), limit=2, depth=3, words=words)
        hits, vectors = await learned.query_with_vectors(TENANT, LEARNED, query)
        by_words = {hit.chunk.id: hit.found_by.get("bm25") for hit in hits}
        assert by_words["soup"] == Found(1, 9.0)
        assert by_words.get("car") is None
        assert len(vectors) == len(hits)

    async def test_words_ranked_elsewhere_can_be_all_there_is(self, learned: ChunkStore) -> None:
        hits = await learned.query(TENANT, LEARNED, HybridQuery(text="x", words=(("soup", 1.0),)))
        assert found(hits) == ["soup"]
