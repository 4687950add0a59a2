"""A request tells the provider's cache what pays, in the words of its model family."""

from dataclasses import replace
from random import Random

import pytest

from domain.completion import Account, CacheMark, CachePlan, ChatRequest
from domain.prompt import Message
from domain.records import Turn
from gateway.caching.plan import Planner
from gateway.caching.rules import cache_rules
from prompts.compose import compose
from prompts.prefix import Prefix, prefix
from prompts.sets import PromptSet
from tests.values import a_chunk

TURN = Turn("earlier?", "yes", "")
SHORT = Prefix("answer/v8", (Message("system", "Rules."), Message("developer", "More.")))
LONG = replace(SHORT, messages=(Message("system", "Rules. " * 1_200), *SHORT.messages[1:]))
PAID = [("openai", "gpt-5.6-sol"), ("anthropic", "claude-sonnet-5")]


def a_request(
    tenant: str = "one",
    session: str = "",
    turns: int = 0,
    *,
    before: Prefix = LONG,
    said: Turn = TURN,
) -> ChatRequest:
    prompt = compose("Why?", [], prefix=before, history=[said] * turns)
    return ChatRequest(prompt, account=Account(tenant=tenant, session=session))


def planned(
    planner: Planner, model: str, provider: str = "openai", *, now: float = 0.0, **asked: object
) -> CachePlan:
    request = a_request(**asked)  # type: ignore[arg-type]
    return planner.plan(request, cache_rules(provider, model), model, now)


def test_tenants_never_have_one_key() -> None:
    planner = Planner()
    keys = {planned(planner, "gpt-5.4", tenant=tenant).key for tenant in ("one", "two")}
    assert len(keys) == 2


def test_tenants_may_share_where_that_is_wanted() -> None:
    planner = Planner(isolated=False)
    keys = {planned(planner, "gpt-5.4", tenant=tenant).key for tenant in ("one", "two")}
    assert len(keys) == 1


def test_models_before_5_6_are_told_a_key_and_how_long() -> None:
    plan = planned(Planner(), "gpt-5.4-mini")
    assert (plan.retention, plan.marks, plan.explicit) == ("24h", (), False)


def test_models_that_take_no_retention_are_not_told_one() -> None:
    assert planned(Planner(), "gpt-4o").retention is None


def test_from_5_6_on_nothing_is_written_unasked() -> None:
    plan = planned(Planner(), "gpt-5.6-sol")
    assert (plan.marks, plan.explicit, plan.retention) == ((), True, None)


@pytest.mark.parametrize(("provider", "model"), PAID)
def test_what_is_too_short_to_be_cached_is_not_marked(provider: str, model: str) -> None:
    """Nor taken for money saved; with a long conversation behind it, it is long enough."""
    planner, talk = Planner(), Turn("long " * 800, "talk " * 800, "")
    for minute in range(10):
        now = minute * 60.0
        short = planned(planner, model, provider, now=now, before=SHORT)
        long = planned(
            planner, model, provider, now=now, before=SHORT, session="a", turns=minute, said=talk
        )
    assert short.marks == ()
    assert [mark.turns for mark in long.marks] == [18, 20]


@pytest.mark.parametrize(("provider", "model"), PAID)
def test_a_prompt_set_is_marked_apart_from_what_is_pinned(provider: str, model: str) -> None:
    """So that those who have pinned other passages find it, and it lasts when the pins change."""
    planner = Planner(isolated=False)
    rules = PromptSet("answer/v9", LONG.messages)
    for minute in range(20):
        pinned = prefix(rules, [a_chunk(text=f"Pinned {minute % 2}. " * 500)])
        plan = planned(planner, model, provider, now=minute * 60.0, before=pinned)
    assert [mark.turns for mark in plan.marks] == [2, 3]


@pytest.mark.parametrize("before", [SHORT, replace(LONG, messages=())], ids=["short", "empty"])
def test_what_is_too_short_cannot_be_prepared(before: Prefix) -> None:
    rules = cache_rules("anthropic", "claude-sonnet-5")
    assert Planner().warm(a_request(before=before), rules, "claude-sonnet-5", 0.0).marks == ()


@pytest.mark.parametrize(("provider", "model"), PAID)
def test_a_busy_prefix_is_marked_at_its_end(provider: str, model: str) -> None:
    planner = Planner()
    for minute in range(10):
        plan = planned(planner, model, provider, now=minute * 60.0)
    (mark,) = plan.marks
    assert mark.turns == 2


def test_a_prefix_that_is_asked_for_once_a_day_is_not_written() -> None:
    planner = Planner()
    plans = [
        planned(planner, "claude-sonnet-5", "anthropic", now=day * 86_400.0) for day in range(30)
    ]
    assert {plan.marks for plan in plans} == {()}


def test_the_longer_life_is_taken_when_the_gaps_want_it() -> None:
    planner = Planner()
    for n in range(30):
        plan = planned(planner, "claude-sonnet-5", "anthropic", now=n * 1_800.0)
    assert plan.marks == (CacheMark(2, "1h"),)


@pytest.mark.parametrize(("one_of", "life"), [(2, "5m"), (6, "1h")])
def test_of_lives_that_save_about_as_much_the_longer_is_taken(one_of: int, life: str) -> None:
    """All come twice within a minute but one of so many, which comes once."""
    planner = Planner()
    for n in range(10 * one_of + 1):
        for again in range(2 if n % one_of else 1):
            now = n * 7_200.0 + again * 60.0
            plan = planned(planner, "claude-sonnet-5", "anthropic", now=now)
    assert plan.marks == (CacheMark(2, life),)


@pytest.mark.parametrize("seed", range(8))
def test_where_writing_hardly_pays_it_loses_next_to_nothing(seed: int) -> None:
    """Forty prefixes come again within half a day one time in five: it takes a little more."""
    random, planner, until = Random(seed), Planner(), dict[str, float]()
    saved = 0.0
    for n in range(600):
        now, tenant = n * 5_400.0, str(random.randrange(40))
        plan = planned(planner, "gpt-5.6-sol", now=now, tenant=tenant)
        if now < until.get(tenant, 0.0):
            saved += 0.9
        elif plan.marks:
            saved -= 0.25
        if plan.marks:
            until[tenant] = now + 12 * 3_600.0
        assert saved > -1.5 - n / 500


@pytest.mark.parametrize("seed", range(8))
def test_a_dear_writing_waits_until_what_it_may_lose_was_saved(seed: int) -> None:
    """A prefix comes again within the hour one time in two: an hour's life would break even."""
    random, planner = Random(seed), Planner()
    costs, seconds = {"5m": 0.25, "1h": 1.0}, {"5m": 300.0, "1h": 3_600.0}
    saved = now = until = 0.0
    for n in range(600):
        now += random.choice((1_800.0, 5_400.0))
        for mark in planned(planner, "claude-sonnet-5", "anthropic", now=now).marks:
            saved += 0.9 if now < until else -costs[mark.life]
            until = now + seconds[mark.life]
        assert saved > -1.0 - n / 500


def test_a_conversation_is_marked_behind_its_history_and_where_it_was_before() -> None:
    planner = Planner()
    for session in range(20):
        for turn in range(4):
            plan = planned(
                planner, "gpt-5.6-sol", now=session * 600.0 + turn * 60.0,
                session=str(session), turns=turn,
            )  # fmt: skip
    assert [mark.turns for mark in plan.marks] == [2, 6, 8]


def test_what_stands_in_front_lasts_at_least_as_long() -> None:
    planner = Planner()
    lives = {"5m": 300, "1h": 3600}
    for session in range(40):
        for turn in range(3):
            plan = planned(
                planner, "claude-sonnet-5", "anthropic", now=session * 100.0 + turn * 1_000.0,
                session=str(session), turns=turn,
            )  # fmt: skip
            seconds = [lives[mark.life] for mark in plan.marks]
            assert seconds == sorted(seconds, reverse=True)


def test_a_server_that_speaks_the_format_is_told_nothing() -> None:
    assert planned(Planner(), "llama-4", "local") == CachePlan()


def test_another_prefix_has_another_key() -> None:
    planner, request = Planner(), a_request()
    other = replace(request, prompt=replace(request.prompt, prefix=request.prompt.prefix[:1]))
    rules = cache_rules("openai", "gpt-5.4")
    keys = {planner.plan(one, rules, "gpt-5.4", 0.0).key for one in (request, other)}
    assert len(keys) == 2
