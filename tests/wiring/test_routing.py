"""From the environment to tiers, efforts and trials: who is asked, and what is sent."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from answering.question import AnswerConfig, Question
from domain.errors import Misconfigured
from tests.provider.server import Provider
from tests.provider.server import provider as running
from tests.wiring.test_lanes import REQUEST, opened
from wiring.routing import aliases, on_trial, steer_config, usual_tier, usually_tried
from wiring.settings import read_settings

OPENAI = {"OPENAI_API_KEY": "sk", "FOREBAY_PROVIDERS__OPENAI__API": "responses"}
QUESTION = Question("How long?", "acme", "handbook")


@pytest.fixture(scope="module")
def one_provider() -> Iterator[Provider]:
    with running() as found:
        yield found


@pytest.fixture
def provider(one_provider: Provider) -> Provider:
    one_provider.forget()
    return one_provider


def asked(
    monkeypatch: pytest.MonkeyPatch, environ: Mapping[str, str], question: Question = QUESTION
) -> list[Question]:
    """As 300 conversations would ask it."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    settings = read_settings()
    sessions = (replace(question, session=f"s{number}") for number in range(300))
    return [on_trial(one, AnswerConfig(), settings)[0] for one in sessions]


async def test_openai_is_asked_for_short_answers_with_little_thought(
    monkeypatch: pytest.MonkeyPatch, provider: Provider
) -> None:
    async with opened(monkeypatch, {**OPENAI, "OPENAI_BASE_URL": provider.url}) as chat:
        await chat.complete(REQUEST)
        await chat.complete(replace(REQUEST, effort="high"))
    sent, more = (received.body for received in provider.received)
    assert (sent["reasoning"], sent["text"]) == ({"effort": "low"}, {"verbosity": "low"})
    assert more["reasoning"] == {"effort": "high"}


async def test_a_server_that_speaks_chat_completions_is_told_nothing_of_it(
    monkeypatch: pytest.MonkeyPatch, provider: Provider
) -> None:
    environ = {"OPENAI_BASE_URL": provider.url, "FOREBAY_EFFORTS__MINI": "high"}
    async with opened(monkeypatch, environ) as chat:
        await chat.complete(replace(REQUEST, tier="mini"))
    assert {"model", "messages"} <= set(provider.received[0].body) <= {
        "model", "messages", "max_tokens", "max_completion_tokens",
    }  # fmt: skip


async def test_a_tier_has_its_effort(monkeypatch: pytest.MonkeyPatch, provider: Provider) -> None:
    environ = {**OPENAI, "OPENAI_BASE_URL": provider.url, "FOREBAY_EFFORTS__STANDARD": "medium"}
    async with opened(monkeypatch, environ) as chat:
        await chat.complete(replace(REQUEST, tier="standard"))
    assert provider.received[0].body["reasoning"] == {"effort": "medium"}


async def test_an_effort_that_its_models_do_not_take_is_said_at_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    environ = {
        **OPENAI,
        "FOREBAY_TIERS__PRO": "openai/gpt-5.4-pro",
        "FOREBAY_EFFORTS__PRO": "low",
    }
    says = r"FOREBAY_EFFORTS__PRO is low, which openai/gpt-5\.4-pro.*medium, high, xhigh"
    with pytest.raises(Misconfigured, match=says):
        async with opened(monkeypatch, environ):
            pass


async def test_a_canary_has_models_of_its_own(
    monkeypatch: pytest.MonkeyPatch, provider: Provider
) -> None:
    environ = {
        "OPENAI_BASE_URL": provider.url,
        "FOREBAY_CANARY__SHARE": "0.5",
        "FOREBAY_CANARY__CHAIN": "openai/gpt-5.4-mini-2026-03-17",
    }
    async with opened(monkeypatch, environ) as chat:
        assert (await chat.complete(replace(REQUEST, tier="canary"))).model.endswith("03-17")


def test_auto_is_for_questions_and_helpers_have_the_mini_tier(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FOREBAY_CHAT__TIER", "auto")
    assert (steer_config(read_settings()).tier, usual_tier(read_settings())) == ("auto", "")
    monkeypatch.setenv("FOREBAY_TIERS__MINI", "openai/gpt-5.4-mini")
    assert usual_tier(read_settings()) == "mini"


def test_the_nano_model_is_asked_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not steer_config(read_settings()).routing.asks
    monkeypatch.setenv("FOREBAY_TIERS__NANO", "openai/gpt-5.4-nano")
    assert steer_config(read_settings()).routing.asks


def test_without_a_trial_nobody_takes_part(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {question.arm for question in asked(monkeypatch, {})} == {""}


def test_a_trial_of_models_takes_its_share_of_the_usual_questions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    environ = {"FOREBAY_CANARY__SHARE": "0.2", "FOREBAY_CANARY__CHAIN": "openai/gpt-5.4"}
    found = Counter((question.arm, question.tier) for question in asked(monkeypatch, environ))
    assert set(found) == {("canary", "canary"), ("control", "")}
    assert 35 < found["canary", "canary"] < 85
    pro = replace(QUESTION, tier="pro")
    assert {(one.arm, one.tier) for one in asked(monkeypatch, environ, pro)} == {("", "pro")}


def test_a_trial_of_a_prompt_leaves_the_tier_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    environ = {"FOREBAY_CANARY__SHARE": "0.5", "FOREBAY_CANARY__PROMPT": "hyde/v1"}
    found = asked(monkeypatch, environ, replace(QUESTION, tier="pro"))
    assert {(one.arm, one.tier) for one in found} == {("canary", "pro"), ("control", "pro")}
    canary = next(one for one in found if one.arm == "canary")
    _, config = on_trial(replace(canary, arm=""), AnswerConfig(), read_settings())
    assert config.prompt == "hyde/v1"


def test_both_arms_are_of_the_same_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    environ = {"FOREBAY_CANARY__SHARE": "0.2", "FOREBAY_CANARY__CHAIN": "openai/gpt-5.4"}
    (one,) = {question.trial for question in asked(monkeypatch, environ)}
    (other,) = {q.trial for q in asked(monkeypatch, {"FOREBAY_CANARY__PROMPT": "hyde/v1"})}
    assert one != other
    assert all((one, other))


def test_who_takes_no_part_is_of_no_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    environ = {"FOREBAY_CANARY__SHARE": "1", "FOREBAY_CANARY__CHAIN": "openai/gpt-5.4"}
    others = {**environ, "FOREBAY_CANARY__TENANTS": '["other"]'}
    assert {question.trial for question in asked(monkeypatch, others)} == {""}


@pytest.mark.parametrize(("tier", "tried"), [("pro", True), ("auto", False)])
def test_models_are_not_tried_where_each_question_is_looked_at(
    monkeypatch: pytest.MonkeyPatch, tier: str, tried: bool
) -> None:
    monkeypatch.setenv("FOREBAY_CANARY__SHARE", "1")
    monkeypatch.setenv("FOREBAY_CANARY__CHAIN", "openai/gpt-5.4")
    monkeypatch.setenv("FOREBAY_CHAT__TIER", tier)
    assert bool(usually_tried(read_settings(), "acme")) == tried


WRONG = {
    "nothing on trial": ({}, "nothing is on trial"),
    "no such prompt": ({"FOREBAY_CANARY__PROMPT": "answer/v0"}, "no prompt set 'answer/v0'"),
    "no such provider": ({"FOREBAY_CANARY__CHAIN": "x/y"}, "FOREBAY_CANARY__CHAIN names 'x/y'"),
}


@pytest.mark.parametrize(("environ", "says"), WRONG.values(), ids=WRONG)
async def test_a_trial_that_cannot_be_is_said_at_start(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], says: str
) -> None:
    with pytest.raises(Misconfigured, match=says):
        async with opened(monkeypatch, {**OPENAI, "FOREBAY_CANARY__SHARE": "0.1", **environ}):
            pass


def test_models_without_a_date_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "FOREBAY_TIERS__MINI",
        "openai/gpt-5.4-mini-2026-03-17, anthropic/claude-haiku-4-5-20251001, "
        "gemini/gemini-2.0-flash-001, anthropic/claude-opus-4-7",
    )
    assert list(aliases(read_settings())) == ["anthropic/claude-opus-4-7", "openai/gpt-5.4-mini"]
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    assert list(aliases(read_settings())) == ["anthropic/claude-opus-4-7"]
