"""Jobs are found and watched by those whose they are, wherever they run."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import NotFound
from tests.wiring.directory import Directory, over, uploaded
from tests.wiring.scripted import a_progress


async def test_a_watcher_sees_where_a_job_is(here: Directory) -> None:
    here.ingestion.go.clear()
    async with here.open() as jobs:
        job = await uploaded(jobs)
        seen = []
        async for moved in jobs.watch(job):
            if moved:
                seen.append((moved.state, moved.progress))
                if moved.progress == a_progress(0, 1):
                    here.ingestion.go.set()
    assert seen[0] == ("queued", None)
    assert ("running", a_progress(0, 1)) in seen
    assert seen[-1] == ("done", a_progress(1, 1))


async def test_a_watcher_in_another_process_sees_it_as_well(here: Directory) -> None:
    here.ingestion.go.clear()
    async with here.open() as jobs, here.open() as other:
        job = await uploaded(jobs)
        async for moved in other.watch(job):
            if moved and moved.progress == a_progress(0, 1):
                here.ingestion.go.set()
        assert (await other.find("acme", job.id)).state == "done"


async def test_a_watcher_without_news_gets_signs_of_life(here: Directory) -> None:
    here.ingestion.go.clear()
    async with here.open() as jobs:
        job = await uploaded(jobs)
        async for moved in jobs.watch(job):
            if moved is None:
                here.ingestion.go.set()
        assert (await jobs.find("acme", job.id)).state == "done"


async def test_watching_ends_when_the_service_does(here: Directory) -> None:
    here.ingestion.go.clear()
    async with here.open() as jobs:
        job = await uploaded(jobs)
        watching = asyncio.create_task(over(jobs, job))
        await here.ingestion.begun.wait()
        jobs.close()
        assert not (await watching).over


async def test_a_job_is_not_found_by_others(here: Directory) -> None:
    here.ingestion.go.clear()
    async with here.open() as jobs:
        job = await uploaded(jobs)
        await here.ingestion.begun.wait()
        with pytest.raises(NotFound, match=job.id):
            await jobs.find("evil", job.id)
        here.ingestion.go.set()
        await over(jobs, job)
        with pytest.raises(NotFound, match=job.id):
            await jobs.find("evil", job.id)


async def test_jobs_are_forgotten_a_week_after_their_end(here: Directory) -> None:
    async with here.open() as jobs:
        old, new = [await over(jobs, await uploaded(jobs)) for _ in range(2)]
    long_ago = (datetime.now(UTC) - timedelta(days=7, minutes=1)).isoformat()
    await here.state.jobs.save(replace(old, ended_at=long_ago))
    async with here.open() as jobs:
        await over(jobs, await uploaded(jobs))
        assert (await jobs.find("acme", new.id)).state == "done"
        with pytest.raises(NotFound, match="7 days"):
            await jobs.find("acme", old.id)
