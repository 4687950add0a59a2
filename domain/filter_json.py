"""The JSON form of filters, and back.

    {"department": "finance",               equals (a string, a number, true or false)
     "lang": {"any": ["de", "en"]},         one of these strings or whole numbers
     "year": {"gte": 2020, "lt": 2024},     a range; gte, lte, gt, lt
     "url": {"exists": true}}               there is a value, or (false) none

All conditions must hold. On a field with a list of values, one that fits is enough.
Knows nothing of stores.
"""

import json
import math
from collections.abc import Iterable, Mapping
from typing import TypeGuard

from domain.errors import InvalidInput
from domain.filters import AnyOf, Condition, Equals, Exists, Filter, Range

JsonScalar = str | int | float | bool
FilterJson = dict[str, JsonScalar | dict[str, JsonScalar | list[JsonScalar]]]

_BOUNDS = ("gte", "lte", "gt", "lt")
_GRAMMAR = (
    'a bare value (equals), {"any": […]}, {"gte" | "lte" | "gt" | "lt": number}, '
    '{"exists": true | false}'
)
_LARGEST = 2**63


def filter_from_json(data: object) -> Filter:
    if not isinstance(data, Mapping):
        raise InvalidInput("A filter is an object of fields and conditions.", field="filter")
    return tuple(c for field, value in data.items() for c in _conditions(str(field), value))


def filter_to_json(where: Filter) -> FilterJson:
    """The inverse, for filters that the JSON form can say."""
    said: FilterJson = {}
    for condition in where:
        field, value = condition.field, _value(condition)
        before = said.get(field, {})
        if field not in said:
            said[field] = value
        elif isinstance(value, dict) and isinstance(before, dict) and not value.keys() & before:
            said[field] = before | value
        else:
            raise InvalidInput(
                f"The JSON form of a filter says one condition of a kind about '{field}', not two.",
                field=f"filter.{field}",
            )
    return said


def _value(condition: Condition) -> JsonScalar | dict[str, JsonScalar | list[JsonScalar]]:
    match condition:
        case Equals(_, value):
            return value
        case AnyOf(_, values):
            return {"any": list[JsonScalar](values)}
        case Exists(_, exists):
            return {"exists": exists}
        case Range():
            bounds = {name: getattr(condition, name) for name in _BOUNDS}
            return {name: bound for name, bound in bounds.items() if bound is not None}


def _conditions(field: str, value: object) -> Iterable[Condition]:
    if not isinstance(value, Mapping):
        return [_equals(field, value)]
    wrong = [name for name in value if name not in ("any", "exists", *_BOUNDS)]
    if wrong or not value:
        raise _refused(field, f"knows no operator '{wrong[0]}'" if wrong else "names no operator")
    found: list[Condition] = []
    if "any" in value:
        found.append(_any_of(field, value["any"]))
    bounds = {name: _number(field, value[name]) for name in _BOUNDS if name in value}
    if bounds:
        found.append(Range(field, **bounds))
    if "exists" in value:
        found.append(_exists(field, value["exists"]))
    return found


def _equals(field: str, value: object) -> Condition:
    if isinstance(value, float):  # equality of floats is a range of one point
        return Range(field, gte=_number(field, value), lte=_number(field, value))
    if isinstance(value, bool | str) or _is_whole(value):
        return Equals(field, value)
    raise _refused(field, f"cannot equal {_shown(value)}")


def _any_of(field: str, values: object) -> AnyOf:
    if isinstance(values, list) and values:
        if all(isinstance(value, str) for value in values):
            return AnyOf(field, tuple(values))
        if all(_is_whole(value) for value in values):
            return AnyOf(field, tuple(values))
    raise _refused(field, "takes for 'any' a list of strings or a list of whole numbers")


def _exists(field: str, value: object) -> Exists:
    if isinstance(value, bool):
        return Exists(field, value)
    raise _refused(field, "takes for 'exists' true or false")


def _number(field: str, value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return value
    raise _refused(field, f"takes a number as a bound, not {_shown(value)}")


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and -_LARGEST <= value < _LARGEST


def _shown(value: object) -> str:
    return json.dumps(value, default=str)[:60]


def _refused(field: str, why: str) -> InvalidInput:
    return InvalidInput(
        f"The filter on '{field}' {why}. Possible are {_GRAMMAR}.", field=f"filter.{field}"
    )
