"""Jobs are done in order, survive the process, and end one way or the other."""

import asyncio
from dataclasses import replace
from pathlib import Path

from domain.completion import Account
from domain.errors import InvalidInput, Unavailable
from domain.jobs import Job
from domain.keys import ApiKey
from tests.wiring.directory import QUICK, Directory, over, uploaded
from tests.wiring.scripted import a_report
from wiring.jobs import open_jobs
from wiring.spool import Spool
from wiring.state.jobs import Jobs as StoredJobs


async def test_a_job_runs_and_leaves_its_report_and_no_files(here: Directory) -> None:
    async with here.open() as jobs:
        done = await over(jobs, await uploaded(jobs, a="One.", b="Two."))
    assert (done.state, done.attempts, done.report) == ("done", 1, a_report("added", "a", "b"))
    assert here.ingestion.read == [{"a": b"One.", "b": b"Two."}]
    assert here.ingestion.roots == ["upload"]
    assert here.left() == []


async def test_jobs_are_done_in_the_order_in_which_they_came(here: Directory) -> None:
    async with here.open() as jobs:
        started = [await uploaded(jobs, a=str(n)) for n in range(5)]
        await over(jobs, started[-1])
    assert here.ingestion.read == [{"a": str(n).encode()} for n in range(5)]


async def test_a_run_that_fails_makes_the_job_fail_with_its_reason(here: Directory) -> None:
    here.ingestion.failures.append(InvalidInput("No such thing."))
    async with here.open() as jobs:
        failed = await over(jobs, await uploaded(jobs))
        assert (failed.state, failed.error, failed.report) == ("failed", "No such thing.", None)
        assert (await over(jobs, await uploaded(jobs))).state == "done"
    assert here.left() == []


async def test_an_error_that_nobody_foresaw_fails_its_job_alone(here: Directory) -> None:
    here.ingestion.failures.append(ZeroDivisionError("secret"))
    async with here.open() as jobs:
        failed = await over(jobs, await uploaded(jobs))
        assert failed.state == "failed"
        assert "secret" not in failed.error
        assert (await over(jobs, await uploaded(jobs))).state == "done"


async def test_an_outside_system_that_is_away_is_asked_again(here: Directory) -> None:
    here.ingestion.failures.append(Unavailable("The store is away.", transient=True))
    async with here.open() as jobs:
        done = await over(jobs, await uploaded(jobs))
    assert (done.state, done.attempts, done.error) == ("done", 2, "")


async def test_an_outside_system_that_stays_away_fails_the_job_in_the_end(here: Directory) -> None:
    here.ingestion.failures += [Unavailable("The store is away.", transient=True)] * 3
    async with here.open() as jobs:
        failed = await over(jobs, await uploaded(jobs))
    assert (failed.state, failed.attempts, failed.error) == ("failed", 3, "The store is away.")


async def test_shutting_down_stops_a_job_and_leaves_it_queued(here: Directory) -> None:
    here.ingestion.go.clear()
    async with here.open() as jobs:
        job = await uploaded(jobs)
        await here.ingestion.begun.wait()
    assert await here.state.jobs.find("acme", job.id) == job
    assert here.left() == [job.id]


async def test_the_next_start_does_what_was_left(here: Directory) -> None:
    here.ingestion.go.clear()
    async with here.open() as jobs:
        started = [await uploaded(jobs, a="First."), await uploaded(jobs, a="Second.")]
        await here.ingestion.begun.wait()
    here.ingestion.go.set()
    async with here.open() as jobs:
        assert [(await over(jobs, job)).attempts for job in started] == [1, 1]
    assert here.ingestion.read == [{"a": b"First."}, {"a": b"First."}, {"a": b"Second."}]


async def test_who_pays_for_a_job_is_known_after_a_restart(here: Directory) -> None:
    here.ingestion.go.clear()
    async with here.open() as jobs:
        job = await uploaded(jobs, key=ApiKey("acme", "wiki", monthly_microdollars=500))
        await here.ingestion.begun.wait()
    here.ingestion.go.set()
    async with here.open() as jobs:
        await over(jobs, job)
    assert here.ingestion.payers == [Account("acme", "wiki", 500)] * 2


async def test_a_job_of_an_older_version_is_paid_by_its_tenant(here: Directory) -> None:
    here.ingestion.go.clear()
    async with here.open() as jobs:
        job = await uploaded(jobs)
        await here.ingestion.begun.wait()
    (here.folder / f"{job.id}.json").unlink()
    here.ingestion.go.set()
    async with here.open() as jobs:
        assert (await over(jobs, job)).state == "done"
    assert here.ingestion.payers[-1] == Account("acme")


async def test_a_job_that_was_killed_is_begun_anew(here: Directory) -> None:
    here.ingestion.go.clear()
    async with here.open() as jobs:
        job = await uploaded(jobs)
    await here.killed(job)
    here.ingestion.go.set()
    async with here.open() as jobs:
        assert ((await over(jobs, job)).state, (await over(jobs, job)).attempts) == ("done", 2)


async def test_a_job_that_was_killed_three_times_is_given_up(here: Directory) -> None:
    here.ingestion.go.clear()
    async with here.open() as jobs:
        job = await uploaded(jobs)
    await here.killed(replace(job, attempts=2))
    here.ingestion.read.clear()
    async with here.open() as jobs:
        failed = await over(jobs, job)
    assert failed.state == "failed"
    assert "interrupted 3 times" in failed.error
    assert here.ingestion.read == []
    assert here.left() == []


async def test_a_job_without_its_files_fails_with_a_word(here: Directory) -> None:
    here.ingestion.go.clear()
    async with here.open() as jobs:
        await uploaded(jobs)
        job = await uploaded(jobs)
        Spool.open(here.folder).remove(job.id)
        here.ingestion.go.set()
        assert "Send them again" in (await over(jobs, job)).error


async def test_jobs_of_another_directory_are_left_to_it(here: Directory, tmp_path: Path) -> None:
    here.ingestion.go.clear()
    async with here.open() as jobs:
        job = await uploaded(jobs)
    here.ingestion.go.set()
    elsewhere = Directory(here.state, tmp_path / "elsewhere", here.ingestion)
    async with elsewhere.open() as jobs:
        await over(jobs, await uploaded(jobs, tenant="other"))
        assert (await jobs.find("acme", job.id)).state == "queued"


async def test_of_two_services_on_one_directory_one_does_the_jobs_of_both(here: Directory) -> None:
    async with here.open() as first, here.open() as second:
        jobs = [await uploaded(service, a=str(n)) for n, service in enumerate([first, second])]
        assert [(await over(second, job)).state for job in jobs] == ["done", "done"]
    assert here.ingestion.read == [{"a": b"0"}, {"a": b"1"}]


async def test_a_second_service_takes_over_when_the_first_ends(here: Directory) -> None:
    async with here.open() as second_last:
        async with here.open() as last:
            await asyncio.sleep(0.05)
            job = await uploaded(last)
            await over(last, job)
        assert (await over(second_last, await uploaded(second_last))).state == "done"


class ShakyRegistry(StoredJobs):
    """The database does not answer when an end is to be written down, at first."""

    ends = 1

    async def save(self, job: Job) -> None:
        if job.over and self.ends:
            self.ends -= 1
            raise Unavailable("The state database is away.")
        await super().save(job)


async def test_a_state_that_is_away_holds_jobs_up_and_loses_none(here: Directory) -> None:
    shaky = ShakyRegistry(here.state.database)
    async with open_jobs(shaky, here.folder, here.ingestion, QUICK) as jobs:
        done = await over(jobs, await uploaded(jobs))
    assert (done.state, done.attempts, shaky.ends) == ("done", 2, 0)
    assert here.left() == []


async def test_a_document_that_is_gone_already_is_deleted_all_the_same(here: Directory) -> None:
    async with here.open() as jobs:
        await over(jobs, await uploaded(jobs, a="Text."))
        started = [await jobs.delete("acme", "handbook", "a") for _ in range(2)]
        reports = [(await over(jobs, job)).report for job in started]
    assert reports == [a_report("removed", "a"), a_report("removed")]
