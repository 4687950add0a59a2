"""The JSON form of boosts."""

import pytest

from domain.boost_json import boosts_from_json, boosts_to_json
from domain.boosts import Boosts, Decay, When
from domain.errors import InvalidInput
from domain.filters import Equals, Range

CASES: dict[str, tuple[object, Boosts]] = {
    "decay": (
        [{"decay": {"field": "date", "half_life_days": 90, "weight": 0.3}}],
        (Decay("date", 90, 0.3),),
    ),
    "decay as of a day": (
        [{"decay": {"field": "date", "half_life_days": 1.5, "weight": 1, "at": "2026-01-31"}}],
        (Decay("date", 1.5, 1, "2026-01-31"),),
    ),
    "when": ([{"when": {"team": "ops"}, "add": -0.5}], (When((Equals("team", "ops"),), -0.5),)),
    "both": (
        [
            {"when": {"year": {"gte": 2024}}, "add": 1},
            {"decay": {"field": "seen", "half_life_days": 7, "weight": 2}},
        ],
        (When((Range("year", gte=2024),), 1), Decay("seen", 7, 2)),
    ),
    "none": ([], ()),
}
WRONG: dict[str, tuple[object, str]] = {
    "a text": ("date", '"date" is none'),
    "of no kind": ({"boost": 1}, "is none"),
    "of two kinds": (
        {"decay": {"field": "a", "half_life_days": 1, "weight": 1}, "add": 1},
        "is none",
    ),
    "when without a gain": ({"when": {"a": 1}}, "is none"),
    "a gain of words": ({"when": {"a": 1}, "add": "much"}, 'add is a number, not "much"'),
    "an endless gain": ({"when": {"a": 1}, "add": float("inf")}, "add is a number"),
    "a misspelt part": ({"decay": {"field": "a", "half_life": 1}}, "knows no 'half_life'"),
    "no field": ({"decay": {"half_life_days": 1, "weight": 1}}, "not null"),
    "no weight": ({"decay": {"field": "a", "half_life_days": 1}}, "weight is a number"),
    "no half-life": (
        {"decay": {"field": "a", "half_life_days": 0, "weight": 1}},
        "more than 0, not 0",
    ),
    "no date": (
        {"decay": {"field": "a", "half_life_days": 1, "weight": 1, "at": "soon"}},
        'not "soon"',
    ),
}


@pytest.mark.parametrize(("data", "boosts"), CASES.values(), ids=CASES.keys())
def test_json_becomes_boosts_and_they_become_the_same_json(data: object, boosts: Boosts) -> None:
    assert boosts_from_json(data) == boosts
    assert boosts_to_json(boosts) == data


def test_one_alone_needs_no_list() -> None:
    assert boosts_from_json({"when": {"a": 1}, "add": 1}) == (When((Equals("a", 1),), 1),)


@pytest.mark.parametrize(("data", "why"), WRONG.values(), ids=WRONG.keys())
def test_what_is_no_boost_is_refused_with_what_is_one(data: object, why: str) -> None:
    with pytest.raises(InvalidInput, match="Possible are") as refused:
        boosts_from_json(data)
    assert why in str(refused.value)
    assert refused.value.field == "boost"


def test_a_wrong_filter_is_named_as_one() -> None:
    with pytest.raises(InvalidInput, match="knows no operator 'above'"):
        boosts_from_json({"when": {"year": {"above": 3}}, "add": 1})
