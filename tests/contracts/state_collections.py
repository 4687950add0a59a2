"""What every CollectionRegistry must do. Needs a fixture `collections`, empty."""

from dataclasses import replace

from domain.records import CollectionRecord
from domain.state_ports import CollectionRegistry
from domain.vectors import VectorSpace

HANDBOOK = CollectionRecord(
    name="handbook",
    space=VectorSpace(model="bge-small-en-v1.5", dimensions=384, id="bge-small-en-v1.5/int8/cls"),
    max_tokens=320,
    overlap=40,
    created_at="2026-11-03T09:30:00+00:00",
)


class CollectionRegistryContract:
    async def test_a_saved_record_comes_back_as_it_was(
        self, collections: CollectionRegistry
    ) -> None:
        await collections.save(HANDBOOK)
        assert await collections.find("handbook") == HANDBOOK

    async def test_what_was_never_saved_is_not_found(self, collections: CollectionRegistry) -> None:
        assert await collections.find("handbook") is None

    async def test_saving_again_replaces(self, collections: CollectionRegistry) -> None:
        rebuilt = replace(HANDBOOK, space=VectorSpace("large", 3072, "large"), max_tokens=500)
        await collections.save(HANDBOOK)
        await collections.save(rebuilt)
        assert await collections.all() == [rebuilt]

    async def test_all_is_sorted_by_name(self, collections: CollectionRegistry) -> None:
        for name in ("b", "a", "B"):
            await collections.save(replace(HANDBOOK, name=name))
        assert [record.name for record in await collections.all()] == ["B", "a", "b"]

    async def test_a_forgotten_collection_is_gone(self, collections: CollectionRegistry) -> None:
        await collections.save(HANDBOOK)
        await collections.forget("handbook")
        assert await collections.all() == []
