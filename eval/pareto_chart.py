"""A picture of points over two amounts, as HTML that scales with the page.

Knows numbers and what is said of them; colours stand in page/sweep.css.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from eval.chart import Axis

_LINES = 6
_ROOM = 0.06  # of the range, on either side


@dataclass(frozen=True, slots=True)
class Dot:
    across: float
    up: float
    number: int | None  # of those that count
    ringed: bool
    said: str


def scale(values: Iterable[float]) -> Axis:
    """Over all values, with round numbers as ticks."""
    known = list(values)
    low, high = min(known), max(known)
    room = (high - low) * _ROOM or abs(high) * _ROOM or 1.0
    low, high = low - room, high + room
    step = _step((high - low) / _LINES)
    ticks = (step * n for n in range(math.ceil(low / step), math.floor(high / step) + 1))
    return Axis(low, high, tuple(ticks))


def scatter(title: str, dots: Sequence[Dot]) -> str:
    across, up = scale(dot.across for dot in dots), scale(dot.up for dot in dots)
    grid = "".join(f'<b style="bottom:{up.at(y)}"><u>{_said(y, up)}</u></b>' for y in up.ticks)
    ticks = "".join(f'<u style="left:{across.at(x)}">{_said(x, across)}</u>' for x in across.ticks)
    ordered = sorted(dots, key=lambda dot: (dot.number is not None, dot.ringed, -(dot.number or 0)))
    drawn = "".join(_dot(across, up, dot) for dot in ordered)
    return (
        f'<figure class="scatter"><div class="area">{grid}{drawn}</div>'
        f'<div class="across">{ticks}</div><figcaption>{escape(title)}</figcaption></figure>'
    )


def _dot(across: Axis, up: Axis, dot: Dot) -> str:
    kind = "front" if dot.number is not None else "behind"
    ring = " ringed" if dot.ringed else ""
    number = "" if dot.number is None else str(dot.number)
    return (
        f'<i class="{kind}{ring}" style="left:{across.at(dot.across)};bottom:{up.at(dot.up)}"'
        f' title="{escape(dot.said)}">{number}</i>'
    )


def _step(least: float) -> float:
    """The next of 1, 2, 5, 10 … from here."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= least * (1 - 1e-9))


def _said(value: float, axis: Axis) -> str:
    step = axis.ticks[1] - axis.ticks[0] if len(axis.ticks) > 1 else abs(value) or 1.0
    return f"{value:,.{max(0, -math.floor(math.log10(step) + 1e-9))}f}"
