"""A cache is made ready where that saves more than it costs, by what was asked at this time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest

from gateway.caching.rules import cache_rules
from gateway.pricing import Prices
from prompts.compose import compose
from prompts.prefix import prefix
from prompts.sets import Library
from tests.provider.tokens import counter
from wiring.state.ledger_cache import Asked
from wiring.tariff import Tariff
from wiring.warm import Warmed, judged, request_of

AT = datetime(2026, 11, 23, 7, 55, tzinfo=UTC)
MADE = prefix(Library().read("answer/v1"))
LONG = replace(MADE, messages=(replace(MADE.messages[0], text=" rule" * 5_000),))


def asked(
    days: int, each: int, *, why: Literal["cold", "hit"] = "cold", late: float = 1.0
) -> list[Asked]:
    """So many on each of the days before."""
    return [
        Asked(
            (AT - timedelta(days=day + 1) + timedelta(seconds=late + n)).isoformat(),
            "ask",
            why,
            3.0 if why == "cold" else 1.0,
        )
        for day in range(days)
        for n in range(each)
    ]


def warmings(days: int) -> list[Asked]:
    return [replace(one, endpoint="warm") for one in asked(days, 1, late=0.0)]


def a_judgement(
    rows: list[Asked], model: str = "gpt-5.6-sol", provider: str = "openai", *, short: bool = False
) -> Warmed:
    price = Prices().known(provider, model)
    tariff = Tariff(provider, model, cache_rules(provider, model), price)
    return judged(rows, request_of(MADE if short else LONG, "acme"), tariff, counter(), AT)


@pytest.mark.parametrize(
    ("provider", "model"),
    [("openai", "gpt-5.4"), ("openai", "gpt-5.6-sol"), ("anthropic", "claude-sonnet-5")],
)
def test_it_pays_where_several_ask_before_the_first_is_answered(provider: str, model: str) -> None:
    found = a_judgement(asked(5, 3), model, provider)
    assert found.expected == 3
    assert found.saves_microdollars > 2 * found.cost_microdollars
    assert found.says == ""


@pytest.mark.parametrize(
    ("provider", "model"),
    [("openai", "gpt-5.4"), ("openai", "gpt-5.6-sol"), ("anthropic", "claude-sonnet-5")],
)
def test_for_one_alone_it_never_pays(provider: str, model: str) -> None:
    assert "more than it saves" in a_judgement(asked(5, 1), model, provider).says


def test_who_asks_at_another_time_of_day_does_not_count() -> None:
    assert a_judgement(asked(5, 3, late=7_200.0)).expected == 0


def test_who_found_it_in_the_cache_does_not_count() -> None:
    assert a_judgement(asked(5, 3, why="hit")).expected == 0


def test_a_day_that_was_made_ready_for_proves_nothing() -> None:
    rows = asked(5, 3)[6:] + warmings(2)  # the last two days: nothing was missed
    assert a_judgement(rows).expected == 3


def test_nothing_asked_is_nothing_known() -> None:
    found = a_judgement([])
    assert (found.expected, found.saves_microdollars) == (None, 0)
    assert found.says


def test_each_is_answered_so_much_sooner() -> None:
    assert a_judgement(asked(5, 3) + asked(5, 3, why="hit")).sooner == 2.0


def test_too_short_a_prefix_is_left_alone() -> None:
    assert "caches nothing below 1,024" in a_judgement(asked(5, 9), short=True).says


def test_a_model_without_a_known_cache_is_left_alone() -> None:
    assert "nothing is known" in a_judgement(asked(5, 9), "llama-4", "local").says


def test_what_is_sent_has_the_prefix_of_every_question() -> None:
    request = request_of(LONG, "acme")
    question = compose("Why?", [], prefix=LONG)
    assert request.prompt.prefix_fingerprint == question.prefix_fingerprint
    assert (request.account.endpoint, request.warms) == ("warm", True)
