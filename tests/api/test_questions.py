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
        *("select", "compose", "route", "model", "cite"),
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


def test_many_questions_in_one_call_are_answered_in_their_order(service: httpx2.Client) -> None:
    questions = [QUESTION, "What is the gate code?", "   "]
    body = {"questions": questions, "limit": 3}
    found = service.post("/v1/search", json=body).json()
    *right, wrong = found["results"]
    for question, result in zip(questions, right, strict=False):
        alone = service.post("/v1/search", json={"question": question, "limit": 3}).json()
        assert result["hits"] == alone["hits"]
        assert {time["stage"] for time in result["times"]} == {"embed", "store", "refine"}
    assert wrong == {"title": "Invalid input", "status": 422, "detail": "The question is empty."}
    assert [time["stage"] for time in found["times"]] == ["embed"]


@pytest.mark.parametrize(
    "body",
    [{}, {"question": "a", "questions": ["b"]}, {"questions": []}, {"questions": ["a"] * 101}],
    ids=["neither", "both", "none", "too many"],
)
def test_one_question_or_some_are_asked(service: httpx2.Client, body: dict[str, object]) -> None:
    response = service.post("/v1/search", json=body)
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] in {"question", "questions"}


@pytest.mark.parametrize(
    ("choice", "field", "words"),
    [
        ({"rerank": True}, "rerank", "no reranker"),
        ({"config": "rerank"}, "config", "no reranker"),
        ({"understand": {"wordings": 2}}, "understand", "no chat model"),
        ({"select": {"neighbors": 1}}, "select.neighbors", "neighbours, order"),
        ({"config": "best"}, "config", "default, dense"),
        ({"select": {"mmr": 2}}, "select.mmr", "less than or equal to 1"),
    ],
    ids=["rerank", "rerank by config", "understand", "unknown", "config", "limit"],
)
@pytest.mark.parametrize("path", ["/v1/ask", "/v1/search"])
def test_a_choice_that_cannot_be_had_is_refused(
    service: httpx2.Client, path: str, choice: dict[str, object], field: str, words: str
) -> None:
    response = service.post(path, json={"question": QUESTION, **choice})
    assert response.status_code == 422
    (error,) = response.json()["errors"]
    assert (error["field"], words in error["detail"]) == (field, True)


def test_a_search_has_no_conversation_to_rewrite_with(service: httpx2.Client) -> None:
    body = {"question": QUESTION, "understand": {"rewrite": "words"}}
    assert "/v1/ask" in service.post("/v1/search", json=body).json()["detail"]


def test_a_choice_that_cannot_be_had_is_refused_before_a_stream_begins(
    service: httpx2.Client,
) -> None:
    body = {"question": QUESTION, "stream": True, "rerank": True}
    assert service.post("/v1/ask", json=body).status_code == 422


def test_a_search_gives_what_a_model_would_be_shown_when_that_is_chosen(
    service: httpx2.Client,
) -> None:
    body = {"question": QUESTION, "select": {"per_document": 1}, "context_tokens": 300}
    found = service.post("/v1/search", json=body).json()
    sources = [hit["chunk"]["source"] for hit in found["hits"]]
    assert len(sources) == len(set(sources)) < 8
    assert any("tokens" in dropped["reason"] for dropped in found["dropped"])


def test_one_answer_is_made_from_less_than_others(service: httpx2.Client) -> None:
    body = {"question": QUESTION, "config": "bm25", "context_tokens": 200}
    short = service.post("/v1/ask", json=body).json()
    assert {leg for hit in short["shown"] for leg in hit["found_by"]} == {"bm25"}
    assert len(short["shown"]) < len(
        service.post("/v1/ask", json={"question": QUESTION}).json()["shown"]
    )


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
