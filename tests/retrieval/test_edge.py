"""The embedded store: what only it promises."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import qdrant_edge as edge

from domain.documents import EmbeddedChunk
from domain.errors import DataDirectoryBusy, Misconfigured, NotFound, Unavailable
from domain.filters import Equals
from domain.hits import HybridQuery
from retrieval import journal, shard_files
from retrieval.collection import new_collection
from retrieval.edge import EdgeStore
from retrieval.points import point_id
from tests.contracts.chunk_store import EAST, NAME, NORTH, SPACE, TENANT, found, ids, passage


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[EdgeStore]:
    store = EdgeStore(tmp_path)
    await store.open_collection(NAME, SPACE)
    yield store
    await store.close()


def version(name: str, chunks: int) -> list[EmbeddedChunk]:
    items = [passage(f"{name} {n}", "backups") for n in range(chunks)]
    return [EmbeddedChunk(replace(item.chunk, version=name), item.vector) for item in items]


async def test_a_query_never_sees_two_versions_of_a_document(store: EdgeStore) -> None:
    await store.replace(TENANT, NAME, {"doc": version("0", 30)})

    async def write() -> None:
        for n in range(1, 15):
            await store.replace(TENANT, NAME, {"doc": version(f"{n}", 30)})

    writing = asyncio.create_task(write())
    while not writing.done():
        query = HybridQuery(vector=EAST, text="backups", limit=60)
        hits = await store.query(TENANT, NAME, query)
        assert len({hit.chunk.version for hit in hits}) == 1
        assert len(hits) == 30
    await writing


async def test_a_second_opener_is_told_that_the_directory_is_busy(
    store: EdgeStore, tmp_path: Path
) -> None:
    second = EdgeStore(tmp_path)
    with pytest.raises(DataDirectoryBusy, match="Another process holds collection 'handbook'"):
        await second.count(TENANT, NAME)
    await second.close()


async def test_an_unfinished_creation_is_no_collection(store: EdgeStore, tmp_path: Path) -> None:
    (tmp_path / "half" / "shard").mkdir(parents=True)
    assert await store.collections() == [NAME]
    with pytest.raises(NotFound):
        await store.count(TENANT, "half")
    await store.open_collection("half", SPACE)
    assert await store.count(TENANT, "half") == 0


async def test_an_unreadable_description_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    (tmp_path / NAME / "collection.json").write_text(json.dumps({"model": "x"}))
    store = EdgeStore(tmp_path)
    with pytest.raises(Misconfigured, match="ingest it again"):
        await store.count(TENANT, NAME)
    await store.close()


async def test_writers_at_once_all_get_through(store: EdgeStore) -> None:
    await asyncio.gather(
        *(store.replace(TENANT, NAME, {f"{n}": [passage(f"{n}")]}) for n in range(20))
    )
    assert len(await ids(store)) == 20


async def test_a_cancelled_write_does_not_open_the_door_early(store: EdgeStore) -> None:
    await store.replace(TENANT, NAME, {"doc": version("old", 200)})
    writing = asyncio.create_task(store.replace(TENANT, NAME, {"doc": version("new", 200)}))
    await asyncio.sleep(0.001)
    writing.cancel()
    hits = await store.query(TENANT, NAME, HybridQuery(vector=EAST, limit=400))
    assert len(hits) == 200


async def test_what_was_deleted_is_not_found_by_words_ranked_before(store: EdgeStore) -> None:
    await store.upsert(TENANT, NAME, [passage("1"), passage("2", source="b.md")])
    query = HybridQuery(vector=EAST, words=(("1", 2.0), ("2", 1.0)))
    assert len(await store.query(TENANT, NAME, query)) == 2
    await store.delete(TENANT, NAME, (Equals("source", "b.md"),))
    assert found(await store.query(TENANT, NAME, query)) == ["1"]


async def test_closing_gives_back_the_room_of_what_was_deleted(tmp_path: Path) -> None:
    store = EdgeStore(tmp_path)
    await store.open_collection(NAME, SPACE)
    for n in range(3):
        await store.replace(TENANT, NAME, {"doc": version(f"{n}", 1200)})
    await store.upsert(TENANT, NAME, [passage("lunch", vector=NORTH, document="other")])
    await store.close()
    after = EdgeStore(tmp_path)
    hits = await after.query(TENANT, NAME, HybridQuery(vector=NORTH))
    assert hits[0].chunk.id == "lunch"
    assert await after.count(TENANT, NAME) == 1201
    assert not after._shard(NAME).engine.optimize()  # nothing is left to do
    await after.close()


async def test_a_collection_without_a_small_copy_of_its_vectors_gets_one(tmp_path: Path) -> None:
    made = shard_files.create(tmp_path / NAME, new_collection(NAME, SPACE, []))
    made.close()
    folder = tmp_path / NAME / "shard"
    shutil.rmtree(folder)
    folder.mkdir()
    plain = edge.EdgeConfig(
        vectors={"dense": edge.EdgeVectorParams(SPACE.dimensions, edge.Distance.Cosine)},
        sparse_vectors={"bm25": edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)},
    )
    edge.EdgeShard.create(str(folder), plain).close()
    query = HybridQuery(vector=EAST, text="backups")
    answers = []
    for n in range(2):
        store = EdgeStore(tmp_path)
        await store.replace(TENANT, NAME, {f"{n}": [passage("1", "backups are kept")]})
        answers.append(await store.query(TENANT, NAME, query))
        await store.close()
    assert answers[0] == answers[1]
    assert list(folder.rglob("*quantized*"))


async def test_a_query_meets_the_old_collection_or_the_new_while_they_are_swapped(
    store: EdgeStore,
) -> None:
    await store.replace(TENANT, NAME, {"doc": version("0", 3)})

    async def swap() -> None:
        for n in range(1, 6):
            await store.open_collection("handbook~", SPACE)
            await store.replace(TENANT, "handbook~", {"doc": version(f"{n}", 3)})
            await store.swap(NAME, "handbook~")

    swapping = asyncio.create_task(swap())
    while not swapping.done():
        assert len(await store.query(TENANT, NAME, HybridQuery(vector=EAST, limit=9))) == 3
        await asyncio.sleep(0.001)
    await swapping


def journal_of(folder: Path, document: str, chunks: list[EmbeddedChunk]) -> None:
    points = [point_id(TENANT, item.chunk.id) for item in chunks]
    journal.write(folder, [journal.Entry(TENANT, document, points)])


async def test_a_replacement_that_died_before_all_was_there_is_undone(tmp_path: Path) -> None:
    store = EdgeStore(tmp_path)
    await store.open_collection(NAME, SPACE)
    await store.replace(TENANT, NAME, {"doc": version("old", 3)})
    new = version("new", 3)
    await store.upsert(TENANT, NAME, new[:2])
    await store.close()
    journal_of(tmp_path / NAME, "doc", new)
    store = EdgeStore(tmp_path)
    assert await ids(store) == ["old 0", "old 1", "old 2"]
    await store.close()


async def test_a_replacement_that_died_when_all_was_there_is_ended(tmp_path: Path) -> None:
    store = EdgeStore(tmp_path)
    await store.open_collection(NAME, SPACE)
    await store.replace(TENANT, NAME, {"doc": version("old", 3)})
    new = version("new", 2)
    await store.upsert(TENANT, NAME, new)
    await store.close()
    journal_of(tmp_path / NAME, "doc", new)
    store = EdgeStore(tmp_path)
    assert await ids(store) == ["new 0", "new 1"]
    await store.close()
    assert journal.read(tmp_path / NAME) == []


async def test_a_disk_that_is_almost_full_is_not_written_to(tmp_path: Path) -> None:
    store = EdgeStore(tmp_path, reserve=2**62)
    with pytest.raises(Unavailable, match=r"is full: \d+ MB are free.*Make room"):
        await store.open_collection(NAME, SPACE)
    await store.close()
