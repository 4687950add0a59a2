"""Questions of a collection whose pins are on trial are told which trial that is."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from answering.question import AnswerConfig, AnswerServices, Question
from retrieval.edge import EdgeStore
from tests.contracts.chunk_store import NAME, SPACE, TENANT
from tests.gateway.policy.scripted import Scripted
from tests.provider.tokens import counter
from tests.retrieval.test_search import Compass
from wiring.boundary import Boundary, open_boundary
from wiring.settings import Settings
from wiring.state.database import open_state

HERE = TENANT, NAME


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[AnswerServices]:
    store = EdgeStore(tmp_path / "collections")
    await store.open_collection(NAME, SPACE)
    async with open_state(f"sqlite:///{tmp_path / 'state.db'}") as state:
        yield AnswerServices(
            store, Compass(), Scripted(), None, state.sessions, counter(), AnswerConfig(),
            documents=state.documents,
        )  # fmt: skip
    await store.close()


@pytest.fixture
async def boundary(tmp_path: Path, services: AnswerServices) -> AsyncIterator[Boundary]:
    settings = Settings(data=tmp_path)
    async with (
        open_state(f"sqlite:///{tmp_path / 'state.db'}") as state,
        open_boundary(settings, state, services.store, counter()) as opened,
    ):
        yield opened


async def asked(boundary: Boundary, services: AnswerServices) -> list[Question]:
    """As 50 conversations would ask."""
    usual = Question("Why?", *HERE)
    sessions = (replace(usual, session=f"s{number}") for number in range(50))
    return [(await boundary.on_trial(one, services))[0] for one in sessions]


async def test_both_arms_are_of_the_trial_of_the_plan(
    boundary: Boundary, services: AnswerServices
) -> None:
    await boundary.pinned.begin(*HERE, [], 0.5)
    found = {(one.arm, one.trial) for one in await asked(boundary, services)}
    assert {arm for arm, _ in found} == {"control", "canary"}
    (trial,) = {trial for _, trial in found}
    assert trial


async def test_a_plan_that_is_tried_after_it_is_another_trial(
    boundary: Boundary, services: AnswerServices
) -> None:
    trials = set()
    for _ in range(2):
        await boundary.pinned.begin(*HERE, [], 0.5)
        trials |= {one.trial for one in await asked(boundary, services)}
    assert len(trials) == 2


async def test_without_a_plan_there_is_no_trial(
    boundary: Boundary, services: AnswerServices
) -> None:
    assert {one.trial for one in await asked(boundary, services)} == {""}


async def test_a_trial_of_the_settings_goes_before(
    boundary: Boundary, services: AnswerServices
) -> None:
    await boundary.pinned.begin(*HERE, [], 0.5)
    question = Question("Why?", *HERE, arm="control", trial="of the settings")
    assert (await boundary.on_trial(question, services))[0] == question
