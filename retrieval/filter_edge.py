"""Filters in the words of `qdrant_edge`. Its twin for a server is `filter_server`.

Aliases of the engine's stubs do not exist at run time: annotations with them are quoted.
"""

from collections.abc import Iterable

import qdrant_edge as edge

from domain.filters import AnyOf, Condition, Equals, Exists, Filter, Range
from retrieval.points import field_path, flag

_EXACT = 2**53


def edge_filter(tenant: str, where: Filter = (), *, other_than: Iterable[str] = ()) -> edge.Filter:
    """The tenant's points for which all conditions hold, but for the ids in `other_than`."""
    must: list[edge.ConditionType] = [_matches("tenant", tenant)]
    must_not: list[edge.ConditionType] = []
    for condition in where:
        wanted = not (isinstance(condition, Exists) and condition.exists)
        (must if wanted else must_not).append(_translated(condition))
    ids: set[edge.PointId] = set(other_than)
    if ids:
        must_not.append(edge.HasIdCondition(ids))
    return edge.Filter(must=must, must_not=must_not)


def _translated(condition: Condition) -> "edge.ConditionType":
    path = field_path(condition.field)
    match condition:
        case Equals(field, bool(value)):
            return _matches("flags", flag(field, value))
        case Equals(_, value):
            return _is(path, value)
        case AnyOf(_, values):
            return _any_of(path, values)
        case Range(_, gte, lte, gt, lt):
            bounds = edge.RangeFloat(gte=gte, gt=gt, lte=lte, lt=lt)
            return edge.FieldCondition(path, range=bounds)
        case Exists():
            return edge.IsEmptyCondition(path)


def _any_of(
    path: str, values: tuple[str, ...] | tuple[int, ...]
) -> edge.FieldCondition | edge.Filter:
    words = [value for value in values if isinstance(value, str)]
    if len(words) == len(values):
        return edge.FieldCondition(path, match=edge.MatchAny(words))
    return edge.Filter(should=[_is(path, value) for value in values])


def _is(path: str, value: str | int) -> edge.FieldCondition:
    """Numbers as ranges, for which there is an index; beyond 2^53 floats are not exact."""
    if isinstance(value, str) or abs(value) > _EXACT:
        return _matches(path, value)
    return edge.FieldCondition(path, range=edge.RangeFloat(gte=value, lte=value))


def _matches(path: str, value: str | int) -> edge.FieldCondition:
    return edge.FieldCondition(path, match=edge.MatchValue(value))
