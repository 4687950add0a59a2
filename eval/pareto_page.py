"""One self-contained HTML page of a sweep: the front as pictures and tables. Fetches nothing."""

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from string import Template

from eval.pareto import Point, Swept
from eval.pareto_chart import Dot, scatter
from eval.sweep_grid import NOW

_PAGE = Path(__file__).parent / "page"


def page(found: Swept) -> str:
    numbers = {one.name: n for n, one in enumerate((p for p in found.points if p.front), start=1)}
    style = Template((_PAGE / "report.css").read_text(encoding="utf-8")).substitute(panels="")
    style += (_PAGE / "sweep.css").read_text(encoding="utf-8")
    return Template((_PAGE / "report.html").read_text(encoding="utf-8")).substitute(
        title="Sweep",
        style=style,
        lead=_lead(found),
        made=escape(" · ".join(f"{name}, {n:,} questions" for name, n in found.sets.items())),
        sections="\n".join(
            (_pictures(found, numbers), _front(found, numbers), _effects(found), _all(found))
        ),
    )


def _lead(found: Swept) -> str:
    best, now = found.points[0], next(one for one in found.points if one.name == NOW)
    gain = best.quality - now.quality
    said = (
        f"<b>{len(found.points):,} combinations</b>, of which "
        f"{sum(one.front for one in found.points)} are beaten by none in ranking, gold shown, time "
        f"and tokens together. What is set has {found.measure} {now.quality:.4f}"
    )
    return f"{said} and is the best." if best is now else f"{said}; the best has {gain:+.4f}."


def _pictures(found: Swept, numbers: dict[str, int]) -> str:
    def dots(across: Callable[[Point], float], up: Callable[[Point], float]) -> list[Dot]:
        return [
            Dot(across(one), up(one), numbers.get(one.name), one.name == NOW, _said(found, one))
            for one in found.points
        ]

    over_time = scatter(
        f"{found.measure} over milliseconds a question (median)",
        dots(lambda one: one.ms_p50, lambda one: one.quality),
    )
    over_tokens = scatter(
        "share of the gold that is shown, over tokens shown",
        dots(lambda one: one.tokens, lambda one: one.shown),
    )
    return (
        "<section><h2>What it gives, and what it costs</h2>"
        '<p class="note">Upwards is better, to the left is cheaper. Numbered: no other is as good '
        "in all four. Ringed: what is set. Time is without the vector of the question, which is "
        "the same for all.</p>"
        f'<div class="pair">{over_time}{over_tokens}</div></section>'
    )


def _front(found: Swept, numbers: dict[str, int]) -> str:
    shown = [one for one in found.points if one.front or one.name == NOW]
    return f"<section><h2>Beaten by none</h2>{_table(found, shown, numbers)}</section>"


def _all(found: Swept) -> str:
    return (
        "<section><h2>All combinations</h2><details><summary>The best first</summary>"
        f"{_table(found, found.points, {})}</details></section>"
    )


def _effects(found: Swept) -> str:
    rows = "".join(
        f"<tr><td>{escape(one.name)}</td><td>{escape(one.value)}</td><td>{one.quality:.4f}</td>"
        f"<td>{one.shown:.4f}</td><td>{one.ms_p50:.1f}</td><td>{one.tokens:,.0f}</td></tr>"
        for one in found.effects
    )
    return (
        '<section><h2>Each value by itself</h2><p class="note">On average over all values of the '
        'other settings.</p><div class="scroll"><table><thead><tr><th>setting</th><th></th>'
        f"<th>{escape(found.measure)}</th><th>gold shown</th><th>p50 ms</th><th>tokens</th></tr>"
        f"</thead><tbody>{rows}</tbody></table></div></section>"
    )


def _table(found: Swept, shown: Sequence[Point], numbers: dict[str, int]) -> str:
    names = list(dict.fromkeys(effect.name for effect in found.effects))
    heads = ["", *names, found.measure, "R@10", "gold shown", "p50 ms", "p95 ms", "tokens"]
    heads += found.sets if len(found.sets) > 1 else ()
    head = "".join(f"<th>{escape(one)}</th>" for one in heads)
    rows = "".join(_row(found, one, names, numbers) for one in shown)
    return (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody>'
        "</table></div>"
    )


def _row(found: Swept, one: Point, names: Sequence[str], numbers: dict[str, int]) -> str:
    mark = f'<b class="number">{numbers[one.name]}</b>' if one.name in numbers else ""
    cells = [
        f"{mark}{' now' if one.name == NOW else ''}",
        *(escape(one.values.get(name, "–")) for name in names),
        f"{one.quality:.4f}",
        f"{one.recall:.4f}",
        f"{one.shown:.4f}",
        f"{one.ms_p50:.1f}",
        f"{one.ms_p95:.1f}",
        f"{one.tokens:,.0f}",
        *(f"{own:.4f}" for own in (one.by_set.values() if len(found.sets) > 1 else ())),
    ]
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _said(found: Swept, one: Point) -> str:
    return (
        f"{one.name}: {found.measure} {one.quality:.4f}, {one.ms_p50:.1f} ms; "
        f"{one.shown:.0%} of the gold in {one.tokens:,.0f} tokens"
    )
