"""Time decay and boosts."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.boosts import Boost, Decay, When
from domain.filters import Equals
from domain.hits import Hit
from retrieval.formula import boosted, moment
from tests.values import a_hit

NOW = datetime(2026, 7, 1, tzinfo=UTC)
NEWER = Decay("date", half_life_days=30, weight=1)


def hit(id: str, score: float, **metadata: Any) -> Hit:  # noqa: A002 - the chunk's name for it
    return a_hit(score, id=id, metadata=metadata)


def gains(hits: list[Hit], *boosts: Boost) -> dict[str, float]:
    """In standard deviations of the scores, which is 1 for scores of 1 and 3."""
    ranked, _ = boosted(hits, boosts, NOW)
    before = {hit.chunk.id: hit.score for hit in hits}
    return {hit.chunk.id: round(hit.score - before[hit.chunk.id], 3) for hit in ranked}


def order(hits: list[Hit], *boosts: Boost) -> str:
    return "".join(hit.chunk.id for hit in boosted(hits, boosts, NOW)[0])


def test_each_half_life_halves_the_gain() -> None:
    hits = [hit("a", 3, date="2026-07-01"), hit("b", 1, date="2026-05-02")]
    assert gains(hits, NEWER) == {"a": 1, "b": 0.25}


def test_a_date_to_come_gains_what_one_of_today_does() -> None:
    assert gains([hit("a", 3, date="2027-01-01"), hit("b", 1)], NEWER)["a"] == 1


def test_what_has_no_date_gains_nothing() -> None:
    hits = [hit("a", 3), hit("b", 1, date="unknown"), hit("c", 1, date=True)]
    assert set(gains(hits, NEWER).values()) == {0}


def test_of_several_dates_the_newest_counts() -> None:
    hits = [hit("a", 3, date=("2020-01-01", "2026-07-01")), hit("b", 1)]
    assert gains(hits, NEWER)["a"] == 1


def test_a_decay_can_be_as_of_a_day() -> None:
    as_of = Decay("date", half_life_days=30, weight=1, at="2026-01-31")
    assert gains([hit("a", 3, date="2026-01-01"), hit("b", 1)], as_of)["a"] == 0.5


def test_what_a_filter_describes_gains_and_may_overtake() -> None:
    hits = [hit("a", 3), hit("b", 1, team="ops")]
    assert order(hits, When((Equals("team", "ops"),), 1)) == "ab"
    assert order(hits, When((Equals("team", "ops"),), 2.5)) == "ba"


def test_less_than_nothing_puts_back() -> None:
    hits = [hit("a", 3, draft=True), hit("b", 1)]
    assert order(hits, When((Equals("draft", value=True),), -3)) == "ba"


@pytest.mark.parametrize("scale", [0.01, 1, 100])
def test_a_gain_means_the_same_on_every_scale_of_scores(scale: float) -> None:
    hits = [hit("a", 3 * scale), hit("b", scale, team="ops")]
    boost = When((Equals("team", "ops"),), 1)
    assert gains(hits, boost)["b"] == pytest.approx(scale)


def test_gains_add_up_and_say_why() -> None:
    hits = [hit("a", 3), hit("b", 1, team="ops", date="2026-07-01")]
    ranked, _ = boosted(hits, (NEWER, When((Equals("team", "ops"),), 2)), NOW)
    assert ranked[0].score == 4
    assert ranked[0].signals == {"new by date": 1, "when team": 2}
    assert ranked[1].signals == {}


def test_a_field_that_no_passage_has_is_noted() -> None:
    _, notes = boosted([hit("a", 1, date="2026-07-01")], (Decay("data", 30, 1),), NOW)
    assert notes == ("None of 1 passage found has a date in 'data': its decay changes nothing.",)


@pytest.mark.parametrize("hits", [[], [hit("a", 1)]], ids=["no hits", "no boosts"])
def test_without_anything_to_boost_nothing_changes(hits: list[Hit]) -> None:
    assert boosted(hits, (), NOW) == (hits, ())


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2026-03-04", "2026-03-04"),
        ("2026-03-04T23:30:00-05:00", "2026-03-05"),
        ("2026-03-04T23:30:00Z", "2026-03-04"),
        ("20260304", "2026-03-04"),
        ("2026-03", "2026-03-01"),
        ("2026", "2026-01-01"),
        (2026, "2026-01-01"),
        (1_772_582_400, "2026-03-04"),
        (1_772_582_400.5, "2026-03-04"),
        ("yesterday", None),
        ("", None),
        (True, None),
        (1e30, None),
        (float("nan"), None),
    ],
)
def test_a_date_is_read_as_people_write_it(value: str | float, day: str | None) -> None:
    found = moment(value)
    assert (found and f"{found.astimezone(UTC):%Y-%m-%d}") == day
