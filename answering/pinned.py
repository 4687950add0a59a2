"""What stands before the boundary of a question: a prompt set, and what is pinned.

Made once for each set of passages and kept: the same text comes every time, and whoever counts its
tokens counts them once. Does not know where pins are kept.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence

from domain.documents import Chunk
from domain.filters import Filter
from prompts.prefix import Prefix, mapped, prefix
from prompts.sets import Library
from retrieval.matching import holds

PinnedOf = Callable[[str, str], Awaitable[Sequence[Chunk]]]  # of a tenant and a collection

_KEPT = 64  # prefixes: one with a long document has 300 KB


async def nothing(tenant: str, collection: str) -> Sequence[Chunk]:
    """Where nothing can be pinned."""
    del tenant, collection
    return ()


class Prefixes:
    def __init__(self, library: Library | None = None, pinned: PinnedOf = nothing) -> None:
        self._library = library or Library()
        self._pinned = pinned
        self._made: OrderedDict[tuple[str, ...], Prefix] = OrderedDict()

    async def of(self, version: str, tenant: str, collection: str, where: Filter = ()) -> Prefix:
        """A passage that a question's filter excludes is not shown to it, pinned or not."""
        pinned = await self._pinned(tenant, collection)
        return self.made(version, [one for one in pinned if holds(where, one)], collection)

    def made(
        self, version: str, chunks: Sequence[Chunk], collection: str, *, whole: bool = False
    ) -> Prefix:
        """`whole`: they are one document, which is what is asked about."""
        key = (version, str(whole), collection, *(chunk.id for chunk in chunks))
        of = self._library.read(version)
        return self._kept(key, lambda: prefix(of, chunks, collection=collection, whole=whole))

    def mapped(self, version: str, files: str) -> Prefix:
        """With a map of files."""
        of = self._library.read(version)
        return self._kept((version, files), lambda: mapped(of, files))

    def _kept(self, key: tuple[str, ...], make: Callable[[], Prefix]) -> Prefix:
        if key not in self._made:
            self._made[key] = make()
        self._made.move_to_end(key)
        if len(self._made) > _KEPT:
            self._made.popitem(last=False)
        return self._made[key]
