"""/v1/sessions: conversations are made, continued, listed, exported and deleted, for good."""

import json
import sqlite3
from pathlib import Path

import httpx2

from tests.api.scripted import key, serving
from tests.service import forebay, running

ASKED = {"question": "How long are backups kept?", "session": "talk"}
WORDS = "a very particular question about backups"


def test_a_conversation_is_made_and_continued(service: httpx2.Client) -> None:
    made = service.post("/v1/sessions", json={})
    assert made.status_code == 201
    where = made.headers["location"]
    assert service.get(where).json()["turns"] == []
    service.post("/v1/ask", json={**ASKED, "session": made.json()["id"]})
    [turn] = service.get(where).json()["turns"]
    assert turn["question"] == ASKED["question"]


def test_a_name_is_given_once(service: httpx2.Client) -> None:
    answers = [service.post("/v1/sessions", json={"id": "once"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 422]


def test_conversations_are_exported_one_a_line(service: httpx2.Client) -> None:
    service.post("/v1/ask", json={**ASKED, "session": "exported"})
    lines = service.get("/v1/exports/sessions").text.splitlines()
    found = {line["id"]: line["turns"] for line in map(json.loads, lines)}
    assert found["exported"][0]["question"] == ASKED["question"]


def test_what_is_deleted_is_in_no_table_and_in_no_byte_of_the_database(data: Path) -> None:
    body = {"question": f"{WORDS}?", "session": "gone"}
    with running(data, FOREBAY_SAMPLE__SHARE="1") as client:
        client.post("/v1/ask", json=body, headers={"Idempotency-Key": "k"})
        assert client.delete("/v1/sessions/gone").status_code == 204
        assert client.get("/v1/sessions/gone").status_code == 404
    with sqlite3.connect(data / "state.db") as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert WORDS.encode() not in (data / "state.db").read_bytes()


def test_conversations_are_forgotten_after_their_days_when_the_service_starts(data: Path) -> None:
    with running(data) as client:
        client.post("/v1/ask", json=ASKED)
        client.post("/v1/ask", json={**ASKED, "session": "young"})
    with sqlite3.connect(data / "state.db") as database:
        database.execute("UPDATE sessions SET last_at = '2026-01-01' WHERE id = 'talk'")
    with running(data, FOREBAY_SESSIONS__DAYS="30") as client:
        kept = client.get("/v1/sessions").json()["sessions"]
    assert [one["id"] for one in kept] == ["young"]


async def test_a_tenant_s_conversations_are_its_own(tmp_path: Path) -> None:
    async with serving(tmp_path / "data", ("acme", "evil")) as service:
        await service.client.post("/v1/sessions", json={"id": "s"}, headers=key("acme"))
        for method in ("GET", "DELETE"):
            found = await service.client.request(method, "/v1/sessions/s", headers=key("evil"))
            assert found.status_code == 404


def test_the_command_lists_shows_exports_and_deletes(data: Path) -> None:
    with running(data) as client:
        client.post("/v1/ask", json=ASKED)
        listed = forebay("sessions", "list", data=data)
        shown = forebay("sessions", "show", "talk", data=data)
        exported = forebay("sessions", "export", data=data)
        deleted = forebay("sessions", "delete", "talk", "--yes", data=data)
        assert client.get("/v1/sessions/talk").status_code == 404
    assert "talk" in listed.stdout
    assert shown.stdout.startswith(f"> {ASKED['question']}")
    assert json.loads(exported.stdout)["id"] == "talk"
    assert deleted.returncode == 0
