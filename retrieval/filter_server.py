"""Filters in the words of `qdrant_client`. Its twin for the embedded engine is `filter_edge`."""

from collections.abc import Iterable

from qdrant_client import models

from domain.filters import AnyOf, Condition, Equals, Exists, Filter, Range
from retrieval.points import field_path, flag

_EXACT = 2**53
HIDDEN = "hidden"  # in the payload of a point that waits for the others of its document


def server_filter(
    tenant: str, where: Filter = (), *, other_than: Iterable[str] = (), hidden: bool = False
) -> models.Filter:
    """The tenant's points for which all conditions hold, but for the ids in `other_than`.

    `hidden`: also points that wait for the others of their document.
    """
    must: list[models.Condition] = [_matches("tenant", tenant)]
    must_not: list[models.Condition] = []
    for condition in where:
        wanted = not (isinstance(condition, Exists) and condition.exists)
        (must if wanted else must_not).append(_translated(condition))
    if ids := list[models.ExtendedPointId](other_than):
        must_not.append(models.HasIdCondition(has_id=ids))
    if not hidden:
        must_not.append(_matches(HIDDEN, value=True))
    return models.Filter(must=must, must_not=must_not)


def _translated(condition: Condition) -> models.Condition:
    path = field_path(condition.field)
    match condition:
        case Equals(field, bool(value)):
            return _matches("flags", flag(field, value))
        case Equals(_, value):
            return _is(path, value)
        case AnyOf(_, values):
            return _any_of(path, values)
        case Range(_, gte, lte, gt, lt):
            bounds = models.Range(gte=gte, gt=gt, lte=lte, lt=lt)
            return models.FieldCondition(key=path, range=bounds)
        case Exists():
            return models.IsEmptyCondition(is_empty=models.PayloadField(key=path))


def _any_of(
    path: str, values: tuple[str, ...] | tuple[int, ...]
) -> models.FieldCondition | models.Filter:
    words = [value for value in values if isinstance(value, str)]
    if len(words) == len(values):
        return models.FieldCondition(key=path, match=models.MatchAny(any=words))
    return models.Filter(should=[_is(path, value) for value in values])


def _is(path: str, value: str | int) -> models.FieldCondition:
    """Numbers as ranges, for which there is an index; beyond 2^53 floats are not exact."""
    if isinstance(value, str) or abs(value) > _EXACT:
        return _matches(path, value)
    return models.FieldCondition(key=path, range=models.Range(gte=value, lte=value))


def _matches(path: str, value: str | int) -> models.FieldCondition:
    return models.FieldCondition(key=path, match=models.MatchValue(value=value))
