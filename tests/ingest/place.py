"""A folder and everything around an ingestion, for tests."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from domain.documents import EmbeddedChunk
from domain.ids import document_id
from domain.ingestion import IngestReport, IngestRequest, Progress
from domain.ports import SparseEncoder
from ingest.patience import Patience
from ingest.pipeline import IngestConfig, IngestServices, ingest
from ingest.pool import Parser
from ingest.remove import Which, remove
from tests.ingest.doubles import (
    HashingEmbedder,
    InlineParser,
    MemoryCollections,
    MemoryDocuments,
    MemoryStore,
    MemoryVectors,
)
from tests.ingest.tokens import Words


class Place:
    """A folder and everything around an ingestion."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = MemoryStore()
        self.embedder = HashingEmbedder()
        self.cache = MemoryVectors()
        self.documents = MemoryDocuments()
        self.collections = MemoryCollections()
        self.parser = InlineParser()
        self.sparse: SparseEncoder | None = None
        self.progress: list[Progress] = []

    def put(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")

    async def ingest(
        self,
        *paths: Path,
        tenant: str = "t",
        root: str | None = None,
        max_tokens: int | None = 64,
        **asked: bool,
    ) -> IngestReport:
        @asynccontextmanager
        async def open_parser() -> AsyncIterator[Parser]:
            yield self.parser

        return await ingest(
            IngestRequest(
                tuple(str(path) for path in paths or [self.folder]),
                tenant,
                "c",
                max_tokens=max_tokens,
                **asked,
            ),
            services=IngestServices(
                store=self.store,
                embedder=self.embedder,
                cache=self.cache,
                documents=self.documents,
                collections=self.collections,
                tokens=Words(),
                open_parser=open_parser,
                sparse=self.sparse,
            ),
            config=IngestConfig(longest_text=100_000, patience=Patience(0.5, 0.001, 0.01)),
            root=root,
            on_progress=self.progress.append,
        )

    async def remove(self, which: Which, tenant: str = "t") -> IngestReport:
        return await remove(tenant, "c", which, store=self.store, documents=self.documents)

    def chunks(self, name: str, tenant: str = "t") -> Sequence[EmbeddedChunk]:
        return self.store.documents[tenant, "c", document_id(tenant, "c", name)]

    @property
    def sources(self) -> list[str]:
        return sorted(some[0].chunk.source for some in self.store.documents.values())


def counts(report: IngestReport) -> tuple[int, int, int, int]:
    return (
        report.count("added"),
        report.count("changed"),
        report.count("unchanged"),
        report.count("failed"),
    )
