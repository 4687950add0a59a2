"""Which chunk store the settings mean: the embedded engine, or a Qdrant server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from domain.ports import ChunkStore
from wiring.settings import Settings

if TYPE_CHECKING:
    from retrieval.server import QdrantConfig


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[ChunkStore]:
    store = _server(settings) if settings.qdrant.url else _edge(settings)
    try:
        yield store
    finally:
        await store.close()


def _edge(settings: Settings) -> ChunkStore:
    from retrieval.edge import EdgeStore

    return EdgeStore(settings.data / "collections")


def _server(settings: Settings) -> ChunkStore:
    from retrieval.server import QdrantStore

    return QdrantStore.open(qdrant_config(settings))


def qdrant_config(settings: Settings) -> "QdrantConfig":
    from retrieval.server import QdrantConfig

    qdrant = settings.qdrant
    assert qdrant.url is not None
    key = qdrant.api_key.get_secret_value() if qdrant.api_key else None
    return QdrantConfig(url=qdrant.url, api_key=key, grpc=qdrant.grpc)
