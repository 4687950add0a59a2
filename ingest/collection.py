"""The collection that an ingestion writes to: what it was made with, and when it is made.

A new one waits until it has seen enough text, in the order of the documents, to measure how
long its texts are: so BM25 weighs alike however the run went.
"""

from collections.abc import Sequence
from dataclasses import replace

from domain.documents import Chunk
from domain.ports import ChunkStore
from domain.records import CollectionRecord
from domain.state_ports import CollectionRegistry
from domain.vectors import VectorSpace
from ingest.chunk import ChunkConfig
from ingest.prepare import Prepared, Refused, now

_SAMPLE = 256  # chunks


class Target:
    def __init__(
        self,
        name: str,
        space: VectorSpace,
        config: ChunkConfig,
        store: ChunkStore,
        collections: CollectionRegistry,
    ) -> None:
        self.name = name
        self.is_open = False
        self.record = CollectionRecord(name, space, config.max_tokens, config.overlap, now())
        self._store = store
        self._collections = collections
        self._seen: dict[int, Sequence[Chunk]] = {}

    async def open(self, sample: Sequence[Chunk] = ()) -> None:
        """Refuses another vector space."""
        await self._store.open_collection(self.name, self.record.space, sample)
        before = await self._collections.find(self.name)
        created = self.record.created_at if before is None else before.created_at
        record = replace(self.record, created_at=created)
        if record != before:
            await self._collections.save(record)
        self.is_open = True
        self._seen.clear()

    async def see(self, results: Sequence[Prepared | Refused]) -> None:
        if self.is_open:
            return
        for one in results:
            self._seen[one.position] = one.chunks if isinstance(one, Prepared) else ()
        if len(sample := self._first()) >= _SAMPLE:
            await self.open(sample)

    async def end(self) -> None:
        """Nothing more comes."""
        if not self.is_open and (sample := self._first()):
            await self.open(sample)

    def _first(self) -> list[Chunk]:
        """Those of the first documents, up to one that is not ready yet."""
        chunks: list[Chunk] = []
        for position in range(len(self._seen)):
            if position not in self._seen or len(chunks) >= _SAMPLE:
                break
            chunks += self._seen[position]
        return chunks
