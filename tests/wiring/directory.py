"""A data directory on which the jobs' service may be started, and again after it was killed."""

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path

from domain.jobs import Job
from domain.keys import ApiKey
from tests.wiring.scripted import ScriptedIngestion
from wiring.jobs import Jobs, open_jobs
from wiring.runner import Rhythm
from wiring.state.database import State

QUICK = Rhythm(idle=0.05, note=0.05, again=0.05, news=0.01, look=0.02, beat=0.1, gate=0.5)


class Directory:
    """One data directory, on which a service may be started, and again after it was killed."""

    def __init__(self, state: State, folder: Path, ingestion: ScriptedIngestion) -> None:
        self.state, self.folder, self.ingestion = state, folder, ingestion

    def open(self) -> AbstractAsyncContextManager[Jobs]:
        return open_jobs(self.state.jobs, self.folder, self.ingestion, QUICK)

    def left(self) -> list[str]:
        return [path.name for path in self.folder.iterdir() if path.is_dir()]

    async def killed(self, job: Job) -> None:
        """As the state and the spool are when the process was killed in the midst of a job."""
        await self.state.jobs.save(replace(job, state="running", attempts=job.attempts + 1))


async def uploaded(
    jobs: Jobs, tenant: str = "acme", key: ApiKey | None = None, **files: str
) -> Job:
    async with jobs.incoming() as incoming:
        for name, text in (files or {"a": "Text."}).items():
            await incoming.begin(name)
            await incoming.write(text.encode())
            await incoming.end()
        return await jobs.ingest(incoming, tenant, "handbook", key=key)


async def named(jobs: Jobs, *names: str) -> None:
    async with jobs.incoming() as files:
        for name in names:
            await files.begin(name)
            await files.end()


async def half(jobs: Jobs) -> None:
    async with jobs.incoming() as files:
        await files.begin("a/b.md")
        await files.write(b"half")
        raise ZeroDivisionError


async def over(jobs: Jobs, job: Job) -> Job:
    async with asyncio.timeout(5):
        return [seen async for seen in jobs.watch(job) if seen][-1]
