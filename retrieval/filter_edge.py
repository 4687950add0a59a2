"""Filters in the words of `qdrant_edge`. Its twin for a server is `filter_server`.

Aliases of the engine's stubs do not exist at run time: annotations with them are quoted.
"""

from collections.abc import Iterable
from typing import cast

import qdrant_edge as edge

from domain.filters import AnyOf, Condition, Equals, Exists, Filter, Range
from retrieval.points import field_path, flag


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
            return _matches(path, value)
        case AnyOf(_, values):
            return edge.FieldCondition(
                path, match=edge.MatchAny(cast("list[str] | list[int]", list(values)))
            )
        case Range(_, gte, lte, gt, lt):
            bounds = edge.RangeFloat(gte=gte, gt=gt, lte=lte, lt=lt)
            return edge.FieldCondition(path, range=bounds)
        case Exists():
            return edge.IsEmptyCondition(path)


def _matches(path: str, value: str | int) -> edge.FieldCondition:
    return edge.FieldCondition(path, match=edge.MatchValue(value))
