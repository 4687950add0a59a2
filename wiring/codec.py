"""Domain values to JSON and back: what HTTP, `--json` and commands share."""

from collections.abc import Hashable
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T", bound=Hashable)


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def to_json(value: Hashable) -> bytes:
    return _adapter(type(value)).dump_json(value)


def from_json(kind: type[T], data: str | bytes) -> T:
    value: T = _adapter(kind).validate_json(data)
    return value
