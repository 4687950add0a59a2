"""What every chunk store must pass about tenants: each call tries to reach the neighbour."""

from collections.abc import AsyncIterator

import pytest

from domain.filters import Equals, Exists
from domain.hits import HybridQuery
from domain.ports import ChunkStore
from tests.contracts.chunk_store import EAST, NAME, NORTH, WithStore, found, ids, passage

OURS, THEIRS = "acme", "globex"


class Separating(WithStore):
    @pytest.fixture
    async def shared(self, store: ChunkStore) -> AsyncIterator[ChunkStore]:
        """Both tenants hold a document of the same name, with the same words."""
        await store.upsert(OURS, NAME, [passage("ours", "our backups")])
        await store.upsert(THEIRS, NAME, [passage("theirs", "their backups")])
        yield store
        assert "theirs" in await ids(store, THEIRS)

    async def test_a_query_stays_with_its_tenant(self, shared: ChunkStore) -> None:
        query = HybridQuery(vector=EAST, text="backups")
        assert found(await shared.query(OURS, NAME, query)) == ["ours"]

    async def test_a_filter_cannot_name_another_tenant(self, shared: ChunkStore) -> None:
        query = HybridQuery(vector=EAST, where=(Equals("tenant", THEIRS),))
        assert found(await shared.query(OURS, NAME, query)) == []

    async def test_a_scroll_stays_with_its_tenant(self, shared: ChunkStore) -> None:
        assert await ids(shared, OURS) == ["ours"]

    async def test_a_count_stays_with_its_tenant(self, shared: ChunkStore) -> None:
        assert await shared.count(OURS, NAME) == 1

    async def test_an_unknown_tenant_sees_nothing(self, shared: ChunkStore) -> None:
        assert found(await shared.query("nobody", NAME, HybridQuery(vector=EAST))) == []

    async def test_a_replacement_stays_with_its_tenant(self, shared: ChunkStore) -> None:
        await shared.replace(OURS, NAME, {"doc": []})
        assert await ids(shared, OURS) == []

    async def test_a_deletion_stays_with_its_tenant(self, shared: ChunkStore) -> None:
        await shared.delete(OURS, NAME, (Exists("source"),))
        assert await ids(shared, OURS) == []

    async def test_deleting_a_tenant_leaves_the_other(self, shared: ChunkStore) -> None:
        await shared.delete_tenant(OURS, NAME)
        assert await ids(shared, OURS) == []

    async def test_an_equal_chunk_id_does_not_overwrite(self, shared: ChunkStore) -> None:
        await shared.upsert(OURS, NAME, [passage("theirs", "not theirs", NORTH)])
        hits = await shared.query(THEIRS, NAME, HybridQuery(vector=EAST))
        assert hits[0].chunk.text == "their backups"

    async def test_word_weights_do_not_leak(self, shared: ChunkStore) -> None:
        await shared.upsert(OURS, NAME, [passage("more", "our lunch")])
        query = HybridQuery(text="backups lunch")
        before = await shared.query(OURS, NAME, query)
        many = [passage(f"{n}", "backups backups") for n in range(50)]
        await shared.upsert(THEIRS, NAME, many)
        assert await shared.query(OURS, NAME, query) == before
