"""Which tier a question needs: what its words say, and when a model is asked."""

import pytest

from domain.completion import Account, Completion
from domain.errors import CapReached, InvalidInput, ModelUnreachable
from gateway.routing import TIERS, Asked, RoutingConfig, Tier, choose_tier, weigh
from prompts.choosing import choose_tier as ask
from tests.gateway.policy.scripted import USAGE, Scripted, Step, said
from tests.gateway.questions_by_tier import BY_TIER

CLEAR = (3.0, 1.0, 0.5, 0.2, 0.1, 0.0)  # one passage stands out
FLAT = (3.0, 2.9, 2.8, 2.8, 2.7, 0.0)
ASKS = RoutingConfig(asks=True, seconds=0.05)
FACT = "Who approves travel?"
OPEN = "Design a new process and explain why it is better."  # on a limit


def test_the_signals_agree_with_people_on_nearly_all_questions() -> None:
    agree = [weigh(Asked(question, CLEAR)).tier == tier for question, tier in BY_TIER.items()]
    assert sum(agree) >= 0.9 * len(BY_TIER)


def test_no_question_is_two_tiers_away() -> None:
    away = {
        question: weighed.tier
        for question, tier in BY_TIER.items()
        if abs(TIERS.index((weighed := weigh(Asked(question, CLEAR))).tier) - TIERS.index(tier)) > 1
    }
    assert not away


WHY: dict[str, tuple[str, Tier, str]] = {
    "a fact": (FACT, "nano", "it asks for a single fact"),
    "nothing unusual": ("The canteen", "mini", ""),
    "a comparison": ("Compare both plans.", "standard", "it compares"),
    "a sum": ("What is 15 % of 4,000?", "standard", "it calculates"),
    "code": ("What does `sync()` return?", "standard", "it is about code"),
    "a list of questions": ("1. Who?\n2. When?\n3. Where?", "standard", "it asks several things"),
    "German": ("Vergleiche beide Tarife.", "standard", "it compares"),
    "Chinese": ("总结旅行政策", "standard", "it asks for all of something"),
}


@pytest.mark.parametrize(("question", "tier", "why"), WHY.values(), ids=WHY)
def test_a_tier_has_its_reason(question: str, tier: Tier, why: str) -> None:
    weighed = weigh(Asked(question, CLEAR))
    assert (weighed.tier, ", ".join(weighed.why)) == (tier, why)


def test_a_word_is_found_whole() -> None:
    assert weigh(Asked("The scripture and the comparator", CLEAR)).why == ()


def test_passages_that_score_alike_make_it_harder() -> None:
    clear, flat = (weigh(Asked(FACT, scores)) for scores in (CLEAR, FLAT))
    assert flat.points > clear.points
    assert "no passage stands out" in flat.why


def test_what_was_not_found_needs_no_able_model() -> None:
    weighed = weigh(Asked(OPEN, ()))
    assert (weighed.tier, weighed.why[-1]) == ("nano", "no passage was found")


def test_a_question_about_the_conversation_needs_no_passages() -> None:
    assert weigh(Asked(OPEN, (), turns=2)).tier == "pro"


def test_a_late_question_refers_to_more() -> None:
    early, late = (weigh(Asked("And?", CLEAR, turns)).points for turns in (1, 6))
    assert late > early


async def test_a_clear_question_costs_no_call() -> None:
    model = Scripted()
    chosen = await choose_tier(Asked(FACT, CLEAR), model, ask, ASKS, Account())
    assert (chosen.tier, model.asked) == ("nano", [])
    assert chosen.why == "it asks for a single fact (-1.00)"


async def test_a_question_on_a_limit_is_decided_by_the_nano_model() -> None:
    model = Scripted(said('{"tier": "standard"}'))
    account = Account(tenant="acme", session="s")
    chosen = await choose_tier(Asked(OPEN, CLEAR), model, ask, ASKS, account)
    (request,) = model.asked
    assert (request.tier, request.account.tenant) == ("nano", "acme")
    assert request.prompt.schema is not None
    assert (chosen.tier, chosen.cost_microdollars) == ("standard", 7)
    assert chosen.why.endswith("the nano model decided")


async def test_without_a_nano_model_the_signals_decide() -> None:
    model = Scripted()
    chosen = await choose_tier(Asked(OPEN, CLEAR), model, ask, RoutingConfig(), Account())
    assert (chosen.tier, model.asked) == ("pro", [])


REFUSES: list[Step] = [Completion("No.", "refusal", "scripted", USAGE, 7)]
FAILURES: dict[str, tuple[list[Step], str]] = {
    "away": ([ModelUnreachable("away.")], "did not decide: away"),
    "takes no schema": ([InvalidInput("no schema")], "did not decide: no schema"),
    "late": ([9.0], "did not decide: not within 0.05 s"),
    "no tier": (said("huge"), "gave no tier"),
    "refuses": (REFUSES, "gave no tier"),
}


@pytest.mark.parametrize(("steps", "why"), FAILURES.values(), ids=FAILURES)
async def test_when_the_nano_model_fails_it_is_mini(steps: list[Step], why: str) -> None:
    chosen = await choose_tier(Asked(OPEN, CLEAR), Scripted(steps), ask, ASKS, Account())
    assert (chosen.tier, why in chosen.why) == ("mini", True)


async def test_money_that_is_spent_is_not_covered_up() -> None:
    with pytest.raises(CapReached):
        await choose_tier(Asked(OPEN, CLEAR), Scripted([CapReached("spent")]), ask, ASKS, Account())
