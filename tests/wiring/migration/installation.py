"""A filled embedded installation, and a Qdrant server on loopback that can be looked into."""

import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import pytest
from qdrant_client import models

from domain.documents import EmbeddedChunk
from domain.vectors import VectorSpace
from retrieval.edge import EdgeStore
from retrieval.server import QdrantConfig, QdrantStore
from tests.contracts.state_documents import A
from tests.contracts.state_ledger import a_row
from tests.retrieval import qdrant_on_loopback
from tests.retrieval.qdrant_on_loopback import QdrantOnLoopback
from tests.values import a_chunk
from wiring.migrate_stores import Outcome, migrate, verify
from wiring.settings import Settings
from wiring.settings_places import DatabaseSettings, QdrantSettings
from wiring.state.database import open_state

SPACE = VectorSpace("tiny", 8, "tiny-1")
WEIGHED = SPACE.with_sparse("learned")
COLLECTIONS = {"handbook": SPACE, "notes": WEIGHED}
TENANTS = ("acme", "other")
CHUNKS = 40  # of each tenant in each collection
WORDS = "backup restore disk key tenant holiday invoice printer office garden".split()


class Qdrant(QdrantOnLoopback):
    """`before` is called with a request before it is answered; `answering` is held for both."""

    def __init__(self) -> None:
        super().__init__()
        self.answering = Lock()
        self.before: Callable[[str], None] = lambda _: None

    def answer(self, method: str, path: str, body: Any) -> tuple[int, object]:
        with self.answering:
            self.before(f"{method} {path}")
            return super().answer(method, path, body)

    def real(self, name: str) -> str:
        return {one.alias_name: one.collection_name for one in self._local.get_aliases().aliases}[
            f"forebay_{name}"
        ]

    def spoil(self, name: str) -> None:
        """One point, as it is seen, has another vector."""
        records, _ = self._local.scroll(f"forebay_{name}", limit=1)
        turned = models.PointVectors(id=records[0].id, vector={"dense": [1.0] + [0.0] * 7})
        self._local.update_vectors(self.real(name), [turned])

    def shown(self) -> list[str]:
        return sorted(one.alias_name for one in self._local.get_aliases().aliases)


@contextmanager
def running(patch: pytest.MonkeyPatch) -> Iterator[Qdrant]:
    patch.setattr(qdrant_on_loopback, "QdrantOnLoopback", Qdrant)
    with qdrant_on_loopback.running() as server:
        assert isinstance(server, Qdrant)
        yield server


def vector(drawn: random.Random) -> np.ndarray:
    made = np.array([drawn.gauss(0, 1) for _ in range(8)], dtype=np.float32)
    return made / np.linalg.norm(made)


def passages(tenant: str, number: int, *, sparse: bool) -> list[EmbeddedChunk]:
    drawn = random.Random(f"{tenant} {sparse}")
    return [
        EmbeddedChunk(
            a_chunk(
                id=f"{tenant} {n}",
                document_id=f"doc {n // 5}",
                source=f"{n // 5}.md",
                text=" ".join(drawn.choices(WORDS, k=12)),
                metadata={"year": 2000 + n % 5, "share": n / 3, "open": n % 2 == 0, "tags": ("a",)},
            ),
            vector(drawn),
            {1: 0.1 + n, n + 2: 0.7} if sparse else None,
        )
        for n in range(number)
    ]


async def fill(data: Path, chunks: int, calls: int = 5) -> None:
    """`chunks` of each tenant in each collection, and a state with `calls` in its ledger."""
    store = EdgeStore(data / "collections")
    for name, space in COLLECTIONS.items():
        items = passages("acme", chunks, sparse=bool(space.sparse))
        await store.open_collection(name, space, [item.chunk for item in items])
        for tenant in TENANTS:
            await store.upsert(tenant, name, passages(tenant, chunks, sparse=bool(space.sparse)))
    await store.close()
    async with open_state(f"sqlite:///{(data / 'state.db').absolute()}") as state:
        await state.documents.save([A])
        await state.ledger.book(*(a_row(cost) for cost in range(1, calls + 1)))
        await state.secret("marks")
        await state.sessions.create("acme", "first", "2026-11-01T09:00:00.123456+00:00")


def settings_of(data: Path, qdrant: str | None = None, database: str | None = None) -> Settings:
    return Settings(data=data).model_copy(
        update={
            "qdrant": QdrantSettings(url=qdrant),
            "database": DatabaseSettings.model_validate({"url": database}),
        }
    )


async def migrated(settings: Settings) -> Outcome:
    return await migrate(settings, None, lambda _: None)


async def verified(settings: Settings) -> Outcome:
    return await verify(settings, None, lambda _: None)


def wrong(outcome: Outcome) -> list[str]:
    return [part.name for part in outcome.parts if not part.same]


@asynccontextmanager
async def embedded(data: Path) -> AsyncIterator[EdgeStore]:
    store = EdgeStore(data / "collections")
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def server(qdrant: Qdrant) -> AsyncIterator[QdrantStore]:
    store = QdrantStore.open(QdrantConfig(qdrant.url))
    try:
        yield store
    finally:
        await store.close()
