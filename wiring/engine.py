"""Where documents are parsed and embedded: on this machine, or on a cluster's."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from domain.ingestion import Progress
from domain.ports import Embedder
from gateway.embed.cores import cores
from ingest.pool import Parser, open_pool
from wiring.settings import Settings

# Of a run that has not begun.
WAITING = Progress(
    done=0,
    total=0,
    chunks=0,
    size=0,
    queues=(),
    slowest="",
    slowest_seconds=0.0,
    waiting="another ingestion into this collection",
)


class IngestEngine(Protocol):
    """Where documents are parsed and embedded."""

    @property
    def embedder(self) -> Embedder: ...

    def open_parser(self) -> AbstractAsyncContextManager[Parser]: ...


@dataclass(frozen=True, slots=True)
class _Here:
    """Parses and embeds on this machine."""

    embedder: Embedder
    workers: int

    def open_parser(self) -> AbstractAsyncContextManager[Parser]:
        return open_pool(self.workers)


def engine_of(settings: Settings, embedder: Embedder, ray: str | None) -> IngestEngine:
    if ray is None:
        return _Here(embedder, settings.ingest.workers or cores())
    from wiring.cluster import RayEngine

    return RayEngine(settings, ray, embedder)
