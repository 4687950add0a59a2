"""Each endpoint needs a key with its scope: those of the OpenAPI document, and those beside it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.keys import SCOPES, Scope
from tests.api.keyed import ROOT, Keyed, bearer, serving_keys
from tests.api.operations import operations

COUNTS = "the-key-of-monitoring"
NO_TENANTS = "GET /metrics"
OPEN = {"GET /healthz", "GET /readyz", "GET /metrics"}

# What a key for some collections may reach without naming one: nothing of these says what stands in
# another. An id of an answer is 122 random bits; conversations are its own: see `test_rooms.py`.
WITHOUT_A_COLLECTION = {
    "GET /v1/about", "GET /v1/collections", "GET /v1/jobs/{id}", "GET /v1/answers/{id}",
    "DELETE /v1/answers/{id}", "POST /v1/sessions", "GET /v1/sessions", "GET /v1/sessions/{id}",
    "DELETE /v1/sessions/{id}", "GET /v1/exports/sessions", "GET /v1/models",
    "GET /v1/models/{id}", "POST /v1/embeddings",
}  # fmt: skip

ELSEWHERE = {
    "collection": "secret",
    "model": "forebay/secret",
    "question": "Why?",
    "messages": [{"role": "user", "content": "Why?"}],
}


@pytest.fixture(scope="module")
def keyed(handbook_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keyed]:
    with serving_keys(
        handbook_data, tmp_path_factory.mktemp("scopes"), FOREBAY_API__METRICS_KEY=COUNTS
    ) as found:
        yield found


def test_only_what_machines_look_at_is_open_to_all(keyed: Keyed) -> None:
    assert {one.name for one in operations(keyed.client) if not one.scopes} == OPEN


def test_every_scope_is_one_that_keys_have(keyed: Keyed) -> None:
    named = {scope for one in operations(keyed.client) for scope in one.scopes}
    assert named == set(SCOPES)


def test_nothing_else_answers_without_a_key(keyed: Keyed) -> None:
    answers = {
        one.name: one.send(keyed.client).status_code
        for one in operations(keyed.client)
        if one.scopes
    }
    assert set(answers.values()) == {401}, answers


def test_nothing_answers_an_unknown_key(keyed: Keyed) -> None:
    answers = {
        one.name: one.send(keyed.client, headers=bearer("fb_unknown")).status_code
        for one in operations(keyed.client)
        if one.scopes
    }
    assert set(answers.values()) == {401}, answers


@pytest.mark.parametrize("scope", SCOPES)
def test_a_key_opens_what_its_scope_names_and_no_more(keyed: Keyed, scope: Scope) -> None:
    secret = keyed.key(f"only-{scope}", scope)
    for one in operations(keyed.client):
        if one.name == NO_TENANTS:
            continue
        may = not one.scopes or scope in one.scopes or scope == "admin"
        status = one.send(keyed.client, headers=bearer(secret)).status_code
        assert (status != 403) == may, f"{one.name} answers {status} to a key for {scope}"


@pytest.mark.parametrize("scope", ["ask", "ingest"])
def test_a_key_for_a_collection_reaches_no_other(keyed: Keyed, scope: Scope) -> None:
    secret = keyed.key(f"bound-{scope}", scope, collections=("handbook",))
    reached = set()
    for one in operations(keyed.client):
        if scope in one.scopes:
            response = one.send(
                keyed.client, {"id": "backups.md"}, ELSEWHERE, headers=bearer(secret)
            )
            if response.status_code != 403:
                reached.add(one.name)
    assert reached <= WITHOUT_A_COLLECTION


def test_a_key_for_a_collection_does_not_get_the_usual_one_instead(keyed: Keyed) -> None:
    secret = keyed.key("bound-elsewhere", "ask", collections=("other",))
    body = {"question": "How long are backups kept?"}
    asked = keyed.client.post("/v1/ask", json=body, headers=bearer(secret))
    assert asked.status_code == 403
    assert "default" in asked.json()["detail"]


def test_a_key_for_a_collection_sees_no_other_in_the_list(keyed: Keyed) -> None:
    secret = keyed.key("bound-list", "ask", collections=("other",))
    found = keyed.client.get("/v1/collections", headers=bearer(secret)).json()
    assert found == {"collections": []}


@pytest.mark.parametrize("path", ["ingest", "delete", "prompt", "pins"])
def test_what_is_for_local_commands_is_closed_to_every_key(keyed: Keyed, path: str) -> None:
    body = {"collection": "default", "paths": ["/etc"], "question": "?"}
    response = keyed.client.post(f"/v1/local/{path}", json=body, headers=bearer(ROOT))
    assert response.status_code in {401, 422}
    assert keyed.client.get("/v1/local/doctor", headers=bearer(ROOT)).status_code == 401


def test_the_key_of_the_settings_opens_everything(keyed: Keyed) -> None:
    answers = [one.send(keyed.client, headers=bearer(ROOT)) for one in operations(keyed.client)]
    assert {401, 403}.isdisjoint(answer.status_code for answer in answers)


@pytest.mark.parametrize(
    ("secret", "status"),
    [
        pytest.param("", 401, id="nobody"),
        pytest.param("wrong", 401, id="an unknown key"),
        pytest.param(ROOT, 200, id="the operator"),
        pytest.param(COUNTS, 200, id="monitoring"),
    ],
)
def test_counts_of_all_tenants_are_shown_to(keyed: Keyed, secret: str, status: int) -> None:
    headers = bearer(secret) if secret else {}
    assert keyed.client.get("/metrics", headers=headers).status_code == status


def test_counts_of_all_tenants_are_not_shown_to_a_tenants_admin(keyed: Keyed) -> None:
    headers = bearer(keyed.key("its-admin", "admin"))
    assert keyed.client.get("/metrics", headers=headers).status_code == 403


def test_the_key_for_counts_opens_nothing_else(keyed: Keyed) -> None:
    assert keyed.client.get("/v1/documents", headers=bearer(COUNTS)).status_code == 401
