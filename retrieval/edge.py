"""The chunk store inside this process: Qdrant Edge, one folder a collection.

Reads run in the store's own threads and writes in one more, so that neither queues behind
other work of the process, nor a read behind a write's turn. A query that takes about a
millisecond is not worth that way (0.1 to 0.2 ms, see `bench.query`): it runs where
it is asked. Knows nothing of embedding, and of who owns the data directory.
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from domain.documents import Chunk, EmbeddedChunk
from domain.errors import InvalidInput, NotFound, Unavailable
from domain.filters import Filter
from domain.hits import Hit, HybridQuery
from domain.vectors import VectorSpace
from retrieval import shard_files
from retrieval.collection import check_name, new_collection
from retrieval.shard import Shard

if TYPE_CHECKING:
    from domain.vectors import Vector

_T = TypeVar("_T")

_RESERVE = 64 * 2**20  # the engine maps files larger than they are: a full disk would end us


class EdgeStore:
    """Implements domain.ports.ChunkStore. Collections are opened when they are first used."""

    def __init__(self, path: Path, reserve: int = _RESERVE) -> None:
        """`reserve`: bytes that must be free on the disk before anything is written."""
        self._path = path
        self._reserve = reserve
        self._shards: dict[str, Shard] = {}
        self._opening = Lock()
        threads = min(8, (os.cpu_count() or 1) + 2)
        self._readers = ThreadPoolExecutor(threads, thread_name_prefix="chunk-store-read")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="chunk-store-write")

    async def open_collection(
        self, collection: str, space: VectorSpace, sample: Sequence[Chunk] = ()
    ) -> None:
        self._check_room()
        await self._write(lambda: self._open(collection, space, sample))

    async def upsert(self, tenant: str, collection: str, chunks: Sequence[EmbeddedChunk]) -> None:
        self._check_room()
        await self._write(lambda: self._shard(collection).upsert(tenant, chunks))

    async def replace(
        self, tenant: str, collection: str, documents: Mapping[str, Sequence[EmbeddedChunk]]
    ) -> None:
        self._check_room()
        await self._write(lambda: self._shard(collection).replace(tenant, documents))

    async def delete(self, tenant: str, collection: str, where: Filter) -> None:
        if not where:
            raise InvalidInput(
                "A deletion needs a filter; delete_tenant removes everything.", field="filter"
            )
        await self._write(lambda: self._shard(collection).delete(tenant, where))

    async def delete_tenant(self, tenant: str, collection: str) -> None:
        await self._write(lambda: self._shard(collection).delete(tenant, ()))

    async def query(self, tenant: str, collection: str, query: HybridQuery) -> Sequence[Hit]:
        return (await self.query_with_vectors(tenant, collection, query))[0]

    async def query_with_vectors(
        self, tenant: str, collection: str, query: HybridQuery
    ) -> "tuple[Sequence[Hit], Sequence[Vector]]":
        def ask(one: Shard) -> "tuple[Sequence[Hit], Sequence[Vector]]":
            return one.query(tenant, query)

        opened = self._shards.get(collection)
        if opened is not None and opened.is_quick(query):
            return self._on_shard(collection, ask)
        return await self._read(collection, ask)

    async def scroll(
        self, tenant: str, collection: str, where: Filter = ()
    ) -> AsyncIterator[Chunk]:
        following = None
        while True:
            offset = following
            chunks, following = await self._read(
                collection,
                lambda one: one.page(tenant, where, offset),  # noqa: B023 - awaited
            )
            for chunk in chunks:
                yield chunk
            if following is None:
                return

    async def chunks(self, tenant: str, collection: str, ids: Sequence[str]) -> Sequence[Chunk]:
        return await self._read(collection, lambda one: one.chunks(tenant, ids))

    async def count(self, tenant: str, collection: str, where: Filter = ()) -> int:
        return await self._read(collection, lambda one: one.count(tenant, where))

    async def collections(self) -> Sequence[str]:
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._names)

    async def drop_collection(self, collection: str) -> None:
        await self._write(lambda: self._drop(collection))

    async def swap(self, collection: str, other: str) -> None:
        await self._write(lambda: self._swap(collection, other))

    async def copy(self, collection: str, folder: Path) -> None:
        """Its files, as they are at one moment. Meanwhile it is read, and not written to."""
        await self._write(lambda: self._shard(collection).copy(folder))

    async def close(self) -> None:
        await self._write(self._close)
        self._readers.shutdown()
        self._writer.shutdown()

    async def _read(self, name: str, call: Callable[[Shard], _T]) -> _T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self._on_shard, name, call)

    def _on_shard(self, name: str, call: Callable[[Shard], _T]) -> _T:
        opened = self._shard(name)
        try:
            return call(opened)
        except NotFound:
            if self._shard(name) is opened:
                raise
            return call(self._shard(name))  # swapped meanwhile

    async def _write(self, call: Callable[[], None]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._writer, call)

    def _check_room(self) -> None:
        there = next(folder for folder in (self._path, *self._path.parents) if folder.is_dir())
        if (free := shutil.disk_usage(there).free) < self._reserve:
            raise Unavailable(
                f"The disk that holds {self._path} is full: {free // 2**20} MB are free, "
                f"{self._reserve // 2**20} are needed. Make room, or set FOREBAY_DATA to a larger "
                "one, and run the command again; what was written stays."
            )

    def _open(self, name: str, space: VectorSpace, sample: Sequence[Chunk]) -> None:
        check_name(name)
        with self._opening:
            if name not in self._shards and not shard_files.is_collection(self._path / name):
                made = new_collection(name, space, sample)
                self._shards[name] = shard_files.create(self._path / name, made)
            opened = self._shards.get(name)
            # What is not open yet need not be for this: an ingestion may have nothing to write.
            there = opened.collection if opened else shard_files.describe(self._path / name)
        there.expect(space, written=True)

    def _shard(self, name: str) -> Shard:
        found = self._shards.get(name)
        return found if found is not None else self._load(name)

    def _load(self, name: str) -> Shard:
        check_name(name)
        with self._opening:
            if name not in self._shards:
                if not shard_files.is_collection(self._path / name):
                    raise NotFound(f"There is no collection '{name}'. `forebay ingest` makes it.")
                self._shards[name] = shard_files.load(self._path / name)
            return self._shards[name]

    def _names(self) -> list[str]:
        folders = self._path.iterdir() if self._path.is_dir() else ()
        return sorted(folder.name for folder in folders if shard_files.is_collection(folder))

    def _drop(self, name: str) -> None:
        opened = self._load(name)
        with self._opening:
            self._shards.pop(name, None)
            opened.close()
            shard_files.remove(self._path / name)

    def _swap(self, name: str, other: str) -> None:
        self._load(other)
        with self._opening:
            for one in (name, other):
                if opened := self._shards.pop(one, None):
                    opened.close()
            shard_files.swap(self._path / name, self._path / other)
            self._shards[name] = shard_files.load(self._path / name)

    def _close(self) -> None:
        with self._opening:
            while self._shards:
                opened = self._shards.popitem()[1]
                opened.tidy()
                opened.close()
