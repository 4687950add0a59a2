"""A caller's schema made strict: what becomes of each part of it, and what cannot be said."""

from datetime import date
from enum import Enum
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field

from domain.errors import InvalidInput
from gateway.strict import strict, without_unset
from tests.provider.fitting import fitting
from tests.provider.rules import not_strict


class Unit(Enum):
    DAY = "day"
    WEEK = "week"


class Span(BaseModel):
    """A length of time."""

    number: int = Field(ge=0, description="How many.")
    unit: Unit = Unit.DAY


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]


class Tree(BaseModel):
    name: str
    children: list["Tree"] = []


class Policy(BaseModel):
    since: date
    span: Span = Field(description="How long.")
    note: str | None = None
    names: list[str] = Field(default_factory=list, max_length=3)
    pet: Cat | Dog = Field(discriminator="kind")


def an_object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": []}


@pytest.mark.parametrize("model", [Span, Policy, Tree], ids=["plain", "nested", "recursive"])
def test_what_a_model_becomes_is_taken_by_the_provider(model: type[BaseModel]) -> None:
    made = strict(model.model_json_schema())
    assert not_strict(made) is None
    fitting(made)


def test_objects_are_closed_and_every_property_is_required() -> None:
    made = strict(an_object(a={"type": "string"}, b=an_object(c={"type": "integer"})))
    assert made["required"] == ["a", "b"]
    assert made["additionalProperties"] is False
    inner = made["properties"]["b"]["anyOf"][0]
    assert inner["additionalProperties"] is False


def test_what_may_be_missing_may_be_null() -> None:
    made = strict(an_object(a={"type": "string"}))
    assert made["properties"]["a"] == {"anyOf": [{"type": "string"}, {"type": "null"}]}


def test_what_may_be_null_already_stays_as_it_is() -> None:
    made = strict(Policy.model_json_schema())
    assert made["properties"]["note"] == {"anyOf": [{"type": "string"}, {"type": "null"}]}


def test_properties_stay_in_their_order() -> None:
    assert list(strict(Policy.model_json_schema())["properties"]) == list(Policy.model_fields)


def test_what_is_only_checked_on_reading_is_left_out() -> None:
    made = strict(an_object(a={"type": "string", "minLength": 2, "default": "x", "format": "uri"}))
    assert made["properties"]["a"]["anyOf"][0] == {"type": "string"}


def test_a_choice_without_a_type_gets_one() -> None:
    made = strict({**an_object(a={"enum": ["x", "y"]}), "required": ["a"]})
    assert made["properties"]["a"] == {"enum": ["x", "y"], "type": ["string"]}


IMPOSSIBLE = {
    "a map": ({"type": "object", "additionalProperties": {"type": "integer"}}, "any names"),
    "an open object": ({"type": "object", "additionalProperties": True}, "any names"),
    "a tuple": ({"type": "array", "prefixItems": [{"type": "string"}], "items": False}, "a tuple"),
    "a negation": ({"type": "string", "not": {"const": "x"}}, "a negation"),
    "anything": ({}, "anything at all"),
    "an untyped value": ({"description": "what you like"}, "any type"),
    "two at once": ({"allOf": [{"type": "string"}, {"type": "integer"}]}, "allOf"),
    "a foreign reference": ({"$ref": "http://example.com/schema"}, "not in it"),
    "a reference to nothing": ({"$ref": "#/$defs/gone"}, "not in it"),
}


@pytest.mark.parametrize(("schema", "word"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_what_cannot_be_kept_to_is_named_with_its_place(schema: Any, word: str) -> None:
    with pytest.raises(InvalidInput, match=f"outer.inner.*{word}") as caught:
        strict(an_object(outer=an_object(inner=schema)))
    assert caught.value.field == "schema"


def test_all_that_cannot_be_kept_to_is_named_at_once() -> None:
    with pytest.raises(InvalidInput, match=r"a is .*; b is "):
        strict(an_object(a={}, b={"type": "object"} | {"additionalProperties": True}))


@pytest.mark.parametrize("root", [{"type": "array", "items": {"type": "string"}}, {"$ref": "#"}])
def test_a_root_that_is_no_object_is_refused(root: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="root is not an object"):
        strict(root)


def test_a_null_that_stands_for_nothing_is_taken_out_again() -> None:
    schema = Policy.model_json_schema()
    value = {
        "since": "2026-01-01", "span": {"number": 2, "unit": None}, "note": None,
        "names": None, "pet": {"kind": "cat", "lives": None},
    }  # fmt: skip
    assert without_unset(value, schema) == {
        "since": "2026-01-01", "span": {"number": 2}, "note": None, "pet": {"kind": "cat"},
    }  # fmt: skip


def test_nulls_are_taken_out_of_trees_too() -> None:
    leaf = {"name": "leaf", "children": None}
    value = {"name": "root", "children": [leaf]}
    found = without_unset(value, Tree.model_json_schema())
    assert found == {"name": "root", "children": [{"name": "leaf"}]}


def test_a_null_that_is_required_stays() -> None:
    schema = {**an_object(a={"type": "string"}), "required": ["a"]}
    assert without_unset({"a": None}, schema) == {"a": None}
