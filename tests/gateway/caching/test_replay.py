"""What a prefix finds at given times is what the emulated vendors' caches find."""

from random import Random

import pytest

from domain.completion import ChatRequest
from domain.prompt import Message, Prompt
from gateway.caching.plan import Planner
from gateway.caching.replay import Replayed, replayed
from gateway.caching.rules import CacheRules, cache_rules
from tests.provider.prompt_cache import CLAUDE, GPT_54_LONG, GPT_56, Block, PromptCache, Rules

OPENAI, CLAUDES, GPT = ("openai", "gpt-5.6-sol"), ("anthropic", "claude-sonnet-5"), "gpt-5.4"
HOUR, DAY = 3_600.0, 86_400.0
SECONDS = {"5m": 300.0, "1h": HOUR, "30m": 1_800.0, "12h": 12 * HOUR}


REQUEST = ChatRequest(Prompt("", (Message("system", "rules " * 8_000),), (), (), "", ()))


def of(times: list[float], provider: str, model: str, since: float = 0.0) -> Replayed:
    return replayed(times, REQUEST, Planner(), cache_rules(provider, model), model, since)


def emulated(times: list[float], rules: CacheRules, model: str, cache: PromptCache) -> float:
    """How many find a prefix."""
    planner, found = Planner(), 0
    (prefix,) = REQUEST.prompt.prefix
    for now in times:
        plan = planner.plan(REQUEST, rules, model, now)
        life = SECONDS[plan.marks[-1].life] if plan.marks else None
        counted = cache.ask(
            [Block(prefix.text, life), Block(f"Question {now}?")], key=plan.key or "", now=now,
            implicit=not plan.explicit,
        )  # fmt: skip
        found += counted.cached > 0
    return found


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    ("provider", "model", "vendor"),
    [("openai", GPT, GPT_54_LONG), (*OPENAI, GPT_56), (*CLAUDES, CLAUDE)],
)
def test_as_many_find_it_as_in_the_vendor_s_cache(
    provider: str, model: str, vendor: Rules, seed: int
) -> None:
    random, times, now = Random(seed), list[float](), 0.0
    for _ in range(200):
        now += random.choice((40.0, 40.0, 200.0, 200.0, 2_000.0, 20_000.0)) * random.random()
        times.append(now)
    found = emulated(times, cache_rules(provider, model), model, PromptCache(vendor))
    assert of(times, provider, model).found * len(times) == pytest.approx(found)
    assert found > 20


def test_what_is_kept_for_nothing_is_missed_at_the_price_of_input() -> None:
    assert of([n * HOUR for n in range(10)], "openai", GPT) == Replayed(10, 0.9, 1.0)


def test_a_writing_has_its_price() -> None:
    there = of([n * 60.0 for n in range(100)], *OPENAI)
    assert there.found > 0.9
    assert 1.0 < there.miss < 1.25  # before it is known that it pays, nothing is written


@pytest.mark.parametrize("model", [OPENAI, CLAUDES])
def test_what_comes_once_a_day_is_not_written(model: tuple[str, str]) -> None:
    assert of([n * DAY for n in range(30)], *model) == Replayed(30, 0.0, 1.0)


def test_what_came_before_is_learned_from_and_not_counted() -> None:
    times = [n * 60.0 for n in range(100)]
    assert of(times, *CLAUDES, since=3_000.0) == Replayed(50, 1.0, 1.0)


def test_without_a_cache_nothing_is_found() -> None:
    assert of([0.0, 1.0], "local", "llama-4") == Replayed(2, 0.0, 1.0)
    assert of([], *CLAUDES) == Replayed(0, 0.0, 1.0)
