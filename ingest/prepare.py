"""Planned work → documents in chunks, ready to be embedded.

Knows nothing of embedders and stores.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from time import perf_counter

from domain.documents import Chunk, Document, DocumentRecord
from domain.errors import ParseFailed
from domain.ingestion import Outcome
from domain.ports import TokenCounter
from ingest.account import Account
from ingest.chunk import chunk
from ingest.draft import Parsed
from ingest.flow import Room, concurrently
from ingest.parse import parse
from ingest.plan import Whose, Work
from ingest.pool import Parser
from ingest.read import read
from ingest.source import Source, Unreadable

_AHEAD = 64  # documents that are read, parsed or wait to be embedded
_BYTES = 64 * 2**20  # of them
_RECORDS = 64  # of a corpus, read in one go
_SHORT = 10_000  # characters that are chunked at once, without a thread


@dataclass(frozen=True, slots=True)
class Prepared:
    position: int  # among all that is to be done
    record: DocumentRecord
    chunks: tuple[Chunk, ...]
    seconds: float

    @property
    def source(self) -> str:
        return self.record.source


@dataclass(frozen=True, slots=True)
class Refused:
    position: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class _Item:
    position: int
    source: Source | Unreadable
    root: str

    @property
    def size(self) -> int:
        return len(self.source.data) if isinstance(self.source, Source) else 0


class Preparer:
    def __init__(
        self,
        whose: Whose,
        tokens: TokenCounter,
        parser: Parser,
        account: Account,
        longest: int,
    ) -> None:
        """`longest`: characters of a document's text."""
        self._whose = whose
        self._tokens = tokens
        self._parser = parser
        self._account = account
        self._longest = longest
        self._room = Room(_BYTES)

    async def documents(self, work: Sequence[Work]) -> AsyncGenerator[Prepared | Refused, None]:
        """As they get ready, a bounded number ahead of their use."""
        async for result, size in concurrently(self._items(work), self._prepare, _AHEAD):
            await self._room.give_back(size)
            yield result

    async def _items(self, work: Sequence[Work]) -> AsyncGenerator[_Item, None]:
        position = 0
        for file in work:
            wanted = set(file.names)
            sources = read(file.found)
            while wanted:
                with self._account.stage("read", file.found.name):
                    some = await asyncio.to_thread(_some, sources)
                if not some:
                    some = [Unreadable(name, "It is gone.") for name in sorted(wanted)]
                for source in some:
                    if source.name in wanted or isinstance(source, Unreadable):
                        wanted.discard(source.name)
                        item = _Item(position, source, file.found.root)
                        await self._room.take(item.size)
                        yield item
                        position += 1

    async def _prepare(self, item: _Item) -> tuple[Prepared | Refused, int]:
        source, start = item.source, perf_counter()
        if isinstance(source, Unreadable):
            return _refused(item, source.reason, 0.0), 0
        try:
            return await self._prepared(item, source, start), item.size
        except ParseFailed as error:
            return _refused(item, str(error), perf_counter() - start), item.size

    async def _prepared(self, item: _Item, source: Source, start: float) -> Prepared:
        with self._account.stage("parse", source.name):
            parsed = parse(source) if source.is_record else await self._parser.parse(source)
        if len(parsed.text) > self._longest:
            raise ParseFailed(
                f"It is too large: {len(parsed.text) / 1e6:.1f} million characters of text; "
                f"{self._longest / 1e6:g} million are taken. Split it, or raise "
                "FOREBAY_INGEST__MAX_TEXT_MB.",
                kind="too_large",
            )
        document = self._document(source, parsed)
        with self._account.stage("chunk", source.name):
            if len(document.text) <= _SHORT:
                chunks = chunk(document, self._whose.config, self._tokens)
            else:
                chunks = await asyncio.to_thread(chunk, document, self._whose.config, self._tokens)
        record = self._record(document, source, len(chunks), item.root)
        return Prepared(item.position, record, tuple(chunks), perf_counter() - start)

    def _document(self, source: Source, parsed: Parsed) -> Document:
        return Document(
            id=self._whose.document(source.name),
            source=source.name,
            version=self._whose.version(source),
            title=parsed.title,
            text=parsed.text,
            blocks=parsed.blocks,
            media_type=parsed.media_type,
            language=parsed.language,
            links=parsed.links,
            metadata=parsed.metadata,
        )

    def _record(self, document: Document, source: Source, chunks: int, root: str) -> DocumentRecord:
        return DocumentRecord(
            id=document.id,
            tenant=self._whose.tenant,
            collection=self._whose.collection,
            source=document.source,
            title=document.title,
            version=document.version,
            content_hash=source.content_hash,
            media_type=document.media_type,
            size=len(source.data),
            chunks=chunks,
            ingested_at=now(),
            root=root,
        )


def _refused(item: _Item, reason: str, seconds: float) -> Refused:
    failed = Outcome(item.source.name, "failed", reason, size=item.size, seconds=seconds)
    return Refused(item.position, failed)


def now() -> str:
    return datetime.now(UTC).isoformat()


def _some(sources: Iterator[Source | Unreadable]) -> list[Source | Unreadable]:
    return list(islice(sources, _RECORDS))
