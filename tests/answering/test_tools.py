"""A model that looks again: what its calls bring, under which numbers, and of whom."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from answering.citations import cite
from answering.question import AnswerConfig, AnswerServices, Question
from answering.tools import Shelf, document_tools
from domain.completion import ChatRequest
from domain.filters import Equals
from domain.prompt import ToolCall
from gateway.tokens import Tokens
from gateway.tool_loop import ToolUser
from prompts.choosing import choose_tools
from prompts.compose import compose
from retrieval.edge import EdgeStore
from tests.contracts.chunk_store import EAST, NAME, NORTH, SPACE, TENANT, passage
from tests.gateway.policy.scripted import Scripted, said
from tests.gateway.toolbox import calling
from tests.retrieval.test_search import Compass
from wiring.state.database import open_state

QUESTION = Question("Which road leads north?", TENANT, NAME)


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[AnswerServices]:
    store = EdgeStore(tmp_path / "collections")
    await store.open_collection(NAME, SPACE)
    road = passage("n", "A road that leads north.", NORTH)
    harbour = passage("e", "The harbour is in the east.", EAST, document="other")
    await store.upsert(TENANT, NAME, [road, harbour])
    await store.upsert("another", NAME, [passage("x", "A secret road north.", NORTH)])
    async with open_state(f"sqlite:///{tmp_path / 'state.db'}") as state:
        yield AnswerServices(
            store=store,
            embedder=Compass(),
            chat=Scripted(),
            reranker=None,
            sessions=state.sessions,
            ledger=state.ledger,
            tokens=Tokens(tmp_path / "tiktoken"),
            config=AnswerConfig(),
        )
    await store.close()


def a_search(query: str, **more: object) -> ToolCall:
    return ToolCall(f"call {query}", "search", json.dumps({"query": query, **more}))


async def looked(services: AnswerServices, *calls: ToolCall, shelf: Shelf | None = None) -> str:
    tools = document_tools(QUESTION, services, shelf or Shelf())
    return "\n".join([(await tools.result(call, 5)).text for call in calls])


async def test_a_search_brings_passages_under_numbers(services: AnswerServices) -> None:
    text = await looked(services, a_search("the road north", limit=1))
    assert "A road that leads north." in text
    assert "[1] " in text
    assert "harbour" not in text


async def test_a_passage_keeps_its_number(services: AnswerServices) -> None:
    shelf = Shelf(first=4)
    once, again = [
        await looked(services, a_search("the road north", limit=1), shelf=shelf) for _ in range(2)
    ]
    assert once == again
    assert [item.label for item in shelf.evidence] == [4]


async def test_another_tenant_is_not_reached(services: AnswerServices) -> None:
    assert "secret" not in await looked(services, a_search("a secret road north", limit=20))


async def test_the_filter_of_the_question_holds(services: AnswerServices) -> None:
    only = replace(QUESTION, where=(Equals("document_id", "none"),))
    tools = document_tools(only, services, Shelf())
    assert "Nothing was found" in (await tools.result(a_search("the road"), 5)).text


async def test_a_document_that_is_not_there_is_told(services: AnswerServices) -> None:
    call = ToolCall("c", "read_document", '{"source": "nowhere.md"}')
    assert "no document 'nowhere.md'" in await looked(services, call)


async def test_a_document_is_read_by_its_id(services: AnswerServices) -> None:
    call = ToolCall("c", "read_document", '{"source": "other", "start": null}')
    assert "The harbour is in the east." in await looked(services, call)


async def test_an_answer_cites_what_a_second_look_brought(services: AnswerServices) -> None:
    shelf = Shelf()
    model = Scripted(
        [calling(a_search("the harbour east", limit=1), a_search("road north", limit=1))],
        said("It leads north [2]."),
    )
    user = ToolUser(model, document_tools(QUESTION, services, shelf), choose_tools)
    answer = await user.complete(ChatRequest(compose(QUESTION.text, ())))
    assert len(model.asked[1].prompt.rounds[0].results) == 2
    assert len(cite(answer.text, shelf.evidence)) == 1
