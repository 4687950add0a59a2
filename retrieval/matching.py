"""Whether a chunk fits a filter, decided here as the stores decide it. Knows no store."""

from domain.documents import Chunk, Scalar
from domain.filters import RESERVED_FIELDS, AnyOf, Condition, Equals, Exists, Filter, Range


def holds(where: Filter, chunk: Chunk) -> bool:
    return all(_holds(condition, values(chunk, condition.field)) for condition in where)


def values(chunk: Chunk, field: str) -> tuple[Scalar, ...]:
    """What a field of it has; a list has several."""
    found = getattr(chunk, field) if field in RESERVED_FIELDS else chunk.metadata.get(field)
    if found is None:
        return ()
    return found if isinstance(found, tuple) else (found,)


def _holds(condition: Condition, found: tuple[Scalar, ...]) -> bool:
    match condition:
        case Equals(_, value):
            return any(type(one) is type(value) and one == value for one in found)
        case AnyOf(_, wanted):
            kind = type(wanted[0])
            return any(type(one) is kind and one in wanted for one in found)
        case Range():
            return any(_within(condition, one) for one in found)
        case Exists(_, exists):
            return bool(found) is exists


def _within(bounds: Range, value: Scalar) -> bool:
    if isinstance(value, bool | str):
        return False
    return (
        (bounds.gte is None or value >= bounds.gte)
        and (bounds.gt is None or value > bounds.gt)
        and (bounds.lte is None or value <= bounds.lte)
        and (bounds.lt is None or value < bounds.lt)
    )
