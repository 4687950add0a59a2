"""A question on its way: understood, searched, selected, answered, booked."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from answering.ask import ask
from answering.question import AnswerConfig, AnswerServices, Question
from answering.understand import UnderstandConfig
from domain.records import Turn
from gateway.rerank.llm import LlmReranker
from gateway.tokens import Tokens
from prompts import relevance
from retrieval.configs import CONFIGS
from retrieval.edge import EdgeStore
from retrieval.rerank import RerankConfig
from tests.answering.test_understand import Scripted
from tests.contracts.chunk_store import EAST, NAME, NORTH, SPACE, TENANT, passage
from tests.gateway.place import a_gateway, a_lane
from tests.gateway.policy.scripted import MemoryLedger
from tests.retrieval.test_search import Compass
from wiring.state.database import State, open_state

QUESTION = Question("And for the north?", TENANT, NAME, session="s")
EARLIER = "2026-01-01T00:00:00+00:00"
ANSWER = "It leads up [1]."


@pytest.fixture
async def state(tmp_path: Path) -> AsyncIterator[State]:
    async with open_state(f"sqlite:///{tmp_path / 'state.db'}") as opened:
        yield opened


@pytest.fixture
async def services(tmp_path: Path, state: State) -> AsyncIterator[AnswerServices]:
    store = EdgeStore(tmp_path / "collections")
    await store.open_collection(NAME, SPACE)
    road = passage("n", "A road that leads up.", NORTH)
    harbour = passage("e", "The harbour is over there.", EAST, document="other")
    await store.upsert(TENANT, NAME, [road, harbour])
    await state.sessions.append(TENANT, "s", Turn("Where is the harbour?", "There [1].", EARLIER))
    yield AnswerServices(
        store=store,
        embedder=Compass(),
        chat=Scripted(),
        reranker=None,
        sessions=state.sessions,
        tokens=Tokens(tmp_path / "tiktoken"),
        config=AnswerConfig(),
    )
    await store.close()


def saying(services: AnswerServices, *says: str, **understand: object) -> AnswerServices:
    config = replace(services.config, understand=UnderstandConfig(**understand))  # type: ignore[arg-type]
    return replace(services, chat=Scripted(*says), config=config)


def booking(services: AnswerServices, ledger: MemoryLedger) -> AnswerServices:
    """Behind the gateway, which books what its calls cost."""
    return replace(services, chat=a_gateway(a_lane(services.chat), ledger=ledger))


async def test_a_follow_up_is_searched_as_the_model_rewrites_it(services: AnswerServices) -> None:
    answer = await ask(
        QUESTION, saying(services, "Where does the road north lead?", ANSWER, rewrite="model")
    )
    assert answer.shown[0].chunk.id == "n"
    assert answer.question == QUESTION.text


async def test_what_understanding_cost_is_part_of_the_answer_and_of_the_ledger(
    services: AnswerServices,
) -> None:
    said = saying(services, "The road north?", ANSWER, rewrite="model")
    ledger = MemoryLedger()
    answer = await ask(QUESTION, booking(said, ledger))
    assert answer.cost_microdollars == sum(row.cost_microdollars for row in ledger.rows) > 0
    assert [row.endpoint for row in ledger.rows] == ["understand", "ask"]


async def test_without_a_model_earlier_words_are_searched_and_a_note_says_so(
    services: AnswerServices,
) -> None:
    follow_up = replace(QUESTION, text="And when is it open?")
    answer = await ask(follow_up, saying(services, ANSWER, rewrite="words"))
    assert "harbour" in answer.notes[0]
    assert "bm25" in next(h for h in answer.shown if h.chunk.id == "e").found_by


async def test_other_wordings_are_searched_too(services: AnswerServices) -> None:
    answer = await ask(
        replace(QUESTION, session=None),
        saying(services, "The ships?\nThe harbour?", ANSWER, wordings=2),
    )
    assert {hit.chunk.id for hit in answer.shown} == {"n", "e"}


async def test_a_likely_answer_pulls_the_question_towards_it(services: AnswerServices) -> None:
    question = Question("Which way?", TENANT, NAME)
    plain = await ask(question, saying(services, ANSWER))
    led = await ask(question, saying(services, "Go north, go north.", ANSWER, passage=True))
    scores = [
        next(h.found_by["dense"].score for h in answer.shown if h.chunk.id == "n")
        for answer in (plain, led)
    ]
    assert scores[1] > scores[0]


async def test_reranking_is_paid_for(services: AnswerServices) -> None:
    config = replace(services.config, search=replace(CONFIGS["default"], rerank=RerankConfig()))
    ledger = MemoryLedger()
    booked = booking(replace(services, chat=Scripted('{"1": 2, "2": 9}', ANSWER)), ledger)
    reranker = LlmReranker(booked.chat, relevance.ask, relevance.ask_again)
    asked = Question("the road north", TENANT, NAME, key="wiki")
    answer = await ask(asked, replace(booked, reranker=reranker, config=config))
    assert answer.shown[0].chunk.id == "e"
    assert answer.cost_microdollars == sum(row.cost_microdollars for row in ledger.rows)
    seen = [(row.endpoint, row.tenant, row.key) for row in ledger.rows]
    assert seen == [("rerank", TENANT, "wiki"), ("ask", TENANT, "wiki")]


async def test_a_link_of_the_models_own_leads_nowhere_and_a_note_says_so(
    services: AnswerServices,
) -> None:
    said = "It [leads up](https://evil.example/?q=up) [1]. ![x](https://evil.example/p.png)"
    answer = await ask(replace(QUESTION, session=None), saying(services, said))
    assert answer.text == "It leads up [1]. x"
    assert "2 links" in answer.notes[-1]
    assert [citation.label for citation in answer.citations] == [1]
