"""What every chunk store must pass when a rebuilt collection takes the place of another."""

from domain.ports import ChunkStore
from tests.contracts.chunk_store import NAME, SPACE, TENANT, Open, WithStore, ids, passage


class Swapping(WithStore):
    async def test_a_swapped_collection_holds_what_the_other_did(self, opened: Open) -> None:
        async with opened() as store:
            await store.open_collection(NAME, SPACE)
            await store.open_collection("handbook~", SPACE)
            await store.upsert(TENANT, NAME, [passage("old")])
            await store.upsert(TENANT, "handbook~", [passage("new")])
            await store.swap(NAME, "handbook~")
            assert await ids(store) == ["new"]
            assert list(await store.collections()) == [NAME]
        async with opened() as store:
            assert await ids(store) == ["new"]

    async def test_a_collection_that_is_not_there_yet_can_be_swapped_in(
        self, store: ChunkStore
    ) -> None:
        await store.open_collection("next~", SPACE)
        await store.upsert(TENANT, "next~", [passage("1")])
        await store.swap("next", "next~")
        assert await store.count(TENANT, "next") == 1

    async def test_a_collection_can_be_swapped_twice(self, store: ChunkStore) -> None:
        for n in ("1", "2"):
            await store.open_collection("handbook~", SPACE)
            await store.upsert(TENANT, "handbook~", [passage(n)])
            await store.swap(NAME, "handbook~")
        assert await ids(store) == ["2"]
