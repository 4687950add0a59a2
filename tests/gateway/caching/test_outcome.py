"""What the cache did for a call is said in tokens, in money and in words."""

from dataclasses import replace

import pytest

from domain.completion import Account, CacheOutcome, CachePlan, ChatRequest, Usage
from domain.prompt import Message
from domain.records import Turn
from gateway.caching.outcome import Called, Reckoner
from gateway.caching.rules import cache_rules
from gateway.pricing import cost
from prompts.compose import compose
from tests.provider.tokens import counter

LONG = " rule" * 3_000
TURN = Turn("earlier?", "yes", "")
PLAN = CachePlan("key-0", "24h")


def a_request(
    *, tenant: str = "one", turns: int = 0, system: str = LONG, plan: CachePlan = PLAN
) -> ChatRequest:
    prompt = compose("Why?", [], history=[TURN] * turns)
    prefix = (Message("system", system), *prompt.prefix[1:])
    prompt = replace(prompt, prefix=prefix)
    return ChatRequest(prompt, account=Account(tenant=tenant, session="s"), cache=plan)


def called(model: str = "gpt-5.4", provider: str = "openai") -> Called:
    rules = cache_rules(provider, model)
    return Called(model, rules, lambda usage: cost(model, usage, provider))


@pytest.fixture
def reckoner() -> Reckoner:
    return Reckoner(counter())


def reckoned(
    reckoner: Reckoner,
    request: ChatRequest,
    usage: Usage | None = None,
    *,
    at: float = 0.0,
    of: Called | None = None,
) -> CacheOutcome:
    usage = usage or Usage(input=4_000, output=100)
    return reckoner.outcome(request, usage, of or called(), at)


def test_the_first_of_its_kind_is_cold(reckoner: Reckoner) -> None:
    found = reckoned(reckoner, a_request())
    assert (found.why, found.cacheable) == ("cold", 0)
    assert found.prefix > 3_000


def test_what_was_sent_before_could_be_read_in_whole_steps(reckoner: Reckoner) -> None:
    first = reckoned(reckoner, a_request())
    second = reckoned(reckoner, a_request(), at=60.0)
    assert second.cacheable == first.prefix // 128 * 128
    assert second.why == "provider"


def test_a_later_turn_could_read_all_of_the_earlier_one(reckoner: Reckoner) -> None:
    reckoned(reckoner, a_request(turns=2))
    again = reckoned(reckoner, a_request(turns=3), at=9.0, of=called("gpt-5.6-sol"))
    fresh = reckoned(reckoner, a_request(turns=3), at=9.0)
    assert again.cacheable == 0  # of another model
    assert fresh.cacheable > reckoned(reckoner, a_request(), at=9.0).cacheable


def test_what_was_read_is_a_hit(reckoner: Reckoner) -> None:
    reckoned(reckoner, a_request())
    usage = Usage(input=4_000, cached=3_072, output=100)
    found = reckoned(reckoner, a_request(), usage, at=1.0)
    assert found.why == "hit"
    assert found.efficiency(usage) == pytest.approx(1.0, abs=0.02)


def test_what_another_process_has_warmed_is_a_hit_of_its_own_size(reckoner: Reckoner) -> None:
    found = reckoned(reckoner, a_request(), Usage(input=4_000, cached=2_048))
    assert (found.why, found.cacheable) == ("hit", 2_048)


def test_a_new_prompt_version_names_the_block_that_changed(reckoner: Reckoner) -> None:
    reckoned(reckoner, a_request())
    found = reckoned(reckoner, a_request(system=f"{LONG} more"), at=1.0)
    assert found.why == "changed"
    assert "the system message" in found.says


def test_tenants_know_nothing_of_each_other(reckoner: Reckoner) -> None:
    reckoned(reckoner, a_request(tenant="one"))
    assert reckoned(reckoner, a_request(tenant="two"), at=1.0).why == "cold"


def test_a_day_later_it_has_expired(reckoner: Reckoner) -> None:
    reckoned(reckoner, a_request())
    found = reckoned(reckoner, a_request(), at=90_000.0)
    assert (found.why, found.cacheable) == ("expired", 0)


def test_a_key_that_was_not_used_before_is_an_overflow(reckoner: Reckoner) -> None:
    reckoned(reckoner, a_request())
    assert reckoned(reckoner, a_request(plan=CachePlan("key-1")), at=1.0).why == "overflow"


def test_what_was_not_marked_was_not_looked_for(reckoner: Reckoner) -> None:
    of, plan = called("claude-sonnet-5", "anthropic"), CachePlan(explicit=True)
    for at in (0.0, 1.0):
        found = reckoned(reckoner, a_request(plan=plan), at=at, of=of)
    assert found.why == "unmarked"


def test_too_long_a_tail_is_the_reason_where_that_was_measured(reckoner: Reckoner) -> None:
    of = called()
    of = replace(of, rules=replace(of.rules, tail=500))
    for at in (0.0, 1.0):
        found = reckoned(reckoner, a_request(), at=at, of=of)
    assert found.why == "tail"
    assert found.cacheable


def test_a_prompt_below_the_minimum_is_short(reckoner: Reckoner) -> None:
    assert reckoned(reckoner, a_request(system="Be brief."), Usage(input=300)).why == "short"


def test_saved_is_the_price_of_what_was_read(reckoner: Reckoner) -> None:
    usage = Usage(input=4_000, cached=3_072, output=100)
    found = reckoned(reckoner, a_request(), usage)
    bare, paid = (cost("gpt-5.4", one) for one in (replace(usage, cached=0), usage))
    assert found.saved_microdollars == bare - paid > 0


def test_the_naive_layout_pays_for_writing_what_is_never_read(reckoner: Reckoner) -> None:
    found = reckoned(reckoner, a_request(), of=called("gpt-5.6-sol"))
    assert found.saved_microdollars == 0
    written, bare = (cost("gpt-5.6-sol", Usage(input=4_000, written=n)) for n in (4_000, 0))
    assert found.saved_naive_microdollars == written - bare > 0


def test_claude_writes_nothing_unasked(reckoner: Reckoner) -> None:
    of = called("claude-sonnet-5", "anthropic")
    assert reckoned(reckoner, a_request(), of=of).saved_naive_microdollars == 0
