"""Answers that outlive their request: streams that are resumed, and keys."""

import base64
import json
import threading
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.api.modelled import modelled, provider, shared
from tests.provider.script import Reply
from tests.provider.server import Provider

__all__ = ["modelled", "provider", "shared"]

QUESTION = {"question": "How long are backups kept?"}
SAID = "Kept for 35 days [1]. Ask the duty engineer [2]."


def test_a_citation_comes_as_soon_as_its_marker_is_whole(
    modelled: httpx2.Client, provider: Provider
) -> None:
    provider.say(SAID)
    events = _events(modelled, {**QUESTION, "stream": True})
    said = ""
    for _, name, data in events:
        if name == "delta":
            said += data["text"]
        if name == "citation":
            assert f"[{data['label']}]" in said[-8:]
    names = [name for _, name, _ in events]
    assert names[-2:] == ["usage", "done"]
    cited = [data for _, name, data in events if name == "citation"]
    assert cited == events[-1][2]["citations"]


def test_a_citation_leads_to_the_words_that_it_quotes(
    modelled: httpx2.Client, provider: Provider
) -> None:
    provider.say(SAID)
    first = modelled.post("/v1/ask", json=QUESTION).json()["citations"][0]
    read = modelled.get(first["link"], params={"around": 0}).json()
    assert first["quote"] in read["text"]


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        (Reply("35 days [1]."), "answered"),
        (Reply("Not in these documents."), "not_found"),
        (Reply("I cannot help with that.", refusal=True), "refused"),
        (Reply("They are kept for", cut=True), "incomplete"),
    ],
    ids=["answered", "not found", "refused", "incomplete"],
)
def test_an_answer_says_what_state_it_is_in(
    modelled: httpx2.Client, provider: Provider, reply: Reply, state: str
) -> None:
    provider.answer(reply)
    assert modelled.post("/v1/ask", json=QUESTION).json()["state"] == state


def test_a_stream_says_where_its_answer_is_before_it_begins(
    modelled: httpx2.Client, provider: Provider
) -> None:
    provider.say(SAID)
    with modelled.stream("POST", "/v1/ask", json={**QUESTION, "stream": True}) as response:
        [*events] = httpx2.EventSource(response)
    where = response.headers["content-location"]
    assert where == f"/v1/answers/{json.loads(events[0].data)['answer_id']}"
    assert modelled.delete(where).status_code == 204


def test_a_client_that_lost_the_line_is_told_the_rest_once(
    modelled: httpx2.Client, provider: Provider
) -> None:
    provider.say(SAID)
    body = {**QUESTION, "stream": True}
    heard: list[tuple[str, str, Any]] = []
    with modelled.stream("POST", "/v1/ask", json=body) as response:
        for event in httpx2.EventSource(response):
            heard.append((event.id, event.event, json.loads(event.data)))
            if len(heard) == 4:
                break
    rest = _events(modelled, body, {"Last-Event-ID": heard[-1][0]})
    numbers = [int(id_.rpartition(":")[2]) for id_, _, _ in [*heard, *rest]]
    assert numbers == list(range(1, len(numbers) + 1))
    said = "".join(data["text"] for _, name, data in [*heard, *rest] if name == "delta")
    assert said == SAID
    assert len(provider.received) == 1


def test_the_events_of_an_answer_are_there_by_its_id_too(
    modelled: httpx2.Client, provider: Provider
) -> None:
    events = _events(modelled, {**QUESTION, "stream": True})
    id_ = events[0][2]["answer_id"]
    headers = {"Accept": "text/event-stream", "Last-Event-ID": events[-2][0]}
    with modelled.stream("GET", f"/v1/answers/{id_}", headers=headers) as response:
        again = [event.event for event in httpx2.EventSource(response)]
    assert again == ["done"]
    del provider


def test_events_that_are_not_kept_are_not_found(modelled: httpx2.Client) -> None:
    headers = {"Last-Event-ID": f"{uuid4()}:3"}
    response = modelled.post("/v1/ask", json={**QUESTION, "stream": True}, headers=headers)
    assert response.status_code == 404
    assert "Last-Event-ID" in response.json()["detail"]


def test_the_same_request_under_one_key_is_answered_once(
    modelled: httpx2.Client, provider: Provider
) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    first, second = (modelled.post("/v1/ask", json=QUESTION, headers=headers) for _ in range(2))
    assert first.json() == second.json()
    assert second.headers["idempotency-replayed"] == "true"
    assert len(provider.received) == 1


def test_two_at_once_under_one_key_are_answered_once(
    modelled: httpx2.Client, provider: Provider
) -> None:
    provider.answer(Reply(wait=0.5))
    headers = {"Idempotency-Key": str(uuid4())}
    answers: list[Any] = []

    def ask() -> None:
        with httpx2.Client(base_url=modelled.base_url, trust_env=False, timeout=20) as client:
            answers.append(client.post("/v1/ask", json=QUESTION, headers=headers).json())

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers[0] == answers[1] == answers[2]
    assert len(provider.received) == 1


def test_another_request_under_the_same_key_is_refused(
    modelled: httpx2.Client, provider: Provider
) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    modelled.post("/v1/ask", json=QUESTION, headers=headers)
    other = modelled.post("/v1/ask", json={"question": "What else?"}, headers=headers)
    assert (other.status_code, len(provider.received)) == (422, 1)
    assert other.json()["errors"][0]["field"] == "Idempotency-Key"


def test_what_failed_under_a_key_may_be_asked_again(
    modelled: httpx2.Client, provider: Provider
) -> None:
    provider.answer(Reply(status=400, error="no"), Reply("35 days [1]."))
    headers = {"Idempotency-Key": str(uuid4())}
    first = modelled.post("/v1/ask", json=QUESTION, headers=headers)
    second = modelled.post("/v1/ask", json=QUESTION, headers=headers)
    assert (first.status_code, second.status_code) == (502, 200)


def test_a_stream_under_a_key_is_told_again_without_the_model(
    modelled: httpx2.Client, provider: Provider
) -> None:
    provider.say(SAID)
    headers = {"Idempotency-Key": str(uuid4())}
    body = {**QUESTION, "stream": True}
    first, second = (_events(modelled, body, headers) for _ in range(2))
    assert first[-1][2] == second[-1][2]
    assert next(name for _, name, _ in second) == "retrieval"
    assert len(provider.received) == 1


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"background": True, "stream": True}, "background"),
        ({"callback": "https://example.com"}, "callback"),
        ({"images": [{"data": "AAAA"}]}, "images.0"),
    ],
    ids=["both ways", "callback alone", "half an image"],
)
def test_a_wish_that_contradicts_itself_is_refused(
    modelled: httpx2.Client, wish: dict[str, object], field: str
) -> None:
    response = modelled.post("/v1/ask", json={**QUESTION, **wish})
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"].startswith(field)


def test_an_image_goes_to_the_model_with_the_question(
    modelled: httpx2.Client, provider: Provider
) -> None:
    data = base64.b64encode(b"\x89PNG").decode()
    image = {"data": data, "media_type": "image/png"}
    modelled.post("/v1/ask", json={**QUESTION, "images": [image]})
    tail = provider.received[0].body["messages"][-1]["content"]
    assert tail[-1]["image_url"]["url"] == f"data:image/png;base64,{data}"


def _events(
    client: httpx2.Client, body: dict[str, object], headers: dict[str, str] | None = None
) -> list[tuple[str, str, Any]]:
    with client.stream("POST", "/v1/ask", json=body, headers=headers) as response:
        assert response.status_code == 200, response.read()
        return [(e.id, e.event, json.loads(e.data)) for e in httpx2.EventSource(response)]
