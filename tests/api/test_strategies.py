"""POST /v1/ask with a strategy: what the caller chooses, and what is refused."""

import httpx2
import pytest

QUESTION = "How many days of leave are there?"


def test_a_document_is_read_whole(service: httpx2.Client) -> None:
    body = {"question": QUESTION, "strategy": "document", "document": "leave.md"}
    answer = service.post("/v1/ask", json=body).json()
    assert answer["strategy"] == "document"
    assert {citation["source"] for citation in answer["citations"]} == {"leave.md"}


def test_auto_reads_the_document_that_the_question_names(service: httpx2.Client) -> None:
    body = {"question": "How many days of leave are there by leave.md?", "strategy": "auto"}
    assert service.post("/v1/ask", json=body).json()["strategy"] == "document"


@pytest.mark.parametrize(
    ("wish", "status", "says"),
    [
        ({"strategy": "document"}, 422, "document"),
        ({"strategy": "document", "document": "nothing.md"}, 404, "nothing.md"),
        ({"strategy": "conversation"}, 422, "session"),
        ({"strategy": "synthesis"}, 422, "strategy"),
        ({"strategy": "guess"}, 422, "strategy"),
    ],
    ids=["no document", "another document", "no session", "no model", "another strategy"],
)
def test_what_cannot_be_is_refused(
    service: httpx2.Client, wish: dict[str, str], status: int, says: str
) -> None:
    response = service.post("/v1/ask", json={"question": QUESTION, **wish})
    assert response.status_code == status
    assert says in response.json()["detail"]
