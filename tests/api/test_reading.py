"""What a tenant reads of its own: collections, stretches of documents, conversations."""

from pathlib import Path

import httpx2
import pytest

from domain.records import Turn
from tests.api.scripted import key, serving
from wiring.state.database import open_state

TURN = Turn("How long?", "35 days.", "2026-11-03T09:30:00+00:00")


def test_collections_are_listed_with_what_they_hold(service: httpx2.Client) -> None:
    [found] = service.get("/v1/collections").json()["collections"]
    assert (found["name"], found["documents"]) == ("default", 21)


def test_a_citation_leads_to_its_words(service: httpx2.Client) -> None:
    [first, *_] = service.post("/v1/ask", json={"question": "How long are backups kept?"}).json()[
        "citations"
    ]
    place = {"start": first["start"], "end": first["end"], "around": 50}
    found = service.get(f"/v1/documents/{first['document_id']}/text", params=place).json()
    begin = first["start"] - found["start"]
    assert found["text"][begin : begin + len(first["quote"])] == first["quote"]


def test_a_document_is_found_by_its_name_as_well(service: httpx2.Client) -> None:
    found = service.get("/v1/documents/backups.md/text").json()
    assert found["document"]["source"] == "backups.md"
    assert found["text"].startswith("# Backups and restore")


def test_pages_of_a_pdf_are_marked_where_they_begin(service: httpx2.Client) -> None:
    params = {"around": 20_000}
    found = service.get("/v1/documents/operations-manual.pdf/text", params=params).json()
    pages = [mark["page"] for mark in found["marks"]]
    assert pages == sorted(pages)
    assert len(set(pages)) > 1


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/documents/nothing.md/text", 404),
        ("/v1/documents/backups.md/text?collection=other", 404),
        ("/v1/documents/backups.md/text?start=999999", 422),
        ("/v1/documents/backups.md/text?start=0&end=999999", 422),
        ("/v1/sessions/nobody", 404),
    ],
)
def test_what_is_not_there_is_said(service: httpx2.Client, path: str, status: int) -> None:
    assert service.get(path).status_code == status


def test_conversations_are_listed_by_their_first_question(service: httpx2.Client) -> None:
    for question in ("How long are backups kept?", "And who may restore one?"):
        service.post("/v1/ask", json={"question": question, "session": "s1"})
    [listed] = service.get("/v1/sessions").json()["sessions"]
    assert (listed["id"], listed["turns"]) == ("s1", 2)
    assert listed["question"] == "How long are backups kept?"
    turns = service.get("/v1/sessions/s1").json()["turns"]
    assert [turn["question"] for turn in turns][1] == "And who may restore one?"


async def test_a_tenant_reads_nothing_of_another(tmp_path: Path) -> None:
    async with serving(tmp_path / "data", ("acme", "evil")) as service:
        put = await service.client.put("/v1/documents/a.md", content=b"A.", headers=key("acme"))
        await service.done(put, **key("acme"))
        async with open_state(f"sqlite:///{tmp_path}/data/state.db") as state:
            await state.sessions.append("acme", "s1", TURN)
        theirs = [
            (await service.client.get(path, headers=key("evil"))).json()
            for path in ("/v1/collections", "/v1/sessions")
        ]
        assert theirs == [{"collections": []}, {"sessions": [], "total": 0}]
        text = await service.client.get("/v1/documents/a.md/text", headers=key("evil"))
        one = await service.client.get("/v1/sessions/s1", headers=key("evil"))
        assert (text.status_code, one.status_code) == (404, 404)
