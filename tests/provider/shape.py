"""Whether a request has the shape of an SDK's TypedDict: no field too many, none that is missing.

Knows no vendor. What the types leave open (a schema, metadata) is left open here.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from types import UnionType
from typing import Any, Literal, Required, Union, get_args, get_origin, get_type_hints

from typing_extensions import is_typeddict

Wrong = tuple[str, str]  # the field's path, and what is wrong with it


def wrong(value: object, shape: Any, path: str = "") -> Wrong | None:
    if is_typeddict(shape):
        return _wrong_fields(value, shape, path)
    origin, inside = get_origin(shape), get_args(shape)
    if origin in {Union, UnionType}:
        return _wrong_union(value, inside, path)
    if origin is Literal:
        return None if value in inside else (path, "invalid_value")
    if isinstance(value, list) and inside and origin not in {dict, Mapping}:
        found = (wrong(one, inside[0], f"{path}[{i}]") for i, one in enumerate(value))
        return next((one for one in found if one), None)
    return None if _fits(value, origin or shape) else (path, "invalid_type")


def _wrong_fields(value: object, shape: Any, path: str) -> Wrong | None:
    if not isinstance(value, dict):
        return path, "invalid_type"
    fields = _fields(shape)
    for name, inner in value.items():
        here = f"{path}.{name}".lstrip(".")
        if name not in fields:
            return here, "unknown_parameter"
        if found := wrong(inner, fields[name], here):
            return found
    missing = sorted(_required(shape) - set(value))
    return (f"{path}.{missing[0]}".lstrip("."), "missing_required_parameter") if missing else None


def _wrong_union(value: object, members: Iterable[Any], path: str) -> Wrong | None:
    """The complaint of the member that got furthest."""
    found = [wrong(value, member, path) for member in members]
    if not found or None in found:
        return None
    order = {"invalid_type": 0, "invalid_value": 1, "missing_required_parameter": 2}
    return max((one for one in found if one), key=lambda w: (order.get(w[1], 3), len(w[0])))


def _fits(value: object, kind: Any) -> bool:
    if kind in {Any, object}:
        return True
    if kind is float:
        return isinstance(value, int | float)
    if kind in {Iterable, list} or "Sequence" in str(kind):
        return isinstance(value, list)
    return isinstance(value, kind) if isinstance(kind, type) else value is None


@cache
def _fields(shape: Any) -> dict[str, Any]:
    return get_type_hints(shape)


@cache
def _required(shape: Any) -> frozenset[str]:
    """Read from the annotations: as texts, which the SDKs' are, they do not count for the type."""
    hints = get_type_hints(shape, include_extras=True)
    return frozenset(name for name, hint in hints.items() if get_origin(hint) is Required)
