"""Who carries a command out: this process, or the service that holds the data directory.

Both have the same methods, so a command does not know which one it got.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from answering.ask import Question, Retrieved
from domain.answers import Answer, SearchResult
from domain.completion import Delta
from domain.ingestion import IngestReport, Progress
from wiring.owner import service_of
from wiring.settings import Settings


class Forebay(Protocol):
    async def search(self, question: Question, config: str = "default") -> SearchResult: ...

    def stream(self, question: Question) -> AsyncIterator[Retrieved | Delta | Answer]: ...

    async def ingest(
        self,
        paths: Sequence[Path],
        *,
        tenant: str,
        collection: str,
        rebuild: bool = False,
        on_progress: Callable[[Progress], None] = ...,
    ) -> IngestReport: ...


@asynccontextmanager
async def reach(settings: Settings, command: str) -> AsyncIterator[Forebay]:
    service = service_of(settings.data) if settings.qdrant.url is None else None
    if service:
        from forebay.remote import open_remote

        async with open_remote(service) as remote:
            yield remote
    else:
        from wiring.services import open_services

        async with open_services(settings, command) as services:
            yield services
