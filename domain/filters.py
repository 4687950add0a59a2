"""Typed metadata filters. The grammar of their JSON form stands in `domain/filter_json.py`."""

from dataclasses import dataclass

from domain.documents import Scalar


@dataclass(frozen=True, slots=True)
class Equals:
    field: str
    value: str | int | bool


@dataclass(frozen=True, slots=True)
class AnyOf:
    field: str
    values: tuple[str, ...] | tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers; a bound left out is open."""

    field: str
    gte: float | None = None
    lte: float | None = None
    gt: float | None = None
    lt: float | None = None


@dataclass(frozen=True, slots=True)
class Exists:
    field: str
    exists: bool = True


Condition = Equals | AnyOf | Range | Exists
Filter = tuple[Condition, ...]  # all must hold; () is everything

RESERVED_FIELDS = ("source", "document_id", "title", "page")  # of every chunk, beside its metadata

__all__ = ["RESERVED_FIELDS", "AnyOf", "Condition", "Equals", "Exists", "Filter", "Range", "Scalar"]
