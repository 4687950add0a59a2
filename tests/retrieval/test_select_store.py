"""What stands around a hit comes from the store, and from the tenant's own part of it."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from domain.documents import EmbeddedChunk
from retrieval.edge import EdgeStore
from retrieval.expand import around
from tests.contracts.chunk_store import EAST, NAME, SPACE, TENANT
from tests.retrieval.select_texts import hit, row

CHUNKS = row(["One.", "Two.", "Three."])


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[EdgeStore]:
    store = EdgeStore(tmp_path)
    await store.open_collection(NAME, SPACE)
    await store.upsert(TENANT, NAME, [EmbeddedChunk(chunk, EAST) for chunk in CHUNKS])
    yield store
    await store.close()


async def test_neighbours_are_found_in_the_store(store: EdgeStore) -> None:
    near = await around([hit(CHUNKS[1])], 1, partial(store.chunks, TENANT, NAME))
    assert list(near.values()) == [CHUNKS[1], CHUNKS[0], CHUNKS[2]]


async def test_neighbours_of_another_tenant_are_not_found(store: EdgeStore) -> None:
    near = await around([hit(CHUNKS[1])], 1, partial(store.chunks, "other", NAME))
    assert list(near.values()) == [CHUNKS[1], None, None]
