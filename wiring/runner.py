"""Does the jobs of one data directory, one after the other in the order in which they came.

A process that ends leaves its job marked as running; the next on this directory begins it anew,
which comes to the same, for an ingestion skips what is done. Knows nothing of HTTP.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Protocol

from domain.asking import asking
from domain.completion import Account
from domain.errors import ForebayError, ModelRateLimited, ModelUnreachable, NotFound, Unavailable
from domain.ids import document_id
from domain.ingestion import UPLOAD, IngestReport, IngestRequest, Progress
from domain.jobs import Job
from domain.state_ports import JobRegistry
from wiring.spool import Spool

KEPT = timedelta(days=7)
_MOST_ATTEMPTS = 3
_UNFORESEEN = "Something went wrong here; the service's log says what."
_NOTHING = IngestReport(
    outcomes=(), chunks=0, embedded=0, tokens=0, cost_microdollars=0, seconds=0.0, times=()
)
_log = logging.getLogger("forebay.jobs")


class Ingestion(Protocol):
    """What does the work. Done twice, it must come to the same as done once."""

    async def ingest(
        self,
        request: IngestRequest,
        *,
        root: str | None = None,
        on_progress: Callable[[Progress], None] = ...,
    ) -> IngestReport: ...

    async def delete(self, tenant: str, collection: str, *, ids: Sequence[str]) -> IngestReport: ...


@dataclass(frozen=True, slots=True)
class Rhythm:
    """In seconds."""

    idle: float = 5.0  # before the runner looks for jobs that came to other processes
    note: float = 2.0  # between two times that a job's progress is written down
    again: float = 30.0  # after an outside system was away
    tidy: float = 3600.0
    gate: float = 5.0  # for uploads to end, before what others left behind is removed
    news: float = 0.25  # at most so often to a watcher, of a job that runs here
    look: float = 1.0  # for news of all other jobs
    beat: float = 15.0  # a sign of life to a watcher for whom there is no news


class Board:
    """What everybody in this process may know of the jobs: which one runs, and that one moved."""

    def __init__(self) -> None:
        self.running: Job | None = None  # with its progress of this moment
        self.closing = False
        self.died = False  # the runner: nothing is done any more
        self._changed = asyncio.Event()

    def show(self, running: Job | None) -> None:
        self.running = running
        self.tell()

    def note(self, progress: Progress) -> None:
        if self.running is not None:
            self.running = replace(self.running, progress=progress)

    def tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def close(self) -> None:
        self.closing = True
        self.tell()

    async def change(self, seconds: float) -> None:
        """Until a job comes, begins or ends in this process, but no longer than that."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()


class Runner:
    def __init__(
        self,
        registry: JobRegistry,
        spool: Spool,
        ingestion: Ingestion,
        board: Board,
        rhythm: Rhythm,
    ) -> None:
        self._registry = registry
        self._spool = spool
        self._ingestion = ingestion
        self._board = board
        self._rhythm = rhythm
        self._tidied: float | None = None

    async def run(self) -> None:
        """Until it is cancelled; the job that runs then stays queued."""
        async with self._spool.sole_runner():
            while not self._board.closing:
                try:
                    await self._resume()
                    while True:
                        await self._tidy()
                        await self._next()
                except ForebayError as error:  # the state database, or the disk
                    _log.warning("jobs wait for better times: %s", error)
                    if not self._board.closing:
                        await asyncio.sleep(self._rhythm.again)

    async def _resume(self) -> None:
        """What is marked as running was interrupted: nobody else runs jobs here."""
        while job := await self._registry.oldest(self._spool.owner, "running"):
            if job.attempts < _MOST_ATTEMPTS:
                await self._registry.save(replace(job, state="queued", progress=None))
            else:
                await self._fail(
                    job,
                    f"It was interrupted {job.attempts} times: the service ended while it ran. "
                    "See its log for the reason, then send the documents again, fewer at once.",
                )

    async def _next(self) -> None:
        job = await self._registry.oldest(self._spool.owner, "queued")
        if job is None:
            await self._board.change(self._rhythm.idle)
            return
        begun = replace(job, state="running", attempts=job.attempts + 1, started_at=now(), error="")
        await self._registry.save(begun)
        self._board.show(begun)
        work = asyncio.create_task(self._work(begun))
        try:
            await self._accompany(work)
        finally:
            work.cancel()
            await asyncio.wait({work})
            await self._conclude(job, work)

    async def _work(self, job: Job) -> IngestReport:
        if job.kind == "delete":
            return await self._delete(job)
        files = self._spool.files(job.id)
        if files is None:
            raise NotFound("Its files are no longer in the data directory. Send them again.")
        request = IngestRequest(
            (str(files),),
            job.tenant,
            job.collection,
            adopt=job.adopt,
            accept_cost=job.accept_cost,
        )
        with asking(self._spool.account(job.id) or Account(job.tenant)):
            return await self._ingestion.ingest(request, root=UPLOAD, on_progress=self._board.note)

    async def _delete(self, job: Job) -> IngestReport:
        ids = [document_id(job.tenant, job.collection, source) for source in job.sources]
        try:
            return await self._ingestion.delete(job.tenant, job.collection, ids=ids)
        except NotFound:  # by an earlier job, or by this one before it was interrupted
            return _NOTHING

    async def _accompany(self, work: "asyncio.Task[IngestReport]") -> None:
        """Writes down where it is, for other processes."""
        noted = self._board.running
        while not work.done():
            await asyncio.wait({work}, timeout=self._rhythm.note)
            running = self._board.running
            if running is not None and running is not noted and not work.done():
                noted = running
                with suppress(ForebayError):  # it is but news
                    await self._registry.save(running)

    async def _conclude(self, before: Job, work: "asyncio.Task[IngestReport]") -> None:
        job = self._board.running
        assert job is not None, "it was shown when it began"
        try:
            if work.cancelled():  # on purpose, so it does not count
                await self._registry.save(before)
            elif error := work.exception():
                await self._failed(job, error)
            else:
                await self._end(replace(job, state="done", report=work.result()))
        finally:
            self._board.show(None)

    async def _failed(self, job: Job, error: BaseException) -> None:
        if not isinstance(error, ForebayError):
            _log.error("unforeseen error in job %s", job.id, exc_info=error)
            await self._end(replace(job, state="failed", error=_UNFORESEEN))
        elif _may_pass(error) and job.attempts < _MOST_ATTEMPTS:
            await self._registry.save(replace(job, state="queued", error=str(error)))
            raise error
        else:
            await self._fail(job, error)

    async def _fail(self, job: Job, error: str | ForebayError) -> None:
        _log.warning("job %s failed: %s", job.id, error)
        await self._end(replace(job, state="failed", error=str(error)))

    async def _end(self, job: Job) -> None:
        await self._registry.save(replace(job, ended_at=now()))
        await asyncio.to_thread(self._spool.remove, job.id)

    async def _tidy(self) -> None:
        """Old jobs go, and what uploads left behind whose process was killed."""
        if self._tidied is not None and monotonic() - self._tidied < self._rhythm.tidy:
            return
        self._tidied = monotonic()
        await self._registry.forget((datetime.now(UTC) - KEPT).isoformat())
        with suppress(TimeoutError):
            async with asyncio.timeout(self._rhythm.gate), self._spool.left_over() as folders:
                waiting = await self._registry.waiting(self._spool.owner)
                for folder in set(folders) - set(waiting):
                    await asyncio.to_thread(self._spool.remove, folder)


def now() -> str:
    return datetime.now(UTC).isoformat()


def _may_pass(error: ForebayError) -> bool:
    if isinstance(error, Unavailable | ModelUnreachable):
        return error.transient
    return isinstance(error, ModelRateLimited)
