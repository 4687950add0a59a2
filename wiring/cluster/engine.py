"""A parser and an embedder, as an ingestion takes them, that work on a Ray cluster.

A worker that is lost is nobody's fault at first: what it did is done again elsewhere. Embedding
with a provider's API stays in this process, since it only waits.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from domain.errors import ParseFailed, Unavailable
from domain.ports import Embedder
from domain.vectors import VectorSpace
from gateway.embed.cores import cores
from ingest.draft import Parsed
from ingest.pool import Parser
from ingest.source import Source
from ingest.wire import Refused, decode_answer, encode_source
from wiring.cluster.crew import Crew, Patience, Work, open_crew
from wiring.cluster.hello import Hello, hello
from wiring.cluster.join import Lost, check_installed, join
from wiring.settings import Settings

if TYPE_CHECKING:
    from domain.vectors import Vector

_BATCH = 32  # texts that a worker gets at once


class Doer(Protocol):
    """Who has things done: a crew, or one that is not there yet."""

    @property
    def size(self) -> int: ...

    async def do(self, work: Work, argument: object) -> Any: ...


class RayParser:
    """Implements ingest.pool.Parser."""

    def __init__(self, crew: Doer) -> None:
        self._crew = crew

    async def parse(self, source: Source) -> Parsed:
        try:
            answer = decode_answer(await self._crew.do("parse", encode_source(source)))
        except Lost as error:
            # a sandbox guards the worker: a document that costs one after another is to blame
            raise ParseFailed(
                f"Several workers in a row were lost while they parsed it ({error})."
            ) from error
        if isinstance(answer, Refused):
            raise ParseFailed(answer.reason, kind=answer.kind)
        return answer


class RayEmbedder:
    """Implements domain.ports.Embedder; the vectors are those that `home` would make."""

    def __init__(self, home: Embedder, crew: Doer) -> None:
        self._home = home
        self._crew = crew

    @property
    def space(self) -> VectorSpace:
        return self._home.space

    @property
    def batch(self) -> int:
        return _BATCH * max(1, self._crew.size)

    def cost_microdollars(self, tokens: int) -> int:
        return self._home.cost_microdollars(tokens)

    async def embed_documents(self, texts: Sequence[str]) -> "Sequence[Vector]":
        size = min(_BATCH, -(-len(texts) // max(1, self._crew.size)))  # something for everyone
        parts = [list(texts[at : at + size]) for at in range(0, len(texts), size or 1)]
        tasks = [asyncio.ensure_future(self._some(part)) for part in parts]
        try:
            return [vector for made in await asyncio.gather(*tasks) for vector in made]
        finally:
            for task in tasks:
                task.cancel()

    async def embed_query(self, text: str) -> "Vector":
        return await self._home.embed_query(text)

    async def embed_queries(self, texts: Sequence[str]) -> "Sequence[Vector]":
        return await self._home.embed_queries(texts)

    async def _some(self, texts: list[str]) -> "Sequence[Vector]":
        try:
            made = await self._crew.do("embed", texts)
        except Lost as error:
            raise Unavailable(
                f"Several workers of the Ray cluster in a row were lost ({error}).",
                transient=True,
            ) from error
        return list(np.array(made))  # a copy: what came lies in Ray's memory


class RayEngine:
    """Takes the place of the parsers and the embedder of this machine, for one ingestion after
    another. A cluster is joined, or started, when there is something for it to do.
    """

    def __init__(
        self, settings: Settings, address: str, home: Embedder, patience: Patience | None = None
    ) -> None:
        """`address`: LOCAL starts a Ray on this machine. `home`: embeds what stays here."""
        check_installed()
        embed = _embed(settings)
        self._crew = _OnDemand(
            address,
            settings.ingest.workers or cores(),
            hello(home.space if embed else None),
            embed,
            patience or Patience(idle=settings.ingest.patience),
        )
        self.embedder: Embedder = RayEmbedder(home, self._crew) if embed else home

    @asynccontextmanager
    async def open_parser(self) -> AsyncIterator[Parser]:
        """The embedder works for as long as the parser is open."""
        async with self._crew.working():
            yield RayParser(self._crew)


class _OnDemand:
    """A crew that comes together when it is needed first."""

    def __init__(
        self, address: str, cores: int, expected: Hello, embed: str | None, patience: Patience
    ) -> None:
        self._address = address
        self._cores = cores
        self._expected = expected
        self._embed = embed
        self._patience = patience
        self._open: AsyncExitStack | None = None
        self._crew: Crew | None = None
        self._joining = asyncio.Lock()

    @property
    def size(self) -> int:
        return self._crew.size if self._crew else 0

    async def do(self, work: Work, argument: object) -> Any:
        async with self._joining:
            crew = self._crew = self._crew or await self._joined()
        return await crew.do(work, argument)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        async with AsyncExitStack() as self._open:
            try:
                yield
            finally:
                self._crew = None

    async def _joined(self) -> Crew:
        assert self._open is not None, "the engine's embedder needs its parser to be open"
        cluster = await self._open.enter_async_context(join(self._address, self._cores))
        return await self._open.enter_async_context(
            open_crew(cluster, self._expected, self._embed, self._patience)
        )


def _embed(settings: Settings) -> str | None:
    """The settings of the workers' embedders as JSON. There is a worker for each core."""
    embed = settings.embed
    if embed.provider != "local":
        return None
    path = embed.path.absolute() if embed.path else None
    return embed.model_copy(update={"threads": 1, "path": path}).model_dump_json()
