"""Chooses settings so that the choice can be believed: on all sets but one, looked at on that one.

A candidate that is surely below what is set on any of the others is not chosen. With one set,
its questions are dealt into folds, which stand for sets. Takes results; measures nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from domain.errors import InvalidInput
from eval import tune_env
from eval.pareto import Point
from eval.result import Result
from eval.significance import Change, changes
from eval.sweep_grid import NOW

if TYPE_CHECKING:
    from eval.significance import Differences

FOLDS = 5
_SURE = 0.05
_ALIKE = 4  # decimals of a mean gain


@dataclass(frozen=True, slots=True)
class Part:
    """A set, or a fold of one: what each candidate changes for each of its questions."""

    name: str
    differences: "Differences"  # a row a question, a column a candidate
    before: float  # mean of what is set


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What the others chose, on the one that they did not see."""

    name: str
    questions: int
    chosen: str
    before: float
    after: float
    change: Change


@dataclass(frozen=True, slots=True)
class Fitted:
    """The final choice on a set, which had its say in it."""

    name: str
    before: float
    after: float
    change: Change


@dataclass(frozen=True, slots=True)
class Tuned:
    measure: str
    over: str  # "sets", or "folds" of the only set
    candidates: int
    left_out: tuple[LeftOut, ...]
    gain: Change  # over all that were left out, each counting alike
    choice: Mapping[str, str]  # what all parts together change; empty: nothing
    variables: tuple[str, ...]  # the same as lines of an environment
    fitted: tuple[Fitted, ...]
    better: bool  # the gain is sure, and nothing that was left out is surely worse


def tune(found: Sequence[Point], results: Mapping[str, Mapping[str, Result]], by: str) -> Tuned:
    """`found`: the candidates, with what is set. Of equals the one that changes least is chosen."""
    now = next(one.values for one in found if one.name == NOW)
    changed = {one.name: _changed(now, one.values) for one in found}
    names = sorted(changed, key=lambda name: (len(changed[name]), name))
    parts = _parts(names, results, by)
    allowed = [_not_worse(part) for part in parts]
    left_out = [_left_out(parts, allowed, number, names) for number in range(len(parts))]
    gain = _change(parts, [names.index(one.chosen) for one in left_out])
    best = _choose(parts, allowed)
    return Tuned(
        measure=by,
        over="sets" if len(results) > 1 else "folds",
        candidates=len(names),
        left_out=tuple(left_out),
        gain=gain,
        choice=changed[names[best]],
        variables=tuple(tune_env.lines(changed[names[best]])),
        fitted=tuple(_fitted(part, best) for part in _by_set(names, results, by)),
        better=gain.mean > 0
        and gain.p < _SURE
        and not any(_surely_worse(one.change) for one in left_out),
    )


def _changed(now: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if now[name] != value}


def _parts(
    names: Sequence[str], results: Mapping[str, Mapping[str, Result]], by: str
) -> list[Part]:
    parts = _by_set(names, results, by)
    if len(parts) > 1:
        return parts
    ((data, own),) = results.items()
    folds = [_part(f"fold {n + 1}", names, own, by, n) for n in range(FOLDS)]
    if any(len(fold.differences) < 2 for fold in folds):  # noqa: PLR2004  one has no spread
        raise InvalidInput(
            f"{data} has {len(own[NOW].asked)} questions, too few for {FOLDS} folds.", field="data"
        )
    return folds


def _by_set(
    names: Sequence[str], results: Mapping[str, Mapping[str, Result]], by: str
) -> list[Part]:
    return [_part(data, names, own, by) for data, own in results.items()]


def _part(
    name: str, names: Sequence[str], own: Mapping[str, Result], by: str, fold: int | None = None
) -> Part:
    queries = [query for query in own[NOW].asked if fold is None or _fold(query) == fold]
    scores = np.array(
        [[own[cell].asked[query].measures[by] for cell in names] for query in queries],
        dtype=np.float64,
    ).reshape(len(queries), len(names))
    before = float(scores[:, 0].mean()) if queries else 0.0
    return Part(name, scores - scores[:, :1], before)


def _fold(query: str) -> int:
    return sha256(query.encode()).digest()[0] % FOLDS


def _not_worse(part: Part) -> list[bool]:
    return [not _surely_worse(change) for change in changes([part.differences])]


def _surely_worse(change: Change) -> bool:
    return change.mean < 0 and change.p < _SURE


def _choose(parts: Sequence[Part], allowed: Sequence[Sequence[bool]]) -> int:
    """The column with the highest mean over the parts; what is set (0) is always allowed."""
    means = [float(one) for one in np.mean([p.differences.mean(axis=0) for p in parts], axis=0)]
    candidates = [n for n in range(len(means)) if all(own[n] for own in allowed)]
    return max(candidates, key=lambda n: (round(means[n], _ALIKE), -n))


def _left_out(
    parts: Sequence[Part], allowed: Sequence[Sequence[bool]], number: int, names: Sequence[str]
) -> LeftOut:
    others = [n for n in range(len(parts)) if n != number]
    chosen = _choose([parts[n] for n in others], [allowed[n] for n in others])
    fitted = _fitted(parts[number], chosen)
    return LeftOut(
        name=fitted.name,
        questions=len(parts[number].differences),
        chosen=names[chosen],
        before=fitted.before,
        after=fitted.after,
        change=fitted.change,
    )


def _fitted(part: Part, column: int) -> Fitted:
    change = _change([part], [column])
    return Fitted(part.name, part.before, part.before + change.mean, change)


def _change(parts: Sequence[Part], columns: Sequence[int]) -> Change:
    (change,) = changes(
        [part.differences[:, [column]] for part, column in zip(parts, columns, strict=True)]
    )
    return change
