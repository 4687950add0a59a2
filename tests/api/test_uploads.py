"""Documents come and go over HTTP: what is taken, under which name, and what is refused."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import httpx2
import pytest

from domain.completion import Account
from domain.ids import document_id
from tests.api.scripted import Service, key, serving

MB = 1_000_000


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serving(tmp_path / "data") as service:
        yield service


async def post(
    service: Service,
    *files: tuple[str, bytes],
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> httpx2.Response:
    parts = [("files", (name, content)) for name, content in files]
    return await service.client.post("/v1/documents", files=parts, data=form, headers=headers)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110  the other side tells nobody
            await asyncio.sleep(0.01)


async def test_uploaded_files_become_a_job_that_is_named_in_the_answer(service: Service) -> None:
    response = await post(service, ("a.md", b"One."), ("b.pdf", b"Two."))
    job = response.json()
    assert response.status_code == 202
    assert response.headers["location"] == f"/v1/jobs/{job['id']}"
    assert (job["kind"], job["sources"]) == ("ingest", ["a.md", "b.pdf"])
    assert (await service.done(response)).state == "done"
    assert service.ingestion.read == [{"a.md": b"One.", "b.pdf": b"Two."}]
    assert service.left() == []


async def test_the_form_may_name_the_collection_and_accept_the_cost(service: Service) -> None:
    await service.done(await post(service, ("a.md", b"One.")))
    form = {"collection": "handbook", "accept_cost": "true", "adopt": "true"}
    await service.done(await post(service, ("a.md", b"One."), form=form))
    first, second = service.ingestion.requests
    assert (first.collection, first.accept_cost, first.adopt) == ("default", False, False)
    assert (second.collection, second.accept_cost, second.adopt) == ("handbook", True, True)


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_an_upload_is_paid_by_the_key_that_sent_it(tmp_path: Path, method: str) -> None:
    async with serving(tmp_path / "data", tenants=("acme",)) as service:
        if method == "POST":
            sent = await post(service, ("a.md", b"One."), headers=key("acme"))
        else:
            sent = await service.client.put(
                "/v1/documents/a.md", content=b"One.", headers=key("acme")
            )
        await service.done(sent, **key("acme"))
    assert service.ingestion.payers == [Account("acme", "test")]


NAMES = {
    "a path": ("handbook/leave.md", "handbook/leave.md"),
    "a path that begins here": ("./leave.md", "leave.md"),
    "a path of another system": ("handbook\\leave.md", "handbook/leave.md"),
    "a whole path": ("/srv/docs/leave.md", "leave.md"),
    "a whole path with its drive": ("C:/docs/leave.md", "leave.md"),
    "other letters": ("política — 政策.md", "política — 政策.md"),
    "spaces": ("our leave.md", "our leave.md"),
}


@pytest.mark.parametrize(("given", "source"), NAMES.values(), ids=NAMES)
async def test_a_document_is_called_as_its_file(service: Service, given: str, source: str) -> None:
    await service.done(await post(service, (given, b"Text.")))
    assert service.ingestion.read == [{source: b"Text."}]


WRONG = {
    "a way out": "../leave.md",
    "a way out within": "a/../../leave.md",
    "a hidden file": ".env",
    "a hidden folder": "a/.git/config",
    "a control character": "a\x85b.md",
    "a long name": "a" * 300,
    "a folder": "/",
}


@pytest.mark.parametrize("given", WRONG.values(), ids=WRONG)
async def test_a_name_that_leads_elsewhere_or_is_none_is_refused(
    service: Service, given: str
) -> None:
    response = await post(service, (given, b"Text."))
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "files"
    assert service.left() == []


async def test_one_name_twice_is_refused(service: Service) -> None:
    response = await post(service, ("a.md", b"One."), ("./a.md", b"Two."))
    assert response.status_code == 422
    assert "a.md" in response.json()["detail"]
    assert service.left() == []


FORMS: dict[str, tuple[dict[str, str], str]] = {
    "an unknown field": ({"metadata": "{}"}, "metadata"),
    "a collection that is no name": ({"collection": "../a"}, "collection"),
    "no yes or no": ({"accept_cost": "perhaps"}, "accept_cost"),
    "a file without a name": ({"files": "Text."}, "files"),
}


@pytest.mark.parametrize(("form", "field"), FORMS.values(), ids=FORMS)
async def test_a_wrong_field_is_named_and_nothing_is_kept(
    service: Service, form: dict[str, str], field: str
) -> None:
    response = await post(service, ("a.md", b"Text."), form=form)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["errors"][0]["field"] == field
    assert service.left() == []


async def test_an_upload_without_files_is_refused(service: Service) -> None:
    response = await service.client.post("/v1/documents", files={"collection": (None, "a")})
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "files"


@pytest.mark.parametrize("body", [b"", b"--b\r\n", b"--b\r\nContent-Disposition: form-data"])
async def test_a_form_that_breaks_off_is_refused(service: Service, body: bytes) -> None:
    headers = {"content-type": "multipart/form-data; boundary=b"}
    response = await service.client.post("/v1/documents", content=body, headers=headers)
    assert response.status_code == 422
    assert "multipart/form-data" in response.json()["detail"]
    assert service.left() == []


async def test_a_body_that_is_no_form_is_refused(service: Service) -> None:
    response = await service.client.post("/v1/documents", json={"files": []})
    assert response.status_code == 422
    assert "application/json" in response.json()["detail"]


async def test_a_file_may_have_the_size_that_is_set_and_no_byte_more(service: Service) -> None:
    fits, large = b"a" * MB, b"a" * (MB + 1)
    assert (await service.done(await post(service, ("a.txt", fits)))).state == "done"
    response = await post(service, ("a.txt", large))
    assert response.status_code == 413
    assert "FOREBAY_UPLOAD__FILE_MB" in response.json()["detail"]
    assert (await service.client.put("/v1/documents/a.txt", content=large)).status_code == 413
    assert service.left() == []


async def test_a_request_may_have_the_size_that_is_set(service: Service) -> None:
    files = [(f"{n}.txt", b"a" * (MB * 9 // 10)) for n in range(3)]
    response = await post(service, *files)
    assert response.status_code == 413
    assert "FOREBAY_UPLOAD__REQUEST_MB" in response.json()["detail"]
    assert service.left() == []


async def test_other_requests_are_as_small_as_before(service: Service) -> None:
    response = await service.client.post("/v1/ask", content=b" " * (MB + 1))
    assert response.status_code == 413


async def test_an_upload_that_breaks_off_leaves_nothing(service: Service) -> None:
    url = service.client.base_url
    _, connection = await asyncio.open_connection(url.host, url.port)
    connection.write(
        b"POST /v1/documents HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"
        b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.md"\r\n\r\nhalf'
    )
    await connection.drain()
    await until(lambda: bool(service.left()))
    connection.close()
    await until(lambda: not service.left())
    assert (await service.client.get("/v1/jobs")).json()["total"] == 0


async def test_many_may_upload_at_once(service: Service) -> None:
    uploads = [post(service, (f"{n}.md", str(n).encode() * 100_000)) for n in range(10)]
    jobs = [await service.done(response) for response in await asyncio.gather(*uploads)]
    assert {job.state for job in jobs} == {"done"}
    read = {name: data for files in service.ingestion.read for name, data in files.items()}
    assert read == {f"{n}.md": str(n).encode() * 100_000 for n in range(10)}


async def test_a_document_is_put_under_a_name_of_the_callers_own(service: Service) -> None:
    response = await service.client.put("/v1/documents/policies/7", content=b"Text.")
    assert (await service.done(response)).sources == ("policies/7",)
    assert service.ingestion.read == [{"policies/7": b"Text."}]


async def test_a_document_that_is_there_keeps_its_name_when_it_is_put_by_its_id(
    service: Service,
) -> None:
    await service.done(await post(service, ("leave.md", b"Old."), form={"collection": "handbook"}))
    identity = document_id("default", "handbook", "leave.md")
    path = f"/v1/documents/{identity}?collection=handbook"
    response = await service.client.put(path, content=b"New.")
    assert (await service.done(response)).sources == ("leave.md",)
    assert service.ingestion.read[-1] == {"leave.md": b"New."}
    assert service.ingestion.requests[-1].adopt


async def test_a_put_may_be_a_form_with_one_file(service: Service) -> None:
    files = {"file": ("anything.md", b"Text.")}
    response = await service.client.put("/v1/documents/leave.md", files=files)
    await service.done(response)
    assert service.ingestion.read == [{"leave.md": b"Text."}]
    two = [("files", ("a", b"a")), ("files", ("b", b"b"))]
    assert (await service.client.put("/v1/documents/a", files=two)).status_code == 422


@pytest.mark.parametrize("name", ["%2e%2e/a", "a//b", ".env", "a%00b"])
async def test_a_put_under_no_name_is_refused(service: Service, name: str) -> None:
    response = await service.client.put(f"/v1/documents/{name}", content=b"Text.")
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "id"


async def test_a_body_that_is_encoded_is_refused(service: Service) -> None:
    headers = {"content-encoding": "gzip"}
    response = await service.client.put("/v1/documents/a", content=b"Text.", headers=headers)
    assert response.status_code == 415


@pytest.mark.parametrize("by", ["id", "name"])
async def test_a_document_is_deleted(service: Service, by: str) -> None:
    await service.done(await post(service, ("a/leave.md", b"Text.")))
    identity = {"id": document_id("default", "default", "a/leave.md"), "name": "a/leave.md"}[by]
    job = await service.done(await service.client.delete(f"/v1/documents/{identity}"))
    assert (job.kind, job.sources, job.report and job.report.count("removed")) == (
        "delete",
        ("a/leave.md",),
        1,
    )
    assert (await service.client.get("/v1/documents")).json()["total"] == 0
    assert (await service.client.delete(f"/v1/documents/{identity}")).status_code == 404


async def test_a_document_that_is_still_to_come_may_be_deleted(service: Service) -> None:
    service.ingestion.go.clear()
    await service.client.put("/v1/documents/leave.md", content=b"Text.")
    response = await service.client.delete("/v1/documents/leave.md")
    service.ingestion.go.set()
    assert (await service.done(response)).state == "done"
    assert (await service.client.get("/v1/documents")).json()["total"] == 0


async def test_what_is_not_there_cannot_be_deleted(service: Service) -> None:
    response = await service.client.delete("/v1/documents/leave.md?collection=handbook")
    assert response.status_code == 404
    assert "handbook" in response.json()["detail"]


async def test_a_tenant_neither_replaces_nor_deletes_what_is_anothers(tmp_path: Path) -> None:
    async with serving(tmp_path / "data", tenants=("acme", "evil")) as service:
        first = await post(service, ("a.md", b"Ours."), headers=key("acme"))
        await service.done(first, **key("acme"))
        identity = document_id("acme", "default", "a.md")
        path = f"/v1/documents/{identity}"
        put = await service.client.put(path, content=b"Theirs.", headers=key("evil"))
        assert (await service.done(put, **key("evil"))).sources == (identity,)
        for name in (identity + "x", "a.md"):
            gone = await service.client.delete(f"/v1/documents/{name}", headers=key("evil"))
            assert gone.status_code == 404
        ours = await service.client.get("/v1/documents", headers=key("acme"))
        assert [document["source"] for document in ours.json()["documents"]] == ["a.md"]


async def test_nobody_uploads_without_a_key_where_there_are_keys(tmp_path: Path) -> None:
    async with serving(tmp_path / "data", tenants=("acme",)) as service:
        assert (await post(service, ("a.md", b"Text."))).status_code == 401
        assert service.left() == []
