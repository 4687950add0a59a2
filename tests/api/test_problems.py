"""Bad input gets a problem document that names the field, and nothing of a traceback."""

import httpx2
import pytest

BAD = {
    "no question": ({}, "question"),
    "an empty question": ({"question": ""}, "question"),
    "a question of blanks": ({"question": "  "}, "question"),
    "a question that is no text": ({"question": 7}, "question"),
    "a limit of zero": ({"question": "a", "limit": 0}, "limit"),
    "an unknown field": ({"question": "a", "colection": "b"}, "colection"),
    "an unknown operator": ({"question": "a", "filter": {"year": {"above": 3}}}, "filter"),
    "a collection with a slash": ({"question": "a", "collection": "../b"}, "collection"),
}


@pytest.mark.parametrize(("body", "field"), BAD.values(), ids=BAD)
@pytest.mark.parametrize("path", ["/v1/ask", "/v1/search"])
def test_the_wrong_field_is_named(
    service: httpx2.Client, path: str, body: dict[str, object], field: str
) -> None:
    response = service.post(path, json=body)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == 422
    assert problem["errors"][0]["field"].split(".")[0] == field
    assert "Traceback" not in response.text


def test_json_that_is_broken_is_a_problem(service: httpx2.Client) -> None:
    headers = {"content-type": "application/json"}
    response = service.post("/v1/ask", content=b'{"question": ', headers=headers)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"] == "body: It is not JSON: Expecting value, at character 13"


@pytest.mark.parametrize("half", [rb"\ud800", b"\xed\xa0\x80"], ids=["escaped", "as it is"])
@pytest.mark.parametrize(
    "body",
    [b'{"question": "a", "%s": 1}', b'{"question": "a", "filter": {"source": "%s"}}'],
    ids=["in a name", "in a value"],
)
def test_half_of_a_surrogate_pair_is_refused(
    service: httpx2.Client, body: bytes, half: bytes
) -> None:
    headers = {"content-type": "application/json"}
    response = service.post("/v1/search", content=body % half, headers=headers)
    assert response.status_code == 422
    assert "half of a surrogate pair" in response.json()["detail"]


def test_signs_beyond_the_basic_plane_are_read(service: httpx2.Client) -> None:
    content = rb'{"question": "What of \ud83d\ude00?"}'
    headers = {"content-type": "application/json"}
    assert service.post("/v1/search", content=content, headers=headers).status_code == 200


def test_a_model_that_no_name_can_be_is_refused(service: httpx2.Client) -> None:
    response = service.post(
        "/v1/embeddings",
        content=rb'{"input": "a", "model": "\ud800"}',
        headers={"content-type": "application/json"},
    )
    assert response.status_code == 400
    assert "half of a surrogate pair" in response.json()["error"]["message"]


def test_an_unknown_collection_is_not_found(service: httpx2.Client) -> None:
    response = service.post("/v1/ask", json={"question": "a", "collection": "nowhere"})
    assert response.status_code == 404
    assert "nowhere" in response.json()["detail"]


def test_an_unknown_path_and_method_are_problems(service: httpx2.Client) -> None:
    for response in (service.get("/v2/ask"), service.get("/v1/ask")):
        assert response.status_code in {404, 405}
        assert response.headers["content-type"] == "application/problem+json"


def test_a_body_that_is_too_large_is_refused(service: httpx2.Client) -> None:
    response = service.post("/v1/ask", json={"question": "a" * 1_100_000})
    assert response.status_code == 413


def test_a_stream_that_cannot_begin_ends_with_an_error_event(service: httpx2.Client) -> None:
    body = {"question": "a", "collection": "nowhere", "stream": True}
    with service.stream("POST", "/v1/ask", json=body) as response:
        events = list(httpx2.EventSource(response))
    assert [event.event for event in events] == ["error"]
    assert "nowhere" in events[0].data
