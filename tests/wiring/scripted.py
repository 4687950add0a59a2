"""An ingestion that does as it is told, and remembers what it was asked."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from domain.asking import ASKING
from domain.completion import Account
from domain.documents import DocumentRecord
from domain.errors import NotFound
from domain.ids import content_hash, document_id
from domain.ingestion import IngestReport, IngestRequest, Outcome, Progress, State
from domain.state_ports import DocumentRegistry

AT = "2026-11-03T09:30:00+00:00"


def a_progress(done: int, total: int) -> Progress:
    return Progress(done, total, done, 0, (), "", 0.0)


def a_report(state: State, *sources: str) -> IngestReport:
    outcomes = tuple(Outcome(source, state) for source in sources)
    return IngestReport(outcomes, 0, 0, 0, 0, 0.0, ())


class ScriptedIngestion:
    """Keeps what it reads in a registry, as the real one does."""

    def __init__(self, documents: DocumentRegistry) -> None:
        self.requests: list[IngestRequest] = []
        self.roots: list[str | None] = []
        self.payers: list[Account] = []
        self.read: list[dict[str, bytes]] = []  # of each request, its files
        self.failures: deque[Exception | None] = deque()  # of the next runs
        self.go = asyncio.Event()  # when it is cleared, a run waits in its middle
        self.go.set()
        self.begun = asyncio.Event()
        self._documents = documents

    async def ingest(
        self,
        request: IngestRequest,
        *,
        root: str | None = None,
        on_progress: Callable[[Progress], None] = lambda _: None,
    ) -> IngestReport:
        files = _read(Path(request.paths[0]))
        self.requests.append(request)
        self.roots.append(root)
        self.payers.append(ASKING.get())
        self.read.append(files)
        on_progress(a_progress(0, len(files)))
        self.begun.set()
        await self.go.wait()
        if self.failures and (failure := self.failures.popleft()):
            raise failure
        records = [_record(request, name, data) for name, data in files.items()]
        await self._documents.save(records)
        on_progress(a_progress(len(files), len(files)))
        return a_report("added", *files)

    async def delete(self, tenant: str, collection: str, *, ids: Sequence[str]) -> IngestReport:
        found = [await self._documents.find(tenant, collection, one) for one in ids]
        if None in found:
            raise NotFound(f"Collection '{collection}' holds no document '{ids[0]}'.")
        await self._documents.forget(tenant, collection, ids)
        return a_report("removed", *(record.source for record in found if record))


def _read(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def _record(request: IngestRequest, source: str, data: bytes) -> DocumentRecord:
    digest = content_hash(data)
    return DocumentRecord(
        id=document_id(request.tenant, request.collection, source),
        tenant=request.tenant,
        collection=request.collection,
        source=source,
        title=source,
        version=digest,
        content_hash=digest,
        media_type="text/plain",
        size=len(data),
        chunks=1,
        ingested_at=AT,
        root="upload",
    )
