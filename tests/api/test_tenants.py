"""No endpoint of one tenant shows or changes what is another's, whatever ids it is given."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from uuid import uuid4

import httpx2
import pytest

from domain.keys import SCOPES
from tests.api.keyed import ROOT, Keyed, bearer, serving_keys
from tests.api.operations import operations

QUESTION = "How long are backups kept?"
SECRETS = ("35 days", "backups.md", "our-conversation", "Thornhaven", "wiki-of-a")
OURS = "default"  # the collection
OPEN = {"GET /healthz", "GET /readyz", "GET /metrics"}


@dataclass(frozen=True, slots=True)
class Tenants:
    keyed: Keyed
    ids: Mapping[str, Mapping[str, str]]  # of what the first one has, by the first words of a path

    def ids_for(self, path: str) -> Mapping[str, str]:
        return next((ids for start, ids in self.ids.items() if path.startswith(start)), {})


@pytest.fixture(scope="module")
def tenants(handbook_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tenants]:
    with serving_keys(handbook_data, tmp_path_factory.mktemp("tenants")) as keyed:
        yield Tenants(keyed, made(keyed.client))


@pytest.fixture
def other(tenants: Tenants) -> dict[str, str]:
    """The headers of a tenant that has nothing, another for each test."""
    return bearer(tenants.keyed.key("all", *SCOPES, tenant=uuid4().hex))


def made(client: httpx2.Client) -> Mapping[str, Mapping[str, str]]:
    """What the first tenant has of everything."""
    mine = bearer(ROOT)
    body = {"question": QUESTION, "session": "our-conversation"}
    answer = client.post("/v1/ask", json=body, headers=mine).json()
    kept = client.post("/v1/ask", json={"question": QUESTION, "background": True}, headers=mine)
    files = {"files": ("ours.md", b"Thornhaven is ours.")}
    job = client.post("/v1/documents", files=files, headers=mine).json()
    client.post("/v1/keys", json={"name": "wiki-of-a"}, headers=mine)
    for place in (kept.headers["location"], f"/v1/jobs/{job['id']}"):
        until_over(client, place)
    return {
        "/v1/documents": {"id": answer["citations"][0]["document_id"]},
        "/v1/sessions": {"id": "our-conversation"},
        "/v1/answers": {"id": kept.json()["id"]},
        "/v1/jobs": {"id": job["id"]},
        "/v1/models": {"id": f"forebay/{OURS}"},
        "/v1/keys": {"name": "wiki-of-a"},
    }


def until_over(client: httpx2.Client, place: str) -> None:
    for _ in range(200):
        if client.get(place, headers=bearer(ROOT)).json()["state"] == "done":
            return
        sleep(0.05)
    raise AssertionError(f"{place} is not done")


def asked(
    tenants: Tenants, headers: Mapping[str, str], without: Sequence[str] = ()
) -> dict[str, httpx2.Response]:
    """`without`: methods, or operations by their names."""
    said = {
        "collection": OURS,
        "question": QUESTION,
        "model": f"forebay/{OURS}",
        "everything": True,
    }
    return {
        one.name: one.send(tenants.keyed.client, tenants.ids_for(one.path), said, headers=headers)
        for one in operations(tenants.keyed.client)
        if one.name not in OPEN and not {one.name, one.method} & {*without}
    }


def test_every_id_in_a_path_is_one_of_the_first_tenant(tenants: Tenants) -> None:
    """Else the tests below would ask for nothing."""
    with_ids = {one.path for one in operations(tenants.keyed.client) if "{" in one.path}
    assert {path for path in with_ids if not tenants.ids_for(path)} == set()


def test_nothing_of_another_tenant_is_shown(tenants: Tenants, other: dict[str, str]) -> None:
    echoed = {QUESTION, *(i for ids in tenants.ids.values() for i in ids.values())}
    for name, response in asked(tenants, other).items():
        text = response.text
        for given in echoed:  # an error may name what was asked for
            text = text.replace(given, "")
        assert not [s for s in SECRETS if s in text], f"{name} shows {text[:300]}"


def test_no_tool_shows_anything_of_another_tenant(tenants: Tenants, other: dict[str, str]) -> None:
    arguments = {"search": {"question": QUESTION}, "read_document": {"document": "backups.md"}}
    for tool, given in arguments.items():
        call = {"name": tool, "arguments": {**given, "collection": OURS}}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
        accept = {"Accept": "application/json, text/event-stream"}
        headers = {**other, **accept, "MCP-Protocol-Version": "2025-06-18"}
        response = tenants.keyed.client.post("/mcp", json=body, headers=headers)
        assert response.status_code == 200
        assert "35 days" not in response.text


def test_nothing_of_another_tenant_is_changed(tenants: Tenants, other: dict[str, str]) -> None:
    before = everything(tenants)
    asked(tenants, other)
    assert everything(tenants) == before


def test_what_a_tenant_asks_for_by_a_foreign_id_is_not_there(
    tenants: Tenants, other: dict[str, str]
) -> None:
    makes_his_own = ["PUT", "POST /v1/documents"]  # a collection that may be called as ours is
    for name, response in asked(tenants, other, without=makes_his_own).items():
        if "{" in name:
            assert response.status_code == 404, f"{name} answers {response.status_code}"


def test_an_id_that_is_not_there_is_told_as_a_foreign_one_is(
    tenants: Tenants, other: dict[str, str]
) -> None:
    client = tenants.keyed.client
    for one in operations(client):
        if "{" in one.path and one.method != "PUT":
            foreign = one.send(client, tenants.ids_for(one.path), headers=other)
            nobodys = one.send(client, {"id": "forebay/none", "name": "none"}, headers=other)
            assert foreign.status_code == nobodys.status_code, one.name


def test_a_header_does_not_make_one_another_tenant(tenants: Tenants, other: dict[str, str]) -> None:
    headers = {**other, "X-Forebay-Tenant": "default"}
    assert tenants.keyed.client.get("/v1/documents", headers=headers).json()["total"] <= 2


def everything(tenants: Tenants) -> list[str]:
    mine, client = bearer(ROOT), tenants.keyed.client
    paths = ["/v1/sessions/our-conversation", "/v1/keys", f"/v1/documents?collection={OURS}"]
    for path in ("/v1/answers", "/v1/jobs"):
        found = client.get(f"{path}/{tenants.ids[path]['id']}", headers=mine)
        assert found.status_code == 200
    said = [client.get(path, headers=mine) for path in paths]
    assert {one.status_code for one in said} == {200}
    return [one.text for one in said]
