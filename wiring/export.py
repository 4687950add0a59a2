"""What a collection holds, as lines of JSON: its chunks, or its documents put together again.

In the order of sources, then positions, a bounded number of chunks at a time. What is ingested
meanwhile may be in it or not; of each document it is one version.
"""

from collections.abc import AsyncGenerator, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from domain.documents import Chunk, Link, Metadata
from domain.errors import NotFound
from domain.filters import AnyOf
from domain.ports import ChunkStore
from domain.state_ports import CollectionRegistry, DocumentRegistry
from wiring.codec import to_json

ExportKind = Literal["chunks", "documents"]

_AT_ONCE = 1000  # chunks, of one document or of several
_DOCUMENTS_AT_ONCE = 250


@dataclass(frozen=True, slots=True)
class ExportedChunk:
    file: str
    text: str
    headings: tuple[str, ...]
    page: int | None
    start: int
    end: int
    title: str
    language: str
    links: tuple[Link, ...]  # offsets into the document
    metadata: Metadata
    document_id: str
    position: int


@dataclass(frozen=True, slots=True)
class ExportedDocument:
    file: str
    title: str
    text: str
    media_type: str
    language: str
    metadata: Metadata


@dataclass(frozen=True, slots=True)
class _Known:
    """What is needed of a document's record."""

    id: str
    version: str
    media_type: str
    chunks: int


async def export(
    tenant: str,
    collection: str,
    kind: ExportKind,
    *,
    store: ChunkStore,
    documents: DocumentRegistry,
    collections: CollectionRegistry,
) -> AsyncGenerator[bytes, None]:
    """One or more whole lines at a time."""
    if await collections.find(collection) is None:
        raise NotFound(f"There is no collection '{collection}'. `forebay ingest` makes it.")
    known = [
        _Known(record.id, record.version, record.media_type, record.chunks)
        for record in sorted(await documents.all(tenant, collection), key=lambda r: r.source)
    ]
    for some in _batches(known):
        where = AnyOf("document_id", tuple(one.id for one in some))
        chunks: dict[str, list[Chunk]] = {one.id: [] for one in some}
        async for chunk in store.scroll(tenant, collection, (where,)):
            chunks[chunk.document_id].append(chunk)
        lines = (
            to_json(value) + b"\n"
            for one in some
            for value in _values(one, _current(one, chunks[one.id]), kind)
        )
        if block := b"".join(lines):
            yield block


def put_together(chunks: Sequence[Chunk]) -> str:
    """The document's text, but for white space at its end."""
    parts: list[str] = []
    end = 0
    for chunk in chunks:
        parts += chunk.gap, chunk.text[max(0, end - chunk.start) :]
        end = chunk.end
    return "".join(parts)


def _batches(known: Sequence[_Known]) -> Iterator[Sequence[_Known]]:
    batch: list[_Known] = []
    for one in known:
        if batch and (
            len(batch) == _DOCUMENTS_AT_ONCE or sum(b.chunks for b in batch) + one.chunks > _AT_ONCE
        ):
            yield batch
            batch = []
        batch.append(one)
    if batch:
        yield batch


def _current(known: _Known, chunks: Sequence[Chunk]) -> Sequence[Chunk]:
    """A store may show two versions for a moment, and another one than was known before."""
    versions = {chunk.version for chunk in chunks}
    version = known.version if known.version in versions else max(versions, default="")
    return sorted((c for c in chunks if c.version == version), key=lambda c: c.position)


def _values(known: _Known, chunks: Sequence[Chunk], kind: ExportKind) -> Iterator[Hashable]:
    if kind == "chunks":
        yield from map(_exported, chunks)
    elif chunks:
        first = chunks[0]
        yield ExportedDocument(
            file=first.source,
            title=first.title,
            text=put_together(chunks),
            media_type=known.media_type,
            language=first.language,
            metadata=first.metadata,
        )


def _exported(chunk: Chunk) -> ExportedChunk:
    return ExportedChunk(
        file=chunk.source,
        text=chunk.text,
        headings=chunk.headings,
        page=chunk.page,
        start=chunk.start,
        end=chunk.end,
        title=chunk.title,
        language=chunk.language,
        links=chunk.links,
        metadata=chunk.metadata,
        document_id=chunk.document_id,
        position=chunk.position,
    )
