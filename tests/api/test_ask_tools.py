"""`tools: true`: a model that looks again before it answers, whole and as a stream."""

import json

import httpx2
import pytest

from tests.api.modelled import modelled, provider, shared
from tests.provider.script import Call, Reply
from tests.provider.server import Provider

__all__ = ["modelled", "provider", "shared"]

ASKED = {"question": "How long are backups kept?", "limit": 1, "tools": True}
LOOK = Reply("I look.", calls=(Call("search", '{"query": "holidays", "limit": 1}'),))


def test_an_answer_cites_what_the_model_looked_up(
    modelled: httpx2.Client, provider: Provider
) -> None:
    provider.answer(LOOK, Reply("35 days [1]. And leave [2]."))
    answer = modelled.post("/v1/ask", json=ASKED).json()
    assert [one["label"] for one in answer["citations"]] == [1, 2]
    assert len(answer["shown"]) == 2
    assert answer["citations"][1]["source"] == answer["shown"][1]["chunk"]["source"]
    told = provider.received[0].body["tools"]
    assert [one["function"]["name"] for one in told] == ["read_document", "search"]


def test_a_stream_tells_its_citations_as_they_come(
    modelled: httpx2.Client, provider: Provider
) -> None:
    provider.answer(LOOK, Reply("And leave [2]."))
    said = modelled.post("/v1/ask", json={**ASKED, "stream": True}).text
    events = [block.split("\n") for block in said.strip().split("\n\n")]
    named = {line[7:]: block for block in events for line in block if line.startswith("event: ")}
    done = next(line[6:] for line in named["done"] if line.startswith("data: "))
    answer = json.loads(done)
    assert answer["text"] == "I look.\n\nAnd leave [2]."
    cited = next(line[6:] for line in named["citation"] if line.startswith("data: "))
    assert json.loads(cited) == answer["citations"][0]


def test_without_a_model_it_is_refused(service: httpx2.Client) -> None:
    response = service.post("/v1/ask", json=ASKED)
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "tools"


@pytest.mark.parametrize("more", [{"response_schema": {"type": "object", "properties": {}}}])
def test_it_does_not_go_with_a_schema(
    modelled: httpx2.Client, provider: Provider, more: dict[str, object]
) -> None:
    response = modelled.post("/v1/ask", json={**ASKED, **more})
    assert (response.status_code, provider.received) == (422, [])
