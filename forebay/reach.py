"""Who carries a command out: this process, or the service that holds the data directory.

Both have the same methods, so a command does not know which one it got.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Protocol

from domain.errors import Misconfigured

if TYPE_CHECKING:  # help and wrong arguments are answered without loading any of it
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence

    from answering.question import Event, Question
    from domain.answers import SearchResult
    from domain.filters import Filter
    from domain.ingestion import IngestReport, IngestRequest, Progress
    from wiring.choices import Choices
    from wiring.export import ExportKind
    from wiring.pins import Change, Standing
    from wiring.planning import Planned
    from wiring.preview import Preview
    from wiring.settings import Settings
    from wiring.warm import Warmed


class Boundary(Protocol):
    async def pins(
        self, tenant: str, collection: str, change: Change = "list", names: Sequence[str] = ()
    ) -> Sequence[Standing]: ...

    async def plan(self, tenant: str, collection: str, days: int, *, share: float) -> Planned: ...


class Forebay(Protocol):
    async def search(self, question: Question, config: str, choices: Choices) -> SearchResult: ...

    def stream(self, question: Question, config: str, choices: Choices) -> AsyncIterator[Event]: ...

    async def ingest(
        self,
        request: IngestRequest,
        *,
        root: str | None = None,
        on_progress: Callable[[Progress], None],
    ) -> IngestReport: ...

    async def delete(
        self,
        tenant: str,
        collection: str,
        *,
        sources: Sequence[str] = (),
        where: Filter = (),
        everything: bool = False,
        dry_run: bool = False,
    ) -> IngestReport: ...

    async def preview(self, question: Question) -> Preview: ...

    @property
    def boundary(self) -> Boundary: ...

    async def warm(self, tenant: str, collection: str, *, force: bool = False) -> Warmed: ...

    def export(self, collection: str, tenant: str, kind: ExportKind) -> AsyncGenerator[bytes, None]:
        """Lines of JSON, as they come."""
        ...


@asynccontextmanager
async def reach(
    settings: Settings, command: str, cluster: str | None = None
) -> AsyncIterator[Forebay]:
    """`cluster`: the Ray cluster on which this process is to ingest."""
    from wiring.owner import service_of

    service = service_of(settings.data) if settings.qdrant.url is None else None
    if service and cluster:
        raise Misconfigured(
            f"The service at {service.url} holds the data directory {settings.data} and ingests on "
            "its own machine. For --engine ray set FOREBAY_QDRANT__URL and FOREBAY_DATABASE__URL, "
            "or end the service."
        )
    if service:
        from forebay.remote import open_remote

        async with open_remote(service) as remote:
            yield remote
    else:
        from wiring.services import open_services

        async with open_services(settings, command, ray=cluster) as services:
            yield services
