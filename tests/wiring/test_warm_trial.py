"""What is on trial has a cache of its own: it is made ready beside the usual one."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from answering.pinned import Prefixes
from domain.documents import Chunk
from gateway.canary import CHAIN
from prompts.sets import Library
from tests.gateway.policy.scripted import DONE, Scripted
from tests.values import a_chunk
from tests.wiring.test_warm_all import NOW, a_warmer, asked, holds, settings, state
from wiring.settings import Settings
from wiring.settings_models import CanarySettings
from wiring.state.database import State
from wiring.state.pin_trials import PinTrial
from wiring.warm import Warmer

__all__ = ["settings", "state"]


def on_trial(
    settings: Settings,
    share: float = 0.1,
    prompt: str | None = "answer/v8",
    chain: str | None = None,
    tenants: tuple[str, ...] | None = None,
) -> Settings:
    own = settings.data / "sets" / "answer" / "v8"
    own.mkdir(parents=True)
    (own / "system.md").write_text("Keep to what is written. " * 500)
    canary = CanarySettings(share=share, prompt=prompt, chain=chain, tenants=tenants)
    return settings.model_copy(update={"canary": canary})


async def pinned(tenant: str, collection: str) -> Sequence[Chunk]:
    return [a_chunk(text="A rate is a price.")]


def prompts(chat: Scripted) -> list[str]:
    return [request.prompt.version for request in chat.asked]


async def test_a_prompt_on_trial_is_made_ready_by_its_own_traffic(
    state: State, settings: Settings
) -> None:
    chat = Scripted([DONE])
    warmer = a_warmer(state, on_trial(settings), chat)
    await asked(state, warmer, "acme", prompt="answer/v8")
    found = await warmer.warm("acme", "handbook", NOW)
    assert found.trial
    assert (found.done, found.trial.done, found.trial.expected) == (False, True, 4)
    assert prompts(chat) == ["answer/v8"]


async def test_at_the_times_that_are_set_both_are_made_ready_once(
    state: State, settings: Settings
) -> None:
    chat = Scripted([DONE], [DONE])
    warmer = a_warmer(state, on_trial(settings), chat)
    await holds(state, "acme", "handbook", "contracts")
    for prompt in ("answer/v8", "answer/v9"):
        await asked(state, warmer, "acme", prompt=prompt)
    await warmer.warm_all(NOW)
    assert prompts(chat) == ["answer/v9", "answer/v8"]


async def test_models_on_trial_are_asked_themselves(state: State, settings: Settings) -> None:
    chat = Scripted([DONE], [DONE])
    tried = on_trial(settings, prompt=None, chain="openai/gpt-5.4")
    found = await a_warmer(state, tried, chat).warm("acme", "handbook", NOW, force=True)
    assert found.trial
    assert (found.model, found.trial.model) == ("gpt-5.6-sol", "gpt-5.4")
    assert [request.tier for request in chat.asked] == ["", CHAIN]


@pytest.mark.parametrize(
    ("share", "prompt", "tenants"),
    [
        pytest.param(0.0, "answer/v8", None, id="nobody takes part"),
        pytest.param(0.1, "answer/v8", ("globex",), id="others take part"),
        pytest.param(0.1, "answer/v9", None, id="it is the usual one"),
    ],
)
async def test_nothing_more_is_made_ready_where(
    state: State,
    settings: Settings,
    share: float,
    prompt: str,
    tenants: tuple[str, ...] | None,
) -> None:
    chat = Scripted([DONE])
    warmer = a_warmer(state, on_trial(settings, share, prompt, tenants=tenants), chat)
    assert (await warmer.warm("acme", "handbook", NOW, force=True)).trial is None
    assert prompts(chat) == ["answer/v9"]


def with_pins(state: State, settings: Settings, chat: Scripted) -> Warmer:
    library: Library = settings.prompt.library
    return replace(a_warmer(state, settings, chat), tried=Prefixes(library, pinned))


async def test_pins_on_trial_are_made_ready(state: State, settings: Settings) -> None:
    chat = Scripted([DONE], [DONE])
    await state.pin_trials.save("acme", "handbook", PinTrial(0.1, NOW.isoformat(), ()))
    warmer = with_pins(state, settings, chat)
    found = await warmer.warm("acme", "handbook", NOW, force=True)
    assert found.trial
    assert found.trial.tokens > found.tokens
    assert prompts(chat)[1].startswith("answer/v9+")


async def test_pins_wait_while_the_settings_try_something(state: State, settings: Settings) -> None:
    chat = Scripted([DONE], [DONE])
    await state.pin_trials.save("acme", "handbook", PinTrial(0.1, NOW.isoformat(), ()))
    warmer = with_pins(state, on_trial(settings), chat)
    await warmer.warm("acme", "handbook", NOW, force=True)
    assert prompts(chat) == ["answer/v9", "answer/v8"]


async def test_another_collection_than_the_one_of_the_pins_has_no_trial(
    state: State, settings: Settings
) -> None:
    chat = Scripted([DONE])
    await state.pin_trials.save("acme", "contracts", PinTrial(0.1, NOW.isoformat(), ()))
    warmer = with_pins(state, settings, chat)
    assert (await warmer.warm("acme", "handbook", NOW, force=True)).trial is None
