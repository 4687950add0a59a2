"""POST /v1/ask and /v1/search over a real service and the sample handbook."""

import json

import httpx2
import pytest

QUESTION = "How long are backups kept, and who may restore one?"


def test_an_answer_cites_the_passage_that_it_stands_on(service: httpx2.Client) -> None:
    answer = service.post("/v1/ask", json={"question": QUESTION}).json()
    assert answer["found"]
    assert "35 days" in answer["text"]
    first = answer["citations"][0]
    assert first["source"] == "backups.md"
    assert f"[{first['label']}]" in answer["text"]
    shown = answer["shown"][first["label"] - 1]["chunk"]
    offset = first["start"] - shown["start"]
    assert shown["text"][offset : offset + len(first["quote"])] == first["quote"]


def test_an_answer_says_what_it_cost_and_where_the_time_went(service: httpx2.Client) -> None:
    answer = service.post("/v1/ask", json={"question": QUESTION}).json()
    assert answer["cost_microdollars"] == 0
    assert {t["stage"] for t in answer["times"]} == {
        *("understand", "embed", "store", "refine"),
        *("select", "compose", "model", "cite"),
    }
    assert answer["prompt_version"] == "answer/v1"


def test_a_question_that_the_documents_do_not_answer_is_told_so(service: httpx2.Client) -> None:
    question = "What is the boiling point of mercury on the planet Venus?"
    answer = service.post("/v1/ask", json={"question": question}).json()
    assert not answer["found"]
    assert answer["text"] == "Not in these documents."
    assert answer["citations"] == []


def test_a_stream_ends_with_the_answer_that_its_pieces_make(service: httpx2.Client) -> None:
    events = _events(service, {"question": QUESTION, "stream": True})
    names = [name for name, _ in events]
    assert names[0] == "retrieval"
    assert names[-1] == "done"
    text = "".join(data["text"] for name, data in events if name == "delta")
    assert text == events[-1][1]["text"]


def test_search_says_what_each_leg_thought(service: httpx2.Client) -> None:
    found = service.post("/v1/search", json={"question": QUESTION, "limit": 3}).json()
    assert len(found["hits"]) == 3
    assert found["hits"][0]["chunk"]["source"] == "backups.md"
    assert found["hits"][0]["found_by"]["bm25"]["rank"] >= 1


@pytest.mark.parametrize("config", ["dense", "bm25"])
def test_one_leg_can_be_asked_for(service: httpx2.Client, config: str) -> None:
    found = service.post("/v1/search", json={"question": QUESTION, "config": config}).json()
    assert all(list(hit["found_by"]) == [config] for hit in found["hits"])


def test_a_filter_holds(service: httpx2.Client) -> None:
    body = {"question": QUESTION, "filter": {"source": {"any": ["leave.md"]}}}
    found = service.post("/v1/search", json=body).json()
    assert {hit["chunk"]["source"] for hit in found["hits"]} == {"leave.md"}


def test_a_session_remembers_its_turns(service: httpx2.Client) -> None:
    for question in (QUESTION, "And how is a restore asked for?"):
        body = {"question": question, "session": "s1"}
        answer = service.post("/v1/ask", json=body).json()
        assert answer["session"] == "s1"


def test_documents_are_listed_by_page(service: httpx2.Client) -> None:
    page = service.get("/v1/documents", params={"limit": 2, "offset": 1}).json()
    assert len(page["documents"]) == 2
    assert page["total"] > 10


def _events(client: httpx2.Client, body: dict[str, object]) -> list[tuple[str, dict[str, str]]]:
    with client.stream("POST", "/v1/ask", json=body) as response:
        return [(e.event, json.loads(e.data)) for e in httpx2.EventSource(response)]
