"""What is pinned follows its documents: changed, gone, or too long."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from domain.documents import Chunk, DocumentRecord, EmbeddedChunk
from domain.errors import InvalidInput, NotFound
from domain.ids import chunk_id, document_id
from retrieval.edge import EdgeStore
from tests.contracts.chunk_store import EAST, NAME, SPACE, TENANT
from tests.provider.tokens import counter
from tests.values import a_chunk
from wiring.pins import Pinned
from wiring.state.database import State, open_state

HERE = TENANT, NAME


@dataclass
class House:
    pinned: Pinned
    state: State
    store: EdgeStore

    async def hold(self, source: str, *texts: str, version: str = "v1") -> list[Chunk]:
        id_ = document_id(TENANT, NAME, source)
        chunks = [
            a_chunk(
                id=chunk_id(id_, version, position),
                document_id=id_,
                version=version,
                position=position,
                source=source,
                text=text,
            )
            for position, text in enumerate(texts)
        ]
        await self.store.replace(TENANT, NAME, {id_: [EmbeddedChunk(c, EAST) for c in chunks]})
        await self.state.documents.save([_record(id_, source, version, len(chunks))])
        return chunks

    async def texts(self) -> list[str]:
        return [chunk.text for chunk in await self.pinned.chunks(*HERE)]


def _record(id_: str, source: str, version: str, chunks: int) -> DocumentRecord:
    return DocumentRecord(
        id=id_, tenant=TENANT, collection=NAME, source=source, title=source, version=version,
        content_hash=version, media_type="text/plain", size=1, chunks=chunks,
        ingested_at=f"2026-01-0{version[-1]}T00:00:00+00:00",
    )  # fmt: skip


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    store = EdgeStore(tmp_path / "collections")
    await store.open_collection(NAME, SPACE)
    async with open_state(f"sqlite:///{tmp_path / 'state.db'}") as state:
        yield House(Pinned(state, store, counter(), 60, every=0), state, store)
    await store.close()


async def test_a_document_is_pinned_by_its_source(house: House) -> None:
    await house.hold("terms.md", "A margin is a share.", "A rate is a price.")
    (standing,) = await house.pinned.pin(*HERE, ["terms.md"])
    assert standing.pin.source == "terms.md"
    assert await house.texts() == ["A margin is a share.", "A rate is a price."]


async def test_a_passage_is_pinned_by_its_id(house: House) -> None:
    _, rate = await house.hold("terms.md", "A margin is a share.", "A rate is a price.")
    await house.pinned.pin(*HERE, [rate.id])
    assert await house.texts() == ["A rate is a price."]


async def test_a_new_version_of_a_document_takes_the_place_of_the_old(house: House) -> None:
    await house.hold("terms.md", "A margin is a share.")
    await house.pinned.pin(*HERE, ["terms.md"])
    await house.texts()
    await house.hold("terms.md", "A margin is a sum.", version="v2")
    assert await house.texts() == ["A margin is a sum."]


async def test_a_pinned_passage_outlives_a_new_version_that_still_has_it(house: House) -> None:
    _, rate = await house.hold("terms.md", "A margin is a share.", "A rate is a price.")
    await house.pinned.pin(*HERE, [rate.id])
    await house.hold("terms.md", "New.", "Newer.", "A rate is a price.", version="v2")
    assert await house.texts() == ["A rate is a price."]


async def test_what_is_gone_is_named_and_stands_nowhere(house: House) -> None:
    (margin,) = await house.hold("terms.md", "A margin is a share.")
    await house.pinned.pin(*HERE, [margin.id])
    await house.hold("terms.md", "A margin is a sum.", version="v2")
    assert await house.texts() == []
    (standing,) = await house.pinned.standing(*HERE)
    assert standing.fault == "the passage is no longer there"


async def test_more_than_the_limit_is_not_pinned(house: House) -> None:
    await house.hold("long.md", "word " * 100)
    with pytest.raises(InvalidInput, match=r"long.md needs 1\d\d tokens, 60 of 60 are left"):
        await house.pinned.pin(*HERE, ["long.md"])
    assert await house.pinned.standing(*HERE) == []


async def test_a_document_that_grew_beyond_the_limit_leaves_the_others_in_place(
    house: House,
) -> None:
    await house.hold("long.md", "Short.")
    await house.hold("terms.md", "A rate is a price.")
    await house.pinned.pin(*HERE, ["long.md", "terms.md"])
    await house.hold("long.md", "word " * 100, version="v2")
    assert await house.texts() == ["A rate is a price."]


async def test_what_is_not_there_cannot_be_pinned(house: House) -> None:
    with pytest.raises(NotFound, match=r"no document and no passage 'other.md'"):
        await house.pinned.pin(*HERE, ["other.md"])


async def test_unpinning_by_the_source_takes_its_passages_as_well(house: House) -> None:
    _, rate = await house.hold("terms.md", "A margin is a share.", "A rate is a price.")
    await house.pinned.pin(*HERE, [rate.id])
    assert await house.pinned.unpin(*HERE, ["terms.md"]) == []
    assert await house.texts() == []


async def test_what_is_not_pinned_cannot_be_unpinned(house: House) -> None:
    with pytest.raises(NotFound, match=r"Nothing of 'terms.md' is pinned"):
        await house.pinned.unpin(*HERE, ["terms.md"])


async def test_a_plan_takes_the_place_of_the_last_one_and_leaves_what_was_pinned_by_hand(
    house: House,
) -> None:
    margin, rate = await house.hold("terms.md", "A margin is a share.", "A rate is a price.")
    (road,) = await house.hold("road.md", "It is closed.")
    await house.pinned.pin(*HERE, [road.id])
    await house.pinned.plan(*HERE, [margin.id])
    await house.pinned.plan(*HERE, [rate.id, road.id])
    standing = await house.pinned.standing(*HERE)
    assert {(one.chunks[0].text, one.pin.planned) for one in standing} == {
        ("It is closed.", False),
        ("A rate is a price.", True),
    }


async def tried(house: House) -> list[str]:
    return [chunk.text for chunk in await house.pinned.tried(*HERE)]


async def test_a_trial_changes_what_its_canary_gets_and_nothing_else(house: House) -> None:
    margin, rate = await house.hold("terms.md", "A margin is a share.", "A rate is a price.")
    await house.pinned.plan(*HERE, [margin.id])
    await house.pinned.begin(*HERE, [rate.id], 0.1)
    assert await house.texts() == ["A margin is a share."]
    assert await tried(house) == ["A rate is a price."]


async def test_what_is_pinned_by_hand_stands_in_both_arms(house: House) -> None:
    margin, rate = await house.hold("terms.md", "A margin is a share.", "A rate is a price.")
    await house.pinned.pin(*HERE, [margin.id])
    await house.pinned.begin(*HERE, [margin.id, rate.id], 0.1)
    assert await house.texts() == ["A margin is a share."]
    assert await tried(house) == ["A margin is a share.", "A rate is a price."]


async def test_without_a_trial_both_arms_get_the_same(house: House) -> None:
    (margin,) = await house.hold("terms.md", "A margin is a share.")
    await house.pinned.pin(*HERE, [margin.id])
    assert await tried(house) == await house.texts()


async def test_a_promoted_trial_takes_the_place_of_the_plan(house: House) -> None:
    margin, rate = await house.hold("terms.md", "A margin is a share.", "A rate is a price.")
    await house.pinned.plan(*HERE, [margin.id])
    await house.pinned.begin(*HERE, [rate.id], 0.1)
    (standing,) = await house.pinned.promote(*HERE)
    assert (standing.pin.planned, standing.share) == (True, None)
    assert await house.texts() == ["A rate is a price."]
    assert await house.pinned.trial(*HERE) is None


async def test_a_dropped_trial_leaves_what_was_pinned(house: House) -> None:
    margin, rate = await house.hold("terms.md", "A margin is a share.", "A rate is a price.")
    await house.pinned.plan(*HERE, [margin.id])
    await house.pinned.begin(*HERE, [rate.id], 0.1)
    await house.pinned.drop(*HERE)
    assert await tried(house) == await house.texts() == ["A margin is a share."]


async def test_a_passage_on_trial_follows_its_document(house: House) -> None:
    margin, rate = await house.hold("terms.md", "A margin is a share.", "A rate is a price.")
    await house.pinned.begin(*HERE, [margin.id, rate.id], 0.1)
    await house.hold("terms.md", "New.", "A rate is a price.", version="v2")
    assert await tried(house) == ["A rate is a price."]
    assert [one.tokens for one in await house.pinned.promote(*HERE)] == [11]


async def test_more_than_the_limit_is_not_tried(house: House) -> None:
    (long,) = await house.hold("long.md", "word " * 100)
    with pytest.raises(InvalidInput, match=r"long.md needs 1\d\d tokens"):
        await house.pinned.begin(*HERE, [long.id], 0.1)
    assert await house.pinned.trial(*HERE) is None


async def test_a_tenant_has_one_trial_at_a_time(house: House) -> None:
    (margin,) = await house.hold("terms.md", "A margin is a share.")
    await house.pinned.begin(*HERE, [margin.id], 0.1)
    with pytest.raises(InvalidInput, match=f"A plan is tried on the collection '{NAME}'"):
        await house.pinned.begin(TENANT, "other", [], 0.1)


@pytest.mark.parametrize("end", ["promote", "drop"])
async def test_a_trial_that_was_not_begun_cannot_be_ended(house: House, end: str) -> None:
    with pytest.raises(NotFound, match="Nothing is on trial"):
        await getattr(house.pinned, end)(*HERE)
