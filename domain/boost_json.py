"""The JSON form of boosts, and back: one of these, or a list of them.

    {"decay": {"field": "date", "half_life_days": 90, "weight": 0.3}}     the newer, the higher
    {"when": {"team": "ops"}, "add": 0.5}                                 a filter, and a gain

`weight` and `add` are in standard deviations of the candidates' scores, and may be negative.
A decay may say `at`, a date that counts as now. Knows nothing of how it is applied.
"""

import json
import math
from collections.abc import Mapping
from datetime import datetime

from domain.boosts import Boost, Boosts, Decay, When
from domain.errors import InvalidInput
from domain.filter_json import FilterJson, filter_from_json, filter_to_json

BoostJson = dict[str, dict[str, str | float] | FilterJson | float]

_GRAMMAR = (
    '{"decay": {"field": name, "half_life_days": number, "weight": number, "at": date}} '
    '(`at` may be left out), {"when": filter, "add": number}, or a list of these'
)
_DECAY = frozenset({"field", "half_life_days", "weight", "at"})


def boosts_from_json(data: object) -> Boosts:
    return tuple(map(_boost, data if isinstance(data, list) else [data]))


def boosts_to_json(boosts: Boosts) -> list[BoostJson]:
    return [_said(boost) for boost in boosts]


def _said(boost: Boost) -> BoostJson:
    if isinstance(boost, When):
        return {"when": filter_to_json(boost.where), "add": boost.add}
    decay: dict[str, str | float] = {
        "field": boost.field,
        "half_life_days": boost.half_life_days,
        "weight": boost.weight,
    }
    return {"decay": decay | ({"at": boost.at} if boost.at else {})}


def _boost(data: object) -> Boost:
    match data:
        case {"decay": Mapping() as decay, **rest} if not rest:
            return _decay(decay)
        case {"when": where, "add": add, **rest} if not rest:
            return When(filter_from_json(where), _number(add, "add"))
    raise _refused(f"{_shown(data)} is none")


def _decay(data: Mapping[str, object]) -> Decay:
    if wrong := sorted(set(data) - _DECAY):
        raise _refused(f"a decay knows no '{wrong[0]}'")
    field, at = data.get("field"), data.get("at", "")
    if not isinstance(field, str) or not field:
        raise _refused(f"the field of a decay is a name, not {_shown(field)}")
    half_life = _number(data.get("half_life_days"), "half_life_days")
    if half_life <= 0:
        raise _refused(f"half_life_days is more than 0, not {half_life:g}")
    return Decay(field, half_life, _number(data.get("weight"), "weight"), _date(at))


def _date(value: object) -> str:
    if isinstance(value, str):
        try:
            return value if not value or datetime.fromisoformat(value) else ""
        except ValueError:
            pass
    raise _refused(f"at is a date such as 2026-01-31, not {_shown(value)}")


def _number(value: object, name: str) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return value
    raise _refused(f"{name} is a number, not {_shown(value)}")


def _shown(value: object) -> str:
    return json.dumps(value, default=str)[:60]


def _refused(why: str) -> InvalidInput:
    return InvalidInput(f"A boost cannot be read: {why}. Possible are {_GRAMMAR}.", field="boost")
