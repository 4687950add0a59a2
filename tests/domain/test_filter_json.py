"""The JSON form of filters."""

import pytest

from domain.errors import InvalidInput
from domain.filter_json import filter_from_json, filter_to_json
from domain.filters import AnyOf, Equals, Exists, Filter, Range

PAIRS: dict[str, tuple[object, Filter]] = {
    "nothing": ({}, ()),
    "a string": ({"team": "ops"}, (Equals("team", "ops"),)),
    "a whole number": ({"year": 2024}, (Equals("year", 2024),)),
    "a boolean": ({"open": False}, (Equals("open", value=False),)),
    "any of strings": ({"lang": {"any": ["de", "en"]}}, (AnyOf("lang", ("de", "en")),)),
    "any of numbers": ({"page": {"any": [1, 2]}}, (AnyOf("page", (1, 2)),)),
    "a range": ({"year": {"gte": 2020, "lt": 2024.5}}, (Range("year", gte=2020, lt=2024.5),)),
    "exists": ({"url": {"exists": True}}, (Exists("url"),)),
    "exists not": ({"url": {"exists": False}}, (Exists("url", exists=False),)),
    "two kinds on one field": (
        {"year": {"gt": 1, "exists": True}},
        (Range("year", gt=1), Exists("year")),
    ),
    "two fields": ({"a": "x", "b": 1}, (Equals("a", "x"), Equals("b", 1))),
}
EVERY_PAIR = pytest.mark.parametrize(("data", "where"), PAIRS.values(), ids=PAIRS.keys())


@EVERY_PAIR
def test_the_json_form_is_read(data: object, where: Filter) -> None:
    assert filter_from_json(data) == where


@EVERY_PAIR
def test_the_json_form_is_written(data: object, where: Filter) -> None:
    assert filter_to_json(where) == data


def test_true_is_not_read_as_one() -> None:
    (condition,) = filter_from_json({"open": True})
    assert isinstance(condition, Equals)
    assert condition.value is True


def test_a_fraction_is_a_range_of_one_point() -> None:
    assert filter_from_json({"share": 0.5}) == (Range("share", gte=0.5, lte=0.5),)


WRONG: dict[str, tuple[object, str]] = {
    "null": (None, "null"),
    "a bare list": (["de"], r"\[\"de\"\]"),
    "no operator": ({}, "names no operator"),
    "an unknown operator": ({"greater": 1}, "'greater'"),
    "any of nothing": ({"any": []}, "list of strings"),
    "any of a string": ({"any": "de"}, "list of strings"),
    "any of a mixture": ({"any": ["de", 1]}, "list of strings"),
    "any of booleans": ({"any": [True]}, "list of strings"),
    "any of fractions": ({"any": [0.5]}, "list of strings"),
    "a range of strings": ({"gte": "2020"}, "number as a bound"),
    "a range of booleans": ({"gte": True}, "number as a bound"),
    "not a number": (float("nan"), "number as a bound"),
    "infinity": ({"lt": float("inf")}, "number as a bound"),
    "a number beyond 64 bits": (2**63, "cannot equal"),
    "exists of a string": ({"exists": "yes"}, "true or false"),
}


@pytest.mark.parametrize(("value", "why"), WRONG.values(), ids=WRONG.keys())
def test_what_cannot_be_meant_names_field_and_grammar(value: object, why: str) -> None:
    with pytest.raises(InvalidInput, match=rf"'year'.*{why}.*\"any\".*\"exists\"") as caught:
        filter_from_json({"year": value})
    assert caught.value.field == "filter.year"


@pytest.mark.parametrize("data", [[], "x", None, 1], ids=["list", "string", "null", "number"])
def test_a_filter_is_an_object(data: object) -> None:
    with pytest.raises(InvalidInput, match="object of fields"):
        filter_from_json(data)


def test_two_conditions_of_a_kind_on_a_field_have_no_json_form() -> None:
    with pytest.raises(InvalidInput, match="not two"):
        filter_to_json((Equals("tags", "a"), Equals("tags", "b")))
