"""A key for some collections has conversations, and they are its own."""

import json
from collections.abc import Iterator
from pathlib import Path
from time import sleep

import httpx2
import pytest

from tests.api.keyed import ROOT, Keyed, bearer, serving_keys

QUESTION = "How long are backups kept?"
BODY = {"question": QUESTION, "session": "talk"}
HERE = ("default",)


@pytest.fixture(scope="module")
def keyed(handbook_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keyed]:
    with serving_keys(handbook_data, tmp_path_factory.mktemp("rooms")) as found:
        yield found


@pytest.fixture
def mine(keyed: Keyed, request: pytest.FixtureRequest) -> dict[str, str]:
    """The headers of a key that has asked once."""
    headers = _key(keyed, f"mine-{request.node.name}"[:63])
    asked = keyed.client.post("/v1/ask", json=BODY, headers=headers)
    assert asked.json()["session"] == "talk"
    return headers


@pytest.fixture
def others(keyed: Keyed, request: pytest.FixtureRequest) -> dict[str, str]:
    return _key(keyed, f"others-{request.node.name}"[:63])


def _key(keyed: Keyed, name: str) -> dict[str, str]:
    return bearer(keyed.key(name, "ask", collections=HERE))


def _listed(client: httpx2.Client, headers: dict[str, str]) -> list[str]:
    found = client.get("/v1/sessions", headers=headers).json()
    assert found["total"] >= len(found["sessions"])
    return [one["id"] for one in found["sessions"]]


def test_it_is_continued_under_its_name(keyed: Keyed, mine: dict[str, str]) -> None:
    keyed.client.post("/v1/ask", json=BODY, headers=mine)
    assert len(keyed.client.get("/v1/sessions/talk", headers=mine).json()["turns"]) == 2


def test_it_is_listed_under_its_name(keyed: Keyed, mine: dict[str, str]) -> None:
    assert _listed(keyed.client, mine) == ["talk"]


def test_it_is_exported_under_its_name(keyed: Keyed, mine: dict[str, str]) -> None:
    [line] = keyed.client.get("/v1/exports/sessions", headers=mine).text.splitlines()
    assert json.loads(line)["id"] == "talk"


def test_a_stream_names_it_as_its_owner_does(keyed: Keyed, mine: dict[str, str]) -> None:
    told = keyed.client.post("/v1/ask", json={**BODY, "stream": True}, headers=mine).text
    done = told.split("event: done\ndata: ")[1].splitlines()[0]
    assert json.loads(done)["session"] == "talk"


def test_one_that_is_made_empty_is_its_own_too(keyed: Keyed, others: dict[str, str]) -> None:
    made = keyed.client.post("/v1/sessions", json={"id": "empty"}, headers=others)
    assert made.json()["id"] == "empty"
    assert keyed.client.get(made.headers["location"], headers=others).status_code == 200
    assert keyed.client.get(made.headers["location"], headers=bearer(ROOT)).status_code == 404


def test_another_such_key_sees_nothing_of_it(
    keyed: Keyed, mine: dict[str, str], others: dict[str, str]
) -> None:
    assert _listed(keyed.client, mine) == ["talk"]
    for name in ("talk", *_listed(keyed.client, bearer(ROOT))):
        for method in ("GET", "DELETE"):
            found = keyed.client.request(method, f"/v1/sessions/{name}", headers=others)
            assert found.status_code == 404
    assert _listed(keyed.client, others) == []
    assert keyed.client.get("/v1/exports/sessions", headers=others).text == ""


def test_no_name_leads_into_the_room_of_another(
    keyed: Keyed, mine: dict[str, str], others: dict[str, str]
) -> None:
    assert _listed(keyed.client, mine) == ["talk"]
    whole = next(id_ for id_ in _listed(keyed.client, bearer(ROOT)) if ":" in id_)
    asked = keyed.client.post("/v1/ask", json={**BODY, "session": whole}, headers=others)
    assert asked.status_code == 422


def test_the_same_question_under_the_same_idempotency_key_is_not_the_other_s(
    keyed: Keyed, mine: dict[str, str], others: dict[str, str]
) -> None:
    once = {"Idempotency-Key": "the-same"}
    assert keyed.client.post("/v1/ask", json=BODY, headers=mine | once).status_code == 200
    assert keyed.client.post("/v1/ask", json=BODY, headers=others | once).status_code == 422


def test_a_later_key_of_the_same_name_does_not_find_it(keyed: Keyed) -> None:
    first = _key(keyed, "again")
    keyed.client.post("/v1/ask", json=BODY, headers=first)
    keyed.client.delete("/v1/keys/again", headers=bearer(ROOT))
    assert _listed(keyed.client, _key(keyed, "again")) == []


def test_a_rotated_key_still_has_it(keyed: Keyed) -> None:
    first = _key(keyed, "rotated")
    keyed.client.post("/v1/ask", json=BODY, headers=first)
    secret = keyed.client.post("/v1/keys/rotated/rotate", headers=bearer(ROOT)).json()["secret"]
    assert _listed(keyed.client, bearer(secret)) == ["talk"]


def test_who_may_see_all_collections_can_read_and_delete_it(keyed: Keyed) -> None:
    owner, root = _key(keyed, "owner"), bearer(ROOT)
    keyed.client.post("/v1/ask", json=BODY, headers=owner)
    [whole] = [id_ for id_ in _listed(keyed.client, root) if id_.startswith("owner-")]
    assert keyed.client.get(f"/v1/sessions/{whole}", headers=root).status_code == 200
    assert keyed.client.delete(f"/v1/sessions/{whole}", headers=root).status_code == 204
    assert _listed(keyed.client, owner) == []


def test_in_the_background_it_is_the_same(keyed: Keyed, mine: dict[str, str]) -> None:
    begun = keyed.client.post("/v1/ask", json={**BODY, "background": True}, headers=mine)
    place = begun.headers["location"]
    while (found := keyed.client.get(place, headers=mine).json())["state"] != "done":
        sleep(0.05)
    assert found["answer"]["session"] == "talk"
    assert len(keyed.client.get("/v1/sessions/talk", headers=mine).json()["turns"]) == 2
