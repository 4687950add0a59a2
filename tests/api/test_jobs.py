"""A job says where it is, to whom it belongs and for as long as it is remembered."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from domain.errors import Misconfigured
from tests.api.scripted import Service, key, serving
from tests.service import running

STREAM = {"Accept": "text/event-stream"}


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serving(tmp_path / "data") as service:
        yield service


async def put(service: Service, name: str = "a.md", **headers: str) -> httpx2.Response:
    return await service.client.put(f"/v1/documents/{name}", content=b"Text.", headers=headers)


async def events(service: Service, path: str, **headers: str) -> list[httpx2.ServerSentEvent]:
    headers = {**STREAM, **headers}
    async with (
        asyncio.timeout(5),
        service.client.stream("GET", path, headers=headers) as response,
    ):
        assert response.headers["content-type"].startswith("text/event-stream")
        return [event async for event in httpx2.EventSource(response)]


async def test_a_job_that_is_over_has_its_report(service: Service) -> None:
    started = await put(service)
    await service.done(started)
    job = (await service.client.get(started.headers["location"])).json()
    assert (job["state"], job["attempts"], job["error"]) == ("done", 1, "")
    assert job["report"]["outcomes"][0]["source"] == "a.md"
    assert job["ended_at"] >= job["started_at"] >= job["created_at"]


async def test_a_job_that_failed_says_why(service: Service) -> None:
    service.ingestion.failures.append(Misconfigured("Set FOREBAY_THIS."))
    job = await service.done(await put(service))
    assert (job.state, job.error) == ("failed", "Set FOREBAY_THIS.")


async def test_progress_is_streamed_until_the_report(service: Service) -> None:
    service.ingestion.go.clear()
    started = await put(service)
    watching = asyncio.create_task(events(service, started.headers["location"]))
    await service.ingestion.begun.wait()
    await asyncio.sleep(0.05)
    service.ingestion.go.set()
    seen = await watching
    assert [event.event for event in seen] == ["progress", "progress", "done"]
    assert [json.loads(event.data)["done"] for event in seen[:2]] == [0, 1]
    assert json.loads(seen[-1].data)["outcomes"][0]["state"] == "added"


async def test_who_comes_late_gets_the_latest_progress_and_the_end(service: Service) -> None:
    started = await put(service)
    await service.done(started)
    seen = await events(service, started.headers["location"])
    assert [event.event for event in seen] == ["progress", "done"]


async def test_who_heard_the_end_is_told_not_to_come_back(service: Service) -> None:
    started = await put(service)
    await service.done(started)
    last = (await events(service, started.headers["location"]))[-1]
    headers = {**STREAM, "Last-Event-ID": last.id or ""}
    again = await service.client.get(started.headers["location"], headers=headers)
    assert again.status_code == 204


async def test_a_job_that_fails_ends_its_stream_with_an_error(service: Service) -> None:
    service.ingestion.failures.append(Misconfigured("Set FOREBAY_THIS."))
    started = await put(service)
    seen = await events(service, started.headers["location"])
    assert seen[-1].event == "error"
    assert json.loads(seen[-1].data)["detail"] == "Set FOREBAY_THIS."


async def test_a_stream_without_news_is_kept_open_by_comments(service: Service) -> None:
    service.ingestion.go.clear()
    started = await put(service)
    async with service.client.stream(
        "GET", started.headers["location"], headers=STREAM
    ) as response:
        async for line in response.aiter_lines():
            if line.startswith(": "):
                break
    service.ingestion.go.set()
    await service.done(started)


async def test_jobs_are_listed_with_the_newest_first(service: Service) -> None:
    for name in ("a.md", "b.md", "c.md"):
        await service.done(await put(service, name))
    page = (await service.client.get("/v1/jobs?limit=2")).json()
    assert [job["sources"] for job in page["jobs"]] == [["c.md"], ["b.md"]]
    assert page["total"] == 3


async def test_the_list_may_be_of_one_state(service: Service) -> None:
    await service.done(await put(service))
    assert (await service.client.get("/v1/jobs?state=queued")).json()["total"] == 0
    assert (await service.client.get("/v1/jobs?state=done")).json()["total"] == 1
    wrong = await service.client.get("/v1/jobs?state=waiting")
    assert wrong.json()["errors"][0]["field"] == "query.state"


async def test_an_unknown_job_is_not_found(service: Service) -> None:
    response = await service.client.get("/v1/jobs/no-such-job")
    assert response.status_code == 404
    assert "no-such-job" in response.json()["detail"]


async def test_tenants_see_their_own_jobs_alone(tmp_path: Path) -> None:
    async with serving(tmp_path / "data", tenants=("acme", "evil")) as service:
        started = await put(service, **key("acme"))
        await service.done(started, **key("acme"))
        path = started.headers["location"]
        assert (await service.client.get(path, headers=key("evil"))).status_code == 404
        stream = {**STREAM, **key("evil")}
        assert (await service.client.get(path, headers=stream)).status_code == 404
        assert (await service.client.get("/v1/jobs", headers=key("evil"))).json()["total"] == 0
        assert (await service.client.get("/v1/jobs", headers=key("acme"))).json()["total"] == 1
        assert (await service.client.get(path)).status_code == 401


async def test_a_job_survives_a_restart_of_the_service(tmp_path: Path) -> None:
    async with serving(tmp_path / "data") as service:
        service.ingestion.go.clear()
        started = await put(service)
        await service.ingestion.begun.wait()
    async with serving(tmp_path / "data") as service:
        assert (await service.done(started)).state == "done"
        assert service.ingestion.read == [{"a.md": b"Text."}]


def test_what_is_uploaded_is_found_and_what_is_deleted_is_not(tmp_path: Path) -> None:
    question = {"question": "Who feeds the heron?"}
    with running(tmp_path / "data") as client:
        text = "# Heron\n\nThe heron is fed by the gardener at dawn."
        awaited(client, client.put("/v1/documents/birds/heron.md", content=text.encode()))
        [hit] = client.post("/v1/search", json=question).json()["hits"]
        assert hit["chunk"]["source"] == "birds/heron.md"
        awaited(client, client.delete("/v1/documents/birds/heron.md"))
        assert client.post("/v1/search", json=question).json()["hits"] == []


def test_an_accepted_upload_outlives_the_process_that_is_killed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    files = [("files", (f"{n}.md", f"# Note {n}\n\nText.".encode())) for n in range(5)]
    with running(data) as client:
        started = client.post("/v1/documents", files=files)
        os.kill(json.loads((data / "owner.json").read_text())["pid"], signal.SIGKILL)
    with running(data) as client:
        assert awaited(client, started)["report"]["chunks"] == 5
        assert client.get("/v1/documents").json()["total"] == 5
    assert [path for path in (data / "uploads").iterdir() if path.is_dir()] == []


def awaited(client: httpx2.Client, started: httpx2.Response) -> Any:
    """The job, when it is done, by its stream."""
    path = started.headers["location"]
    with client.stream("GET", path, headers=STREAM) as response:
        names = [event.event for event in httpx2.EventSource(response)]
    assert names[-1] == "done"
    return client.get(path).json()


async def test_openapi_describes_uploads_and_jobs(service: Service) -> None:
    paths = (await service.client.get("/openapi.json")).json()["paths"]
    form = paths["/v1/documents"]["post"]["requestBody"]["content"]["multipart/form-data"]
    assert form["schema"]["properties"]["files"]["items"]["format"] == "binary"
    assert "requestBody" in paths["/v1/documents/{id}"]["put"]
    assert "202" in paths["/v1/documents/{id}"]["delete"]["responses"]
    assert "text/event-stream" in paths["/v1/jobs/{id}"]["get"]["responses"]["200"]["content"]
