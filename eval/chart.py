"""Plots as HTML and SVG text that scales with the page: dots, intervals, curves, histograms.

Knows numbers, labels and colours' numbers; the colours themselves stand in page/report.css.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

_COLOURS = 8
_BINS = 28
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25)  # between grid lines
_LINES = 6


@dataclass(frozen=True, slots=True)
class Axis:
    low: float
    high: float
    ticks: tuple[float, ...]

    def at(self, value: float) -> str:
        share = (value - self.low) / (self.high - self.low)
        return f"{100 * min(1.0, max(0.0, share)):.2f}%"


@dataclass(frozen=True, slots=True)
class Interval:
    label: str
    value: float
    low: float
    high: float
    sure: bool


@dataclass(frozen=True, slots=True)
class Series:
    """One system: its name and the number of its colour."""

    name: str
    colour: int
    main: bool = False


def axis(values: Iterable[float], *, least: float | None = None, most: float | None = None) -> Axis:
    """From a round number below the values to one above them."""
    known = list(values) or [0.0]
    low, high = min(known), max(known)
    step = next((one for one in _STEPS if (high - low) / one <= _LINES), _STEPS[-1])
    start = math.floor(low / step - 1e-9) * step
    end = math.ceil(high / step + 1e-9) * step
    start = start if least is None else max(start, least)
    end = end if most is None else min(end, most)
    count = round((end - start) / step)
    return Axis(start, end, tuple(start + step * number for number in range(count + 1)))


def style(series: Series) -> str:
    return f"--c:var(--s{series.colour % _COLOURS})"


def legend(series: Iterable[Series]) -> str:
    keys = "".join(
        f'<li style="{style(one)}"{_main(one)}><i></i>{escape(one.name)}</li>' for one in series
    )
    return f'<ul class="legend">{keys}</ul>'


def dots(rows: Mapping[str, Mapping[Series, float]]) -> str:
    """A row a set, a lane a system."""
    scale = axis((value for row in rows.values() for value in row.values()), least=0.0, most=1.0)
    drawn = [
        f'<div class="row"><span class="name">{escape(name)}</span>'
        f'<div class="lanes">{_grid(scale)}{"".join(_lane(scale, *one) for one in row.items())}'
        "</div></div>"
        for name, row in rows.items()
    ]
    return f'<div class="plot dots">{"".join(drawn)}{_labels(scale)}</div>'


def intervals(rows: Sequence[Interval]) -> str:
    """Differences with the range in which they may lie; nothing is at zero."""
    edges = [edge for row in rows for edge in (row.low, row.high)]
    scale = axis([*edges, 0.0])
    zero = f'<b class="zero" style="left:{scale.at(0.0)}"></b>'
    drawn = [
        f'<div class="row"><span class="name">{escape(row.label)}</span>'
        f'<div class="lanes"{_tip(row)}>{_grid(scale)}{zero}{_whisker(scale, row)}</div>'
        f'<span class="figure">{row.value:+.4f}</span></div>'
        for row in rows
    ]
    return f'<div class="plot intervals">{"".join(drawn)}{_labels(scale, signed=True)}</div>'


def curve(title: str, lines: Mapping[Series, Sequence[tuple[float, float]]]) -> str:
    """Shares of one over amounts, each double the one before: so they stand at equal distances."""
    amounts = sorted({x for line in lines.values() for x, _ in line})
    across = Axis(0.0, max(1.0, len(amounts) - 1.0), ())
    up = axis((y for line in lines.values() for _, y in line), least=0.0, most=1.0)
    places = {amount: float(place) for place, amount in enumerate(amounts)}
    drawn = "".join(
        _line(across, up, series, [(places[x], y) for x, y in line])
        for series, line in sorted(
            lines.items(), key=lambda one: one[0].main
        )  # the main one on top
    )
    grid = "".join(f'<b style="bottom:{up.at(y)}"><u>{y:.2f}</u></b>' for y in up.ticks)
    ticks = "".join(
        f'<u style="left:{across.at(place)}">{x / 1000:g}k</u>' for x, place in places.items()
    )
    return (
        f'<figure class="curve"><figcaption>{escape(title)}</figcaption><div class="area">{grid}'
        f'<svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">{drawn}</svg>'
        f'</div><div class="across">{ticks}</div></figure>'
    )


def histogram(series: Series, values: Sequence[float], low: float, high: float, said: str) -> str:
    """Of positive values, over a logarithmic axis that several may share."""
    width = math.log(high / low) or 1.0
    counts = [0] * _BINS
    for value in values:
        counts[min(_BINS - 1, max(0, int(math.log(value / low) / width * _BINS)))] += 1
    most = max(counts) or 1
    bars = "".join(f'<i style="height:{100 * count / most:.1f}%"></i>' for count in counts)
    ticks = "".join(
        f'<u style="left:{100 * math.log(tick / low) / width:.2f}%">{tick:g}</u>'
        for tick in _decades(low, high)
    )
    return (
        f'<figure class="histogram" style="{style(series)}"><figcaption>{escape(series.name)}'
        f'<small>{escape(said)}</small></figcaption><div class="bars">{bars}</div>'
        f'<div class="across">{ticks}</div></figure>'
    )


def _decades(low: float, high: float) -> list[float]:
    start, end = math.floor(math.log10(low)), math.ceil(math.log10(high))
    few = end - start <= 2  # noqa: PLR2004  decades: then there is room between them
    steps = (1, 2, 5) if few else (1,)
    ticks = [step * 10.0**power for power in range(start, end + 1) for step in steps]
    return [tick for tick in ticks if low <= tick <= high]


def _lane(scale: Axis, series: Series, value: float) -> str:
    return (
        f'<div class="lane" style="{style(series)}"{_main(series)}'
        f' title="{escape(series.name)} {value:.4f}"><s style="width:{scale.at(value)}"></s>'
        f'<i style="left:{scale.at(value)}"></i></div>'
    )


def _whisker(scale: Axis, row: Interval) -> str:
    kind = "unsure" if not row.sure else "gain" if row.value > 0 else "loss"
    left, right = float(scale.at(row.low)[:-1]), float(scale.at(row.high)[:-1])
    return (
        f'<s class="{kind}" style="left:{left:.2f}%;width:{right - left:.2f}%"></s>'
        f'<i class="{kind}" style="left:{scale.at(row.value)}"></i>'
    )


def _line(across: Axis, up: Axis, series: Series, line: Sequence[tuple[float, float]]) -> str:
    points = [f"{float(across.at(x)[:-1]):.2f},{100 - float(up.at(y)[:-1]):.2f}" for x, y in line]
    marks = "".join(f'<path d="M{point}l0,0" class="mark"/>' for point in points)
    return (
        f'<g style="{style(series)}"{_main(series)}><polyline points="{" ".join(points)}"/>'
        f"{marks}</g>"
    )


def _grid(scale: Axis) -> str:
    return "".join(f'<b style="left:{scale.at(tick)}"></b>' for tick in scale.ticks)


def _labels(scale: Axis, *, signed: bool = False) -> str:
    ticks = "".join(
        f'<u style="left:{scale.at(tick)}">{tick + 0.0:{"+.2f" if signed else ".2f"}}</u>'
        for tick in scale.ticks
    )
    return f'<div class="row"><span class="name"></span><div class="across">{ticks}</div></div>'


def _tip(row: Interval) -> str:
    return f' title="{row.value:+.4f}, 95 %: {row.low:+.4f} to {row.high:+.4f}"'


def _main(series: Series) -> str:
    return ' data-main=""' if series.main else ""
