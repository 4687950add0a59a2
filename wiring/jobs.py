"""What clients ask of jobs: begin one, find one, watch one.

A job is a row in the state database and, until it is over, a folder in the spool. Both are
there before the client hears of it, so it is done however often the process ends in between.
Knows nothing of HTTP; `runner.py` does the work.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import monotonic
from uuid import uuid4

from domain.completion import Account
from domain.errors import NotFound
from domain.jobs import Job, JobPage, JobState
from domain.keys import ApiKey
from domain.state_ports import JobRegistry
from wiring.runner import KEPT, Board, Ingestion, Rhythm, Runner, now
from wiring.spool import Incoming, Spool

_log = logging.getLogger("forebay.jobs")


class Jobs:
    def __init__(self, registry: JobRegistry, spool: Spool, board: Board, rhythm: Rhythm) -> None:
        self._registry = registry
        self._spool = spool
        self._board = board
        self._rhythm = rhythm

    def incoming(self) -> AbstractAsyncContextManager[Incoming]:
        """Where files go; `ingest` makes a job of them before the block ends."""
        return self._spool.incoming()

    async def ingest(
        self,
        files: Incoming,
        tenant: str,
        collection: str,
        *,
        key: ApiKey | None = None,
        adopt: bool = False,
        accept_cost: bool = False,
    ) -> Job:
        """`key`: who asks with one pays by its limits, too."""
        cap = key.monthly_microdollars if key else None
        await files.settle(Account(tenant, key.name if key else "", cap))
        job = Job(files.job, tenant, collection, "ingest", tuple(files.sources), now())
        return await self._add(replace(job, adopt=adopt, accept_cost=accept_cost))

    async def delete(self, tenant: str, collection: str, source: str) -> Job:
        return await self._add(Job(str(uuid4()), tenant, collection, "delete", (source,), now()))

    async def awaits(self, tenant: str, collection: str, source: str) -> bool:
        """Whether a job that is not over is about this document."""
        return await self._registry.awaits(tenant, collection, source)

    async def find(self, tenant: str, job_id: str) -> Job:
        running = self._board.running
        if running is not None and (running.tenant, running.id) == (tenant, job_id):
            return running
        job = await self._registry.find(tenant, job_id)
        if job is None:
            raise NotFound(f"There is no job '{job_id}'. {_KEPT_FOR}")
        return job

    async def page(
        self,
        tenant: str,
        *,
        state: JobState | None = None,
        collection: str | None = None,
        offset: int,
        limit: int,
    ) -> JobPage:
        return await self._registry.page(
            tenant, state=state, collection=collection, offset=offset, limit=limit
        )

    async def watch(self, job: Job) -> AsyncGenerator[Job | None, None]:
        """The job, again whenever it has moved, and for the last time when it is over.

        None is a sign of life. It ends early when the service does.
        """
        yield job
        said = monotonic()
        while not (job.over or self._board.closing):
            before = job
            await self._board.change(self._pause(job))
            job = await self.find(job.tenant, job.id)
            if job != before:
                said = monotonic()
                yield job
            elif monotonic() - said >= self._rhythm.beat:
                said = monotonic()
                yield None

    @property
    def working(self) -> bool:
        """Whether anybody does them still."""
        return not self._board.died

    def close(self) -> None:
        """No more news to anybody who watches: the service is about to end."""
        self._board.close()

    def _pause(self, job: Job) -> float:
        running = self._board.running
        here = running is not None and running.id == job.id
        return self._rhythm.news if here else self._rhythm.look

    async def _add(self, job: Job) -> Job:
        await self._registry.add(job, self._spool.owner)
        self._board.tell()
        return job


@asynccontextmanager
async def open_jobs(
    registry: JobRegistry, folder: Path, ingestion: Ingestion, rhythm: Rhythm | None = None
) -> AsyncIterator[Jobs]:
    """Jobs are done until the block ends; the one that runs then is stopped and stays queued."""
    spool = await asyncio.to_thread(Spool.open, folder)
    board, rhythm = Board(), rhythm or Rhythm()
    runner = asyncio.create_task(Runner(registry, spool, ingestion, board, rhythm).run())
    runner.add_done_callback(lambda ended: _died(ended, board))
    try:
        yield Jobs(registry, spool, board, rhythm)
    finally:
        board.close()
        runner.cancel()
        await asyncio.wait({runner})


def _died(runner: "asyncio.Task[None]", board: Board) -> None:
    if not runner.cancelled() and (error := runner.exception()):
        board.died = True
        _log.critical("no more jobs are done: start the service again", exc_info=error)


_KEPT_FOR = f"Jobs are forgotten {KEPT // timedelta(days=1)} days after their end."
