"""Vectors of questions that were asked before: from memory, or from the disk, or made now.

A question that is being embedded for somebody is not embedded again for the next who asks it.
Documents pass through: ingestion has a cache of its own. Knows neither models nor files.
"""

import asyncio
import sys
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from domain.ports import Embedder, VectorCache
from domain.vectors import VectorSpace

if TYPE_CHECKING:
    from domain.vectors import Vector

_SOON = 1.0  # seconds until what was made is saved
_ENTRY = 300  # bytes that a dictionary and an array take beside text and numbers


class RememberedQuestions:
    """Implements domain.ports.Embedder. What it gives is shared: it cannot be written to."""

    def __init__(self, embedder: Embedder, limit: int, disk: VectorCache | None = None) -> None:
        """`limit`: bytes of memory, above which the vectors that were not asked for longest go.
        `disk`: for questions alone; a document of the same words has another vector.
        """
        self._embedder = embedder
        self._memory = _Memory(limit)
        self._disk = disk
        self._under_way: dict[str, asyncio.Future[Vector]] = {}
        self._unsaved: dict[str, Vector] = {}
        self._saving: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    @property
    def space(self) -> VectorSpace:
        return self._embedder.space

    @property
    def batch(self) -> int:
        return self._embedder.batch

    def cost_microdollars(self, tokens: int) -> int:
        return self._embedder.cost_microdollars(tokens)

    async def embed_documents(self, texts: Sequence[str]) -> "Sequence[Vector]":
        return await self._embedder.embed_documents(texts)

    async def embed_query(self, text: str) -> "Vector":
        while (vector := self._memory.find(text)) is None:
            made = self._under_way.get(text)
            if made is None:
                return await self._make(text)
            await asyncio.wait([made])
            if not made.cancelled():
                return made.result()
        return vector

    async def _make(self, text: str) -> "Vector":
        """By who asks first, in his own task: a task of its own costs three rounds of the loop.
        When he waits no longer, the next of those who do makes it.
        """
        made = self._under_way[text] = asyncio.get_running_loop().create_future()
        try:
            vector = (await self._found_or_made([text]))[text]
        except Exception as error:
            made.set_exception(error)
            made.exception()  # perhaps nobody else waits
            raise
        except BaseException:
            made.cancel()
            raise
        finally:
            del self._under_way[text]
        made.set_result(vector)
        return vector

    async def embed_queries(self, texts: Sequence[str]) -> "Sequence[Vector]":
        distinct = dict.fromkeys(texts)
        vectors = {text: v for text in distinct if (v := self._memory.find(text)) is not None}
        missing = [text for text in distinct if text not in vectors]
        if len(missing) == 1:
            vectors[missing[0]] = await self.embed_query(missing[0])
        elif missing:
            vectors |= await self._found_or_made(missing)
        return [vectors[text] for text in texts]

    async def close(self) -> None:
        """What was made is saved."""
        self._closing.set()
        if self._saving:
            await self._saving

    async def _found_or_made(self, texts: Sequence[str]) -> "Mapping[str, Vector]":
        vectors = dict(await self._disk.find(self.space, texts)) if self._disk else {}
        missing = [text for text in texts if text not in vectors]
        if missing:
            made = dict(zip(missing, await self._embedder.embed_queries(missing), strict=True))
            vectors |= made
            if self._disk:
                self._keep(self._disk, made)
        for text, vector in vectors.items():
            vector.flags.writeable = False
            self._memory.keep(text, vector)
        return vectors

    def _keep(self, disk: VectorCache, made: "Mapping[str, Vector]") -> None:
        """Nobody waits for it, and to save many at once takes hardly longer than one."""
        self._unsaved.update(made)
        if self._saving is None or self._saving.done():
            self._saving = asyncio.create_task(self._save(disk))

    async def _save(self, disk: VectorCache) -> None:
        while self._unsaved:
            with suppress(TimeoutError):
                async with asyncio.timeout(_SOON):
                    await self._closing.wait()
            unsaved, self._unsaved = self._unsaved, {}
            await disk.save(self.space, unsaved)


class _Memory:
    def __init__(self, limit: int) -> None:
        self._room = limit
        self._vectors: OrderedDict[str, Vector] = OrderedDict()

    def find(self, text: str) -> "Vector | None":
        vector = self._vectors.get(text)
        if vector is not None:
            self._vectors.move_to_end(text)
        return vector

    def keep(self, text: str, vector: "Vector") -> None:
        if text in self._vectors:
            return
        self._vectors[text] = vector
        self._room -= _size(text, vector)
        while self._room < 0:
            self._room += _size(*self._vectors.popitem(last=False))


def _size(text: str, vector: "Vector") -> int:
    return sys.getsizeof(text) + vector.nbytes + _ENTRY
