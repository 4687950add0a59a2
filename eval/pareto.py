"""What no other choice beats: the cells of a sweep by ranking, what is shown, time and tokens.

Takes results; draws nothing. What differs by little is alike: no clock is finer.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from domain.errors import InvalidInput
from eval.result import Result, quantile
from eval.sweep import Measured
from eval.sweep_grid import NOW, Axes, Cell

_SAME_SHOWN, _SAME_TIME, _SAME_TOKENS = 0.005, 1.05, 1.01


@dataclass(frozen=True, slots=True)
class Point:
    """One cell: means over the sets, each counting alike."""

    name: str
    values: Mapping[str, str]
    quality: float
    by_set: Mapping[str, float]
    recall: float  # R@10
    shown: float  # share of the gold that is shown: of its characters, or of its documents
    ms_p50: float  # without the vector of the question
    ms_p95: float
    tokens: float  # shown
    front: bool = False


@dataclass(frozen=True, slots=True)
class Effect:
    """What one value of a setting comes to, on average over all other settings."""

    name: str
    value: str
    quality: float
    shown: float
    ms_p50: float
    tokens: float


@dataclass(frozen=True, slots=True)
class Swept:
    measure: str
    sets: Mapping[str, int]  # questions
    points: tuple[Point, ...]  # the best first
    effects: tuple[Effect, ...]
    measured: int  # results, a data set and cell each
    kept: int  # of them, those that were there before
    chunks: int
    embedded: int  # of these, those whose vectors had to be made
    page: str  # the picture


def swept(cells: Sequence[Cell], over: Axes, measured: Measured, by: str, page: str) -> Swept:
    results = measured.results
    found = points(cells, results, by)
    return Swept(
        measure=by,
        sets={name: len(own[NOW].asked) for name, own in results.items()},
        points=found,
        effects=tuple(_effects(found, over)),
        measured=sum(map(len, results.values())),
        kept=measured.kept,
        chunks=measured.chunks,
        embedded=measured.embedded,
        page=page,
    )


def points(
    cells: Sequence[Cell], results: Mapping[str, Mapping[str, Result]], by: str
) -> tuple[Point, ...]:
    found = [
        _point(cell, {name: own[cell.name] for name, own in results.items()}, by) for cell in cells
    ]
    return marked(sorted(found, key=lambda one: (-one.quality, one.name != NOW, one.ms_p50)))


def marked(found: Iterable[Point]) -> tuple[Point, ...]:
    """With those on the front that nothing before them equals. `found`: the best first."""
    front: list[Point] = []
    every = []
    for one in found:
        first = not any(_as_good(other, one) for other in front)
        every.append(replace(one, front=first))
        front += [one] if first else []
    return tuple(every)


def _as_good(one: Point, other: Point) -> bool:
    """Where its ranking is."""
    return (
        one.shown >= other.shown - _SAME_SHOWN
        and one.ms_p50 <= other.ms_p50 * _SAME_TIME
        and one.tokens <= other.tokens * _SAME_TOKENS
    )


def _point(cell: Cell, results: Mapping[str, Result], by: str) -> Point:
    by_set = {name: _score(result, by) for name, result in results.items()}
    times = [result.latencies for result in results.values()]
    return Point(
        name=cell.name,
        values=cell.values,
        quality=_mean(by_set.values()),
        by_set=by_set,
        recall=_mean(result.measures["R@10"] for result in results.values()),
        shown=_mean(
            result.measures.get("Span R", result.measures["Shown R"]) for result in results.values()
        ),
        ms_p50=_mean(quantile(own, 0.5) or 0.0 for own in times),
        ms_p95=_mean(quantile(own, 0.95) or 0.0 for own in times),
        tokens=_mean(
            _mean(asked.tokens or 0 for asked in result.asked.values())
            for result in results.values()
        ),
    )


def _score(result: Result, by: str) -> float:
    if by not in result.measures:
        known = ", ".join(result.measures)
        raise InvalidInput(f"{result.data} has no '{by}'; it has {known}.", field="by")
    return result.measures[by]


def _effects(found: Sequence[Point], over: Axes) -> Iterator[Effect]:
    for name in over:
        values = dict.fromkeys(one.values[name] for one in found if name in one.values)
        for value in sorted(values, key=_order):
            own = [one for one in found if one.values.get(name) == value]
            yield Effect(
                name,
                value,
                _mean(one.quality for one in own),
                _mean(one.shown for one in own),
                _mean(one.ms_p50 for one in own),
                _mean(one.tokens for one in own),
            )


def _order(value: str) -> tuple[float, str]:
    """Numbers by size, then words."""
    try:
        return float(value), ""
    except ValueError:
        return float("inf"), value


def _mean(values: Iterable[float]) -> float:
    known = list(values)
    return sum(known) / len(known)
