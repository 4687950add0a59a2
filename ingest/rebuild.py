"""The end of a rebuild: what was made anew beside a collection takes its place, in one step.

Documents that were not under the given paths, and those of other tenants, come along as they
were chunked, with vectors of today's model. Until the swap the old collection answers.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from domain.documents import Chunk, DocumentRecord
from domain.filters import Equals
from domain.ports import ChunkStore
from domain.state_ports import CollectionRegistry, DocumentRegistry
from ingest.collection import Target
from ingest.vectors import Embedded, Vectors


def beside(collection: str) -> str:
    """Where it is rebuilt. No user can name a collection so."""
    return f"{collection}~"


_GROUP = 64  # documents that are carried over in one go


@dataclass(frozen=True, slots=True)
class Rebuild:
    collection: str
    target: Target
    store: ChunkStore
    documents: DocumentRegistry
    collections: CollectionRegistry
    vectors: Vectors

    async def begin(self) -> None:
        """An unfinished one of another model is of no use, nor are records of one that is gone."""
        name = self.target.name
        there = name in await self.store.collections()
        before = await self.collections.find(name)
        if there and before is not None and before.space == self.target.record.space:
            return
        for tenant in await self.documents.tenants(name):
            ids = [record.id for record in await self.documents.all(tenant, name)]
            await self.documents.forget(tenant, name, ids)
        if there:
            await self.store.drop_collection(name)

    async def finish(self, tenant: str, made: Collection[str], gone: Collection[str]) -> None:
        """`made` and `gone`: ids of this tenant's documents that are new here, or not to be."""
        for one in {tenant, *await self.documents.tenants(self.collection)}:
            old = await self.documents.all(one, self.collection)
            stay = {r.id: r for r in old if r.version and r.id not in gone}
            here = {r.id: r for r in await self.documents.all(one, self.target.name)}
            missing = [record for id_, record in stay.items() if id_ not in here]
            for start in range(0, len(missing), _GROUP):
                await self._carry(one, missing[start : start + _GROUP])
            wanted = stay.keys() | (made if one == tenant else set())
            await self._drop(one, [id_ for id_ in here if id_ not in wanted])
        await self._swap()

    async def _carry(self, tenant: str, records: Sequence[DocumentRecord]) -> None:
        chunks = {record.id: await self._chunks(tenant, record) for record in records}
        every = [chunk for some in chunks.values() for chunk in some]
        if not self.target.is_open:
            await self.target.open(every)
        texts = [chunk.embedded_text for chunk in every]
        embedded = Embedded(await self.vectors.of(texts), await self.vectors.sparse_of(texts))
        carried = {id_: [embedded.chunk(one) for one in some] for id_, some in chunks.items()}
        await self.store.replace(tenant, self.target.name, carried)
        await self.documents.save([replace(r, collection=self.target.name) for r in records])

    async def _chunks(self, tenant: str, record: DocumentRecord) -> list[Chunk]:
        document = (Equals("document_id", record.id),)
        found = [c async for c in self.store.scroll(tenant, self.collection, document)]
        return sorted(found, key=lambda chunk: chunk.position)

    async def _drop(self, tenant: str, ids: Sequence[str]) -> None:
        if ids:
            await self.store.replace(tenant, self.target.name, dict.fromkeys(ids, ()))
            await self.documents.forget(tenant, self.target.name, ids)

    async def _swap(self) -> None:
        if not self.target.is_open:
            await self.target.open()
        await self.store.swap(self.collection, self.target.name)
        await self.documents.swap(self.collection, self.target.name)
        await self.collections.save(replace(self.target.record, name=self.collection))
        await self.collections.forget(self.target.name)
