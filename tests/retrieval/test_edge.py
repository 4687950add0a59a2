"""The embedded store: what only it promises."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from domain.documents import EmbeddedChunk
from domain.errors import DataDirectoryBusy, Misconfigured, NotFound
from domain.hits import HybridQuery
from retrieval.edge import EdgeStore
from tests.contracts.chunk_store import EAST, NAME, SPACE, TENANT, ids, passage


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
    await store.replace(TENANT, NAME, "doc", version("0", 30))

    async def write() -> None:
        for n in range(1, 15):
            await store.replace(TENANT, NAME, "doc", version(f"{n}", 30))

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
        *(store.replace(TENANT, NAME, f"{n}", [passage(f"{n}")]) for n in range(20))
    )
    assert len(await ids(store)) == 20


async def test_a_cancelled_write_does_not_open_the_door_early(store: EdgeStore) -> None:
    await store.replace(TENANT, NAME, "doc", version("old", 200))
    writing = asyncio.create_task(store.replace(TENANT, NAME, "doc", version("new", 200)))
    await asyncio.sleep(0.001)
    writing.cancel()
    hits = await store.query(TENANT, NAME, HybridQuery(vector=EAST, limit=400))
    assert len(hits) == 200


async def test_optimizing_changes_no_answer(store: EdgeStore) -> None:
    await store.replace(TENANT, NAME, "doc", version("0", 50))
    query = HybridQuery(vector=EAST, text="backups")
    before = await store.query(TENANT, NAME, query)
    await store.optimize(NAME)
    assert await store.query(TENANT, NAME, query) == before
