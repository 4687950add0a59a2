"""Sources → documents in chunks, ready to be embedded. What has not changed is not parsed.

Knows nothing of embedders and stores.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.documents import Chunk, Document, DocumentRecord
from domain.errors import ParseFailed
from domain.ids import document_id, fingerprint
from domain.ingestion import Failure
from domain.ports import TokenCounter
from ingest.chunk import ChunkConfig, chunk
from ingest.parse import reader_version
from ingest.sandbox import Sandbox
from ingest.source import Source
from ingest.stopwatch import Stopwatch
from ingest.walk import Found, read


@dataclass(frozen=True, slots=True)
class Unchanged:
    source: str


@dataclass(frozen=True, slots=True)
class Prepared:
    record: DocumentRecord
    chunks: tuple[Chunk, ...]

    @property
    def source(self) -> str:
        return self.record.source


Outcome = Unchanged | Prepared | Failure


@dataclass(frozen=True, slots=True)
class Preparer:
    """How the documents of one run are read, and what is already there of them."""

    tenant: str
    collection: str
    space: str  # the id of the vector space: other vectors make another version
    known: Mapping[str, DocumentRecord]
    config: ChunkConfig
    tokens: TokenCounter
    sandbox: Sandbox
    watch: Stopwatch

    async def outcomes(self, found: Sequence[Found]) -> AsyncGenerator[Outcome, None]:
        for file in found:
            sources = read(file)
            while True:
                try:
                    with self.watch.stage("read"):
                        source = await asyncio.to_thread(_next, sources)
                except ParseFailed as error:
                    yield Failure(file.name, str(error))
                    break
                if source is None:
                    break
                yield await self._outcome(source)

    async def _outcome(self, source: Source) -> Outcome:
        identity = document_id(self.tenant, self.collection, source.name)
        version = self._version(source)
        before = self.known.get(identity)
        if before is not None and before.version == version:
            return Unchanged(source.name)
        try:
            document = await self._document(source, identity, version)
        except ParseFailed as error:
            return Failure(source.name, str(error))
        with self.watch.stage("chunk"):
            chunks = await asyncio.to_thread(chunk, document, self.config, self.tokens)
        return Prepared(self._record(document, source, len(chunks)), tuple(chunks))

    async def _document(self, source: Source, identity: str, version: str) -> Document:
        with self.watch.stage("parse"):
            parsed = await self.sandbox.parse(source)
        return Document(
            id=identity,
            source=source.name,
            version=version,
            title=parsed.title,
            text=parsed.text,
            blocks=parsed.blocks,
            media_type=parsed.media_type,
            metadata=parsed.metadata,
        )

    def _version(self, source: Source) -> str:
        reader = reader_version(source.kind)
        return fingerprint(source.content_hash, reader, self.config.version, self.space)

    def _record(self, document: Document, source: Source, chunks: int) -> DocumentRecord:
        return DocumentRecord(
            id=document.id,
            tenant=self.tenant,
            collection=self.collection,
            source=document.source,
            title=document.title,
            version=document.version,
            content_hash=source.content_hash,
            media_type=document.media_type,
            size=len(source.data),
            chunks=chunks,
            ingested_at=now(),
        )


def now() -> str:
    return datetime.now(UTC).isoformat()


def _next(sources: Iterator[Source]) -> Source | None:
    return next(sources, None)
