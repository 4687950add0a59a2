"""Prepared documents → the store and the registry, some at a time, each whole or not at all.

The registry hears first that a document is about to be written, so that a crash in between
leaves nothing that it believes and the store does not hold. Knows nothing of files.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic

from domain.documents import DocumentRecord, EmbeddedChunk
from domain.ingestion import Outcome
from domain.ports import ChunkStore
from domain.state_ports import DocumentRegistry
from ingest.account import Account
from ingest.patience import Patience, patiently
from ingest.prepare import Prepared
from ingest.vectors import Embedded

_BUSY = 0.1  # seconds: where writes follow one another so closely,
_LINGER = 0.1  # each waits so long for others to be written along with


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    records: Sequence[DocumentRecord]
    chunks: Mapping[str, Sequence[EmbeddedChunk]]  # by document


@dataclass(slots=True)
class Writer:
    tenant: str
    collection: str
    store: ChunkStore
    documents: DocumentRegistry
    account: Account
    patience: Patience
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: list[_Group] = field(default_factory=list)
    written: float = -_BUSY  # when the last of them was

    async def write(
        self,
        prepared: Sequence[Prepared],
        embedded: Embedded,
        known: Mapping[str, DocumentRecord],
    ) -> None:
        group = _Group(
            [replace(one.record, collection=self.collection) for one in prepared],
            {one.record.id: [embedded.chunk(chunk) for chunk in one.chunks] for one in prepared},
        )
        with self.account.stage("store", *(one.source for one in prepared)):
            self.waiting.append(group)
            async with self.turn:
                if group in self.waiting:  # nobody has written it along with his own
                    if monotonic() - self.written < _BUSY:
                        await asyncio.sleep(_LINGER)
                    await self._write_all()
                    self.written = monotonic()
        self.account.chunks += sum(len(one.chunks) for one in prepared)
        self.account.settle(_outcome(one, known) for one in prepared)

    async def _write_all(self) -> None:
        """A write costs some 20 ms, however much it holds."""
        groups = list(self.waiting)
        records = [record for group in groups for record in group.records]
        chunks = {id_: some for group in groups for id_, some in group.chunks.items()}
        await self._patiently_replace(records, chunks)
        del self.waiting[: len(groups)]

    async def remove(self, records: Sequence[DocumentRecord]) -> None:
        ids = [record.id for record in records]
        with self.account.stage("store", *(record.source for record in records)):
            async with self.turn:
                await self._patiently_replace(records, dict.fromkeys(ids, ()), gone=True)
        self.account.settle(removed(records))

    async def _patiently_replace(
        self,
        records: Sequence[DocumentRecord],
        chunks: Mapping[str, Sequence[EmbeddedChunk]],
        *,
        gone: bool = False,
    ) -> None:
        async def step() -> None:
            await self.documents.announce(records)
            await self.store.replace(self.tenant, self.collection, chunks)
            if gone:
                await self.documents.forget(self.tenant, self.collection, list(chunks))
            else:
                await self.documents.save(records)

        await patiently(step, self.patience, self.account.wait)


def removed(records: Sequence[DocumentRecord]) -> list[Outcome]:
    return [Outcome(record.source, "removed", size=record.size) for record in records]


def _outcome(one: Prepared, known: Mapping[str, DocumentRecord]) -> Outcome:
    before = known.get(one.record.id)
    return Outcome(
        one.source,
        "changed" if before is not None and before.version else "added",
        chunks=len(one.chunks),
        size=one.record.size,
        seconds=one.seconds,
    )
