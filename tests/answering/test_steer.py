"""Whose models answer: as a question says, as it looks to need, or the usual ones."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from answering.ask import ask, stream
from answering.question import AnswerConfig, AnswerServices, Question, SteerConfig
from domain.answers import Answer, Routed
from domain.completion import Completion, Delta
from gateway.routing import RoutingConfig
from gateway.tokens import Tokens
from retrieval.edge import EdgeStore
from tests.contracts.chunk_store import EAST, NAME, NORTH, SPACE, TENANT, passage
from tests.gateway.policy.scripted import USAGE, Scripted, Step
from tests.retrieval.test_search import Compass
from wiring.state.database import open_state

QUESTION = Question("Which road leads north?", TENANT, NAME)
COMPARES = replace(QUESTION, text="Compare the roads.", tier="auto")
SCHEMA = '{"type":"object","properties":{"road":{"type":"string"}},"required":["road"]}'


def says(text: str) -> list[Step]:
    return [Delta(text), Completion(text, "stop", "scripted", USAGE, 7)]


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[AnswerServices]:
    store = EdgeStore(tmp_path / "collections")
    await store.open_collection(NAME, SPACE)
    await store.upsert(TENANT, NAME, [passage("n", "A road up.", NORTH), passage("e", "A", EAST)])
    async with open_state(f"sqlite:///{tmp_path / 'state.db'}") as state:
        yield AnswerServices(
            store=store,
            embedder=Compass(),
            chat=Scripted(says("Up [1].")),
            reranker=None,
            sessions=state.sessions,
            tokens=Tokens(tmp_path / "tiktoken"),
            config=AnswerConfig(),
        )
    await store.close()


def steered(services: AnswerServices, *says: list[Step], **steer: object) -> AnswerServices:
    config = replace(services.config, steer=SteerConfig(**steer))  # type: ignore[arg-type]
    return replace(services, config=config, chat=Scripted(*says))


def requests(services: AnswerServices) -> list[tuple[str, str | None]]:
    assert isinstance(services.chat, Scripted)
    return [(request.tier, request.effort) for request in services.chat.asked]


async def test_usually_nothing_is_chosen_and_nothing_said(services: AnswerServices) -> None:
    answer = await ask(QUESTION, services)
    assert (requests(services), answer.routed, answer.arm) == ([("", None)], None, "")


async def test_a_question_may_name_its_tier_and_effort(services: AnswerServices) -> None:
    answer = await ask(replace(QUESTION, tier="pro", effort="high"), services)
    assert requests(services) == [("pro", "high")]
    assert answer.routed == Routed("pro", "it was asked for")


async def test_auto_says_which_tier_it_took_and_why(services: AnswerServices) -> None:
    answer = await ask(COMPARES, services)
    assert requests(services) == [("standard", None)]
    assert answer.routed == Routed("standard", "it compares (+1.25)")
    assert "route" in [time.stage for time in answer.times]


async def test_auto_may_be_for_all_questions(services: AnswerServices) -> None:
    own = steered(services, says("Up."), tier="auto")
    await ask(replace(COMPARES, tier=""), own)
    assert requests(own) == [("standard", None)]


async def test_what_choosing_cost_is_part_of_the_answer(services: AnswerServices) -> None:
    asks = RoutingConfig(asks=True)
    own = steered(services, says('{"tier": "pro"}'), says("Up."), routing=asks)
    on_the_limit = replace(COMPARES, text="Design a new road and explain why.")
    answer = await ask(on_the_limit, own)
    assert (answer.cost_microdollars, requests(own)) == (14, [("nano", None), ("pro", None)])


async def test_a_trial_is_named_in_the_answer_and_its_calls(services: AnswerServices) -> None:
    answer = await ask(replace(QUESTION, arm="canary", trial="one"), services)
    assert isinstance(services.chat, Scripted)
    account = services.chat.asked[0].account
    assert (answer.arm, account.arm, account.trial) == ("canary", "canary", "one")


async def test_data_is_cited_by_its_texts(services: AnswerServices) -> None:
    own = steered(services, says('{"road": "A road up [1]."}'))
    answer = await ask(replace(QUESTION, schema=SCHEMA), own)
    assert (answer.outcome, answer.parsed) == ("parsed", {"road": "A road up [1]."})
    assert [citation.label for citation in answer.citations] == [1]


async def test_a_stream_of_data_has_no_pieces(services: AnswerServices) -> None:
    own = steered(services, says("no JSON"), says('{"road": "Up [1]."}'))
    events = [event async for event in stream(replace(QUESTION, schema=SCHEMA), own)]
    assert not any(isinstance(event, Delta) for event in events)
    assert isinstance(events[-1], Answer)
    assert (events[-1].outcome, events[-1].cost_microdollars) == ("parsed", 14)
