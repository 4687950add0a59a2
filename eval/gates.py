"""What a release may not fall below: eval/gates.toml, held against a comparison.

[floor.SET] names the least mean of a measure; [fall.SET] how far it may fall below the other
system's. SET may be "*": every set. A gate is about means, so that it is never open to chance
alone: leave room for it.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from domain.errors import InvalidInput
from eval.compare import Comparison, Pair

_EVERY = "*"
_Limits = Mapping[str, float]  # by measure


class Gates(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    floor: Mapping[str, _Limits] = {}
    fall: Mapping[str, _Limits] = {}


@dataclass(frozen=True, slots=True)
class Verdict:
    broken: tuple[str, ...]
    held: int
    idle: tuple[str, ...]  # gates of what was not measured


@dataclass(frozen=True, slots=True)
class Checked:
    comparison: Comparison
    gates: Verdict


def read_gates(path: Path) -> Gates:
    try:
        return Gates.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.", field="gates") from error
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise InvalidInput(f"{path} holds no gates: {error}", field="gates") from error


def check(gates: Gates, found: Sequence[Pair]) -> Verdict:
    said = [one for pair in found for one in (*_floors(gates, pair), *_falls(gates, pair))]
    measured = {after.data for _, after in found}
    named = {*gates.floor, *gates.fall} - {_EVERY}
    broken = tuple(one for one in said if one)
    idle = (*sorted(named - measured), *_nowhere(gates, found))
    return Verdict(broken, len(said) - len(broken), idle)


def _nowhere(gates: Gates, found: Sequence[Pair]) -> Iterator[str]:
    """Gates of every set whose measure no set has: rankings and answers have their own."""
    measured = {name for pair in found for result in pair for name in result.measures}
    general = gates.floor.get(_EVERY, {}).keys() | gates.fall.get(_EVERY, {}).keys()
    return (f"{name} of any set" for name in sorted(general - measured))


def _floors(gates: Gates, pair: Pair) -> Iterator[str]:
    """What each gate has to say; nothing, when it is held."""
    after = pair[1]
    for measure, least in _for(gates.floor, pair).items():
        value = after.measures.get(measure)
        if value is None:
            yield f"{after.data}: '{measure}' was not measured; there are {_known(pair)}."
        elif value < least:
            yield (
                f"{after.data}: {measure} of '{after.config}' is {value:.4f}, at least "
                f"{least:.4f} is asked."
            )
        else:
            yield ""


def _falls(gates: Gates, pair: Pair) -> Iterator[str]:
    before, after = pair
    for measure, most in _for(gates.fall, pair).items():
        if measure not in before.measures or measure not in after.measures:
            yield f"{after.data}: '{measure}' was not measured; there are {_known(pair)}."
        elif (fall := before.measures[measure] - after.measures[measure]) > most:
            yield (
                f"{after.data}: {measure} falls by {fall:.4f}, from {before.measures[measure]:.4f} "
                f"of '{before.config}' to {after.measures[measure]:.4f} of '{after.config}'; "
                f"{most:.4f} is allowed."
            )
        else:
            yield ""


def _for(limits: Mapping[str, _Limits], pair: Pair) -> _Limits:
    """What holds for every set holds where it is measured: of answers it is not the same."""
    before, after = pair
    measured = before.measures.keys() | after.measures.keys()
    general = limits.get(_EVERY, {}).items()
    known = {name: limit for name, limit in general if name in measured}
    return {**known, **limits.get(after.data, {})}


def _known(pair: Pair) -> str:
    return ", ".join(name for name in pair[1].measures if name in pair[0].measures)
