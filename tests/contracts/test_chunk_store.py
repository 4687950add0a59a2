"""The chunk store's contract over the embedded engine and over the server adapter.

The adapter runs over the client's own local mode on disk, over HTTP on loopback with local
mode behind it, and, when FOREBAY_TEST_QDRANT_URL is set, over that server: HTTP and gRPC.
"""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from qdrant_client import AsyncQdrantClient

from domain.ports import ChunkStore
from retrieval.edge import EdgeStore
from retrieval.server import QdrantConfig, QdrantStore
from tests.contracts.chunk_store import Asking, Open, Writing
from tests.contracts.chunk_store_filters import Filtering
from tests.contracts.chunk_store_sparse import Weighing
from tests.contracts.chunk_store_staying import Staying
from tests.contracts.chunk_store_swaps import Swapping
from tests.contracts.chunk_store_tenants import Separating
from tests.contracts.chunk_store_words import Speaking
from tests.retrieval.qdrant_on_loopback import running

SERVER = os.environ.get("FOREBAY_TEST_QDRANT_URL")


class Everything(Writing, Asking, Filtering, Separating, Speaking, Weighing, Swapping, Staying):
    __test__ = False


class TestEdge(Everything):
    __test__ = True

    @pytest.fixture
    def opened(self, tmp_path: Path) -> Open:
        @asynccontextmanager
        async def open_store() -> AsyncIterator[ChunkStore]:
            store = EdgeStore(tmp_path / "collections")
            try:
                yield store
            finally:
                await store.close()

        return open_store


@pytest.mark.filterwarnings("ignore:Payload indexes have no effect")  # local mode scans
class TestServerAdapter(Everything):
    __test__ = True

    @pytest.fixture
    def opened(self, tmp_path: Path) -> Open:
        @asynccontextmanager
        async def open_store() -> AsyncIterator[ChunkStore]:
            store = QdrantStore(AsyncQdrantClient(path=str(tmp_path / "local")))
            try:
                yield store
            finally:
                await store.close()

        return open_store


class TestServerAdapterOverHttp(
    Writing, Asking, Filtering, Separating, Speaking, Weighing, Swapping, Staying
):
    @pytest.fixture
    def opened(self) -> Iterator[Open]:
        with running() as qdrant:
            yield lambda: _connected(QdrantConfig(qdrant.url))


@pytest.mark.skipif(SERVER is None, reason="FOREBAY_TEST_QDRANT_URL names no server")
@pytest.mark.parametrize("grpc", [False, True], ids=["http", "grpc"], scope="class")
class TestServer(Everything):
    __test__ = True

    @pytest.fixture
    async def opened(self, grpc: bool) -> AsyncIterator[Open]:
        assert SERVER is not None
        config = QdrantConfig(SERVER, grpc=grpc)
        yield lambda: _connected(config)
        async with _connected(config) as store:
            for name in await store.collections():
                await store.drop_collection(name)


@asynccontextmanager
async def _connected(config: QdrantConfig) -> AsyncIterator[ChunkStore]:
    store = QdrantStore.open(config)
    try:
        yield store
    finally:
        await store.close()
