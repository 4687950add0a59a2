"""Who takes part in a trial, and on which arm."""

from dataclasses import replace

from gateway.canary import Trial

TRIAL = Trial(0.2, chain="openai/gpt-5.4")
SESSIONS = [f"s{number}" for number in range(2_000)]


def arms(trial: Trial, tenant: str = "acme") -> list[str]:
    return [trial.arm(tenant, session) for session in SESSIONS]


def test_a_share_of_the_conversations_is_on_the_canary() -> None:
    assert 340 < arms(TRIAL).count("canary") < 460
    assert set(arms(TRIAL)) == {"canary", "control"}


def test_a_conversation_stays_on_its_arm() -> None:
    assert arms(TRIAL) == arms(TRIAL)


def test_a_larger_share_keeps_those_that_are_on_it() -> None:
    larger = Trial(0.5, chain=TRIAL.chain)
    both = zip(arms(TRIAL), arms(larger), strict=True)
    assert all(after == "canary" for before, after in both if before == "canary")


def test_another_trial_draws_others() -> None:
    other = Trial(0.2, prompt="answer/v2")
    assert arms(TRIAL) != arms(other)
    assert arms(TRIAL) != arms(TRIAL, "other")


def test_only_tenants_that_are_named_take_part() -> None:
    trial = Trial(1.0, prompt="answer/v2", tenants=("acme",))
    assert (trial.arm("acme", "s"), trial.arm("other", "s")) == ("canary", "")


def test_a_trial_is_the_same_with_another_share_and_other_tenants() -> None:
    assert TRIAL.id == replace(TRIAL, share=0.5, tenants=("acme",)).id


def test_other_models_or_another_prompt_make_another_trial() -> None:
    others = [Trial(0.2, prompt=TRIAL.chain), replace(TRIAL, prompt="answer/v2")]
    assert len({one.id for one in (TRIAL, *others)}) == 3
