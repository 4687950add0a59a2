"""Keys are made, listed, renewed and revoked over HTTP; a secret is with its owner alone."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from tests.api.keyed import ROOT, Keyed, bearer, serving_keys

HEADERS = bearer(ROOT)


@pytest.fixture(scope="module")
def keyed(handbook_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keyed]:
    with serving_keys(handbook_data, tmp_path_factory.mktemp("keys")) as found:
        yield found


def create(keyed: Keyed, **body: object) -> httpx2.Response:
    return keyed.client.post("/v1/keys", json=body, headers=HEADERS)


def about(keyed: Keyed, secret: str) -> int:
    return keyed.client.get("/v1/about", headers=bearer(secret)).status_code


def test_a_new_key_opens_what_it_is_for(keyed: Keyed) -> None:
    made = create(keyed, name="fresh")
    assert made.status_code == 201
    assert about(keyed, made.json()["secret"]) == 200


def test_what_was_wished_comes_back(keyed: Keyed) -> None:
    wish = {"scopes": ["ask", "ingest"], "collections": ["handbook"], "requests_a_minute": 60}
    ends = "2199-01-01T00:00:00+00:00"
    key = create(keyed, name="full", **wish, expires_at=ends, monthly_dollars=1.5).json()["key"]
    assert {name: key[name] for name in wish} == wish
    assert (key["expires_at"], key["monthly_microdollars"]) == (ends, 1_500_000)


def test_the_list_has_no_secrets(keyed: Keyed) -> None:
    secret = create(keyed, name="listed").json()["secret"]
    listed = keyed.client.get("/v1/keys", headers=HEADERS)
    assert "listed" in {key["name"] for key in listed.json()["keys"]}
    assert secret not in listed.text


def test_the_state_does_not_hold_the_secret(keyed: Keyed) -> None:
    secret = create(keyed, name="hashed").json()["secret"]
    about(keyed, secret)
    stored = b"".join(path.read_bytes() for path in keyed.data.glob("state.db*"))
    assert b"hashed" in stored
    assert secret.encode() not in stored
    assert secret.removeprefix("fb_").encode() not in stored


def test_a_renewed_key_has_one_secret(keyed: Keyed) -> None:
    old = create(keyed, name="renewed").json()["secret"]
    assert about(keyed, old) == 200
    new = keyed.client.post("/v1/keys/renewed/rotate", headers=HEADERS).json()["secret"]
    assert (about(keyed, old), about(keyed, new)) == (401, 200)


def test_a_revoked_key_opens_nothing_at_once(keyed: Keyed) -> None:
    secret = create(keyed, name="revoked").json()["secret"]
    assert about(keyed, secret) == 200
    assert keyed.client.delete("/v1/keys/revoked", headers=HEADERS).status_code == 204
    assert about(keyed, secret) == 401


def test_a_key_ends_when_it_was_said_to(keyed: Keyed) -> None:
    ends = (datetime.now(UTC) + timedelta(seconds=0.7)).isoformat()
    secret = create(keyed, name="short", expires_at=ends).json()["secret"]
    assert about(keyed, secret) == 200
    while datetime.now(UTC).isoformat() < ends:
        pass
    assert about(keyed, secret) == 401


def test_a_key_that_has_ended_cannot_be_made(keyed: Keyed) -> None:
    made = create(keyed, name="late", expires_at="2020-01-01T00:00:00Z")
    assert made.status_code == 422
    assert "past" in made.json()["detail"]


def test_an_end_without_an_offset_is_refused(keyed: Keyed) -> None:
    made = create(keyed, name="vague", expires_at="2199-01-01T00:00:00")
    assert made.json()["errors"][0]["field"] == "expires_at"


def test_a_name_is_given_once(keyed: Keyed) -> None:
    assert create(keyed, name="twice").status_code == 201
    assert create(keyed, name="twice").status_code == 422


def test_who_makes_keys_cannot_be_bound_to_a_collection(keyed: Keyed) -> None:
    made = create(keyed, name="both", scopes=["admin"], collections=["handbook"])
    assert made.json()["errors"][0]["field"] == "collections"


@pytest.mark.parametrize("path", ["/v1/keys/nobody", "/v1/keys/nobody/rotate"])
def test_a_key_that_is_not_there_is_not_found(keyed: Keyed, path: str) -> None:
    method = "POST" if path.endswith("rotate") else "DELETE"
    assert keyed.client.request(method, path, headers=HEADERS).status_code == 404


def test_an_admin_makes_keys_of_his_own_tenant(keyed: Keyed) -> None:
    secret = keyed.key("boss", "admin", tenant="acme")
    made = keyed.client.post("/v1/keys", json={"name": "wiki"}, headers=bearer(secret)).json()
    assert made["key"]["tenant"] == "acme"
