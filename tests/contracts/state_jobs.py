"""What every JobRegistry must do. Needs a fixture `jobs`, empty."""

import asyncio
from dataclasses import replace

from domain.answers import StageTime
from domain.ingestion import IngestReport, Outcome, Progress, Queue
from domain.jobs import Job
from domain.state_ports import JobRegistry

HERE, ELSEWHERE = "here", "elsewhere"
JOB = Job("1", "acme", "handbook", "ingest", ("a.md", "b/ü.pdf"), "2026-11-03T09:30:00+00:00")
PROGRESS = Progress(1, 2, 30, 400, (Queue("parse", 1),), "a.md", 0.5, "the store")
REPORT = IngestReport(
    outcomes=(Outcome("a.md", "added", chunks=3), Outcome("b/ü.pdf", "failed", "It is empty.")),
    chunks=3,
    embedded=3,
    tokens=500,
    cost_microdollars=2,
    seconds=1.5,
    times=(StageTime("parse", 0.1),),
)
DONE = replace(
    JOB,
    state="done",
    attempts=2,
    started_at="2026-11-03T09:31:00+00:00",
    ended_at="2026-11-03T09:32:00+00:00",
    progress=PROGRESS,
    report=REPORT,
)


class JobRegistryContract:
    async def test_an_added_job_comes_back_as_it_was(self, jobs: JobRegistry) -> None:
        job = replace(JOB, adopt=True, accept_cost=True)
        await jobs.add(job, HERE)
        assert await jobs.find("acme", "1") == job

    async def test_a_saved_job_comes_back_with_progress_and_report(self, jobs: JobRegistry) -> None:
        await jobs.add(JOB, HERE)
        await jobs.save(DONE)
        assert await jobs.find("acme", "1") == DONE

    async def test_an_error_may_hold_signs_that_no_database_takes(self, jobs: JobRegistry) -> None:
        await jobs.add(JOB, HERE)
        await jobs.save(replace(JOB, state="failed", error="a\x00b\ud800c"))
        found = await jobs.find("acme", "1")
        assert found is not None
        assert found.error == "a\ufffdb?c"

    async def test_a_job_is_its_tenants_own(self, jobs: JobRegistry) -> None:
        await jobs.add(JOB, HERE)
        await jobs.save(replace(DONE, tenant="evil"))
        assert await jobs.find("evil", "1") is None
        assert (await jobs.page("evil", offset=0, limit=9)).total == 0
        assert await jobs.find("acme", "1") == JOB

    async def test_a_page_has_the_newest_first_and_no_reports(self, jobs: JobRegistry) -> None:
        for number in ("1", "2", "3"):
            await jobs.add(replace(JOB, id=number), HERE)
            await jobs.save(replace(DONE, id=number))
        page = await jobs.page("acme", offset=1, limit=1)
        assert page.jobs == (replace(DONE, id="2", report=None),)
        assert page.total == 3

    async def test_a_page_may_be_of_one_state_or_collection(self, jobs: JobRegistry) -> None:
        await jobs.add(JOB, HERE)
        await jobs.add(replace(JOB, id="2", collection="other"), HERE)
        await jobs.add(replace(JOB, id="3"), HERE)
        await jobs.save(replace(DONE, id="3"))
        queued = await jobs.page("acme", state="queued", offset=0, limit=9)
        handbook = await jobs.page("acme", collection="handbook", offset=0, limit=9)
        assert [job.id for job in queued.jobs] == ["2", "1"]
        assert [job.id for job in handbook.jobs] == ["3", "1"]

    async def test_the_oldest_is_that_of_an_owner_in_a_state(self, jobs: JobRegistry) -> None:
        for number, owner in (("1", ELSEWHERE), ("2", HERE), ("3", HERE)):
            await jobs.add(replace(JOB, id=number, tenant=f"tenant-{number}"), owner)
        await jobs.save(replace(JOB, id="2", tenant="tenant-2", state="running"))
        assert (await jobs.oldest(HERE, "queued") or JOB).id == "3"
        assert (await jobs.oldest(HERE, "running") or JOB).id == "2"
        assert await jobs.oldest(HERE, "done") is None

    async def test_jobs_added_at_once_are_all_there(self, jobs: JobRegistry) -> None:
        await asyncio.gather(*(jobs.add(replace(JOB, id=str(n)), HERE) for n in range(20)))
        assert (await jobs.page("acme", offset=0, limit=99)).total == 20

    async def test_those_that_wait_are_queued_or_running(self, jobs: JobRegistry) -> None:
        for number in ("1", "2", "3", "4"):
            await jobs.add(replace(JOB, id=number), ELSEWHERE if number == "4" else HERE)
        await jobs.save(replace(JOB, id="2", state="running"))
        await jobs.save(replace(DONE, id="3"))
        assert sorted(await jobs.waiting(HERE)) == ["1", "2"]

    async def test_a_document_is_awaited_until_its_job_is_over(self, jobs: JobRegistry) -> None:
        await jobs.add(JOB, HERE)
        assert await jobs.awaits("acme", "handbook", "b/ü.pdf")
        assert not await jobs.awaits("acme", "handbook", "c.md")
        assert not await jobs.awaits("acme", "other", "b/ü.pdf")
        assert not await jobs.awaits("evil", "handbook", "b/ü.pdf")
        await jobs.save(DONE)
        assert not await jobs.awaits("acme", "handbook", "b/ü.pdf")

    async def test_only_old_jobs_that_are_over_are_forgotten(self, jobs: JobRegistry) -> None:
        for number in ("1", "2", "3"):
            await jobs.add(replace(JOB, id=number), HERE)
        await jobs.save(replace(DONE, id="2"))
        await jobs.save(replace(DONE, id="3", ended_at="2026-11-10T00:00:00+00:00"))
        await jobs.forget("2026-11-05T00:00:00+00:00")
        page = await jobs.page("acme", offset=0, limit=9)
        assert [job.id for job in page.jobs] == ["3", "1"]
