"""Brings a collection up to date with what lies under some paths: sync, not append.

What has not changed is skipped by its hash. A changed document is replaced as a whole. The
registry is written after the store, so a run that was interrupted leaves nothing that the
next one does not put right. Parsing runs a few documents ahead of embedding.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from domain.documents import Chunk, DocumentRecord, EmbeddedChunk
from domain.errors import InvalidInput
from domain.ids import fingerprint
from domain.ingestion import Failure, IngestReport, Progress, Stage
from domain.ports import (
    ChunkStore,
    CollectionRegistry,
    DocumentRegistry,
    Embedder,
    TokenCounter,
)
from domain.records import CollectionRecord
from ingest.ahead import ahead
from ingest.chunk import ChunkConfig
from ingest.parse import reader_versions
from ingest.prepare import Outcome, Prepared, Preparer, Unchanged, now
from ingest.sandbox import Sandbox
from ingest.stopwatch import Stopwatch
from ingest.walk import Found, find

if TYPE_CHECKING:
    from domain.vectors import Vector


_AHEAD = 8  # documents prepared before their turn to be embedded
_BATCH = 32  # chunks embedded between two signs of life
_SAMPLE = 256  # chunks on which a new collection measures its texts
_REMEMBERED = 4096  # vectors: equal texts of one run are embedded once


@dataclass(frozen=True, slots=True)
class IngestServices:
    store: ChunkStore
    embedder: Embedder
    documents: DocumentRegistry
    collections: CollectionRegistry
    tokens: TokenCounter


async def ingest(
    paths: Sequence[Path],
    *,
    tenant: str,
    collection: str,
    services: IngestServices,
    config: ChunkConfig,
    rebuild: bool = False,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> IngestReport:
    found = await asyncio.to_thread(find, paths)
    run = _Run(tenant, collection, services, config, found, on_progress)
    if rebuild:
        await run.throw_away()
    known = await run.what_is_there()
    async with Sandbox() as sandbox:
        preparer = Preparer(
            tenant=tenant,
            collection=collection,
            space=services.embedder.space.id,
            known={record.id: record for record in known},
            config=config,
            tokens=services.tokens,
            sandbox=sandbox,
            watch=run.watch,
        )
        async with aclosing(ahead(preparer.outcomes(found), _AHEAD)) as outcomes:
            await run.write(outcomes, {record.id for record in known})
    return run.report()


class _Run:
    """What one ingestion has done so far, and how it writes the next document."""

    def __init__(
        self,
        tenant: str,
        collection: str,
        services: IngestServices,
        config: ChunkConfig,
        found: Sequence[Found],
        on_progress: Callable[[Progress], None],
    ) -> None:
        self.watch = Stopwatch()
        self._started = perf_counter()
        self._tenant = tenant
        self._collection = collection
        self._services = services
        self._pipeline = fingerprint(*reader_versions(), config.version)
        self._total = sum(file.documents for file in found)
        self._on_progress = on_progress
        self._open = False
        self._vectors: dict[str, Vector] = {}
        self._added = self._changed = self._unchanged = self._chunks = self._embedded = 0
        self._failed: list[Failure] = []

    async def throw_away(self) -> None:
        """The collection with all its documents. What is forgotten first is ingested again."""
        documents, store = self._services.documents, self._services.store
        others = set(await documents.tenants(self._collection)) - {self._tenant}
        if others:
            raise InvalidInput(
                f"Collection '{self._collection}' also holds documents of {len(others)} other "
                f"tenant(s), which a rebuild would throw away. Ingest into a new collection.",
                field="rebuild",
            )
        for record in await documents.all(self._tenant, self._collection):
            await documents.forget(self._tenant, self._collection, record.id)
        if self._collection in await store.collections():
            await store.drop_collection(self._collection)

    async def what_is_there(self) -> Sequence[DocumentRecord]:
        """Refuses another vector space before anything is read."""
        if self._collection not in await self._services.store.collections():
            return ()  # what the registry remembers of a store that is gone is not there
        await self._open_collection(())
        return await self._services.documents.all(self._tenant, self._collection)

    async def write(self, outcomes: AsyncIterator[Outcome], known: set[str]) -> None:
        """In order; a new collection is made when it has seen enough text to measure."""
        waiting: list[Outcome] = []
        chunks = 0
        async for outcome in outcomes:
            waiting.append(outcome)
            chunks += len(outcome.chunks) if isinstance(outcome, Prepared) else 0
            if self._open or chunks >= _SAMPLE:
                await self._write_all(waiting, known)
                waiting = []
        await self._write_all(waiting, known)

    def report(self) -> IngestReport:
        return IngestReport(
            added=self._added,
            changed=self._changed,
            unchanged=self._unchanged,
            failed=tuple(self._failed),
            chunks=self._chunks,
            seconds=perf_counter() - self._started,
            times=self.watch.times,
        )

    async def _write_all(self, waiting: Sequence[Outcome], known: set[str]) -> None:
        ready = [outcome for outcome in waiting if isinstance(outcome, Prepared)]
        if ready and not self._open:
            await self._open_collection([c.indexed_text for one in ready for c in one.chunks])
        for outcome in waiting:
            match outcome:
                case Prepared():
                    await self._write(outcome)
                    self._changed += outcome.record.id in known
                    self._added += outcome.record.id not in known
                case Unchanged():
                    self._unchanged += 1
                case Failure():
                    self._failed.append(outcome)
            self._say(outcome.source, "store")

    async def _open_collection(self, sample: Sequence[str]) -> None:
        space, collections = self._services.embedder.space, self._services.collections
        await self._services.store.open_collection(self._collection, space, sample)
        self._open = True
        before = await collections.find(self._collection)
        record = CollectionRecord(self._collection, space, self._pipeline, now())
        if before is not None:
            record = replace(record, created_at=before.created_at)
        if record != before:
            await collections.save(record)

    async def _write(self, document: Prepared) -> None:
        embedded = [pair async for pair in self._embed(document)]
        with self.watch.stage("store"):
            await self._services.store.replace(
                self._tenant, self._collection, document.record.id, embedded
            )
            await self._services.documents.save(document.record)
        self._chunks += len(embedded)

    async def _embed(self, document: Prepared) -> AsyncIterator[EmbeddedChunk]:
        for batch in _batches(document.chunks):
            new = list(dict.fromkeys(c.indexed_text for c in batch))
            new = [text for text in new if text not in self._vectors]
            if new:
                self._say(document.source, "embed")
                with self.watch.stage("embed"):
                    vectors = await self._services.embedder.embed_documents(new)
                self._vectors.update(zip(new, vectors, strict=True))
            self._embedded += len(batch)
            for one in batch:
                yield EmbeddedChunk(one, self._vectors[one.indexed_text])
            for text in list(self._vectors)[:-_REMEMBERED]:
                del self._vectors[text]

    def _say(self, source: str, stage: Stage) -> None:
        done = self._added + self._changed + self._unchanged + len(self._failed)
        self._on_progress(Progress(done, self._total, self._embedded, source, stage))


def _batches(chunks: Sequence[Chunk]) -> Iterator[Sequence[Chunk]]:
    return (chunks[i : i + _BATCH] for i in range(0, len(chunks), _BATCH))
