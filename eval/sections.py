"""The parts of the report's page: what is plotted, and what is said beside it.

Knows results by way of the story; how a plot looks stands in eval/chart.py and page/.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape

from eval import chart
from eval.budget import BUDGETS
from eval.chart import Interval, Series
from eval.compare import Pair
from eval.measures import MAIN
from eval.result import Result, quantile
from eval.story import Story, main_change

MEASURES = (MAIN, "RR@10", "AP", "R@10", "R@100", "P@5", "P@10", "Shown R", "Span R", "Span P")
SURE = 0.05


def panels(number: int) -> str:
    """The rule of the style sheet that shows the chosen measure."""
    chosen = ", ".join(f"#m{one}:checked ~ .p{one}" for one in range(number))
    return f"{chosen} {{ display: block; }}"


def quality(told: Story, measures: Sequence[str]) -> str:
    inputs = "".join(
        f'<input type="radio" name="m" id="m{number}"{" checked" * (not number)}>'
        f'<label for="m{number}">{escape(name)}</label>'
        for number, name in enumerate(measures)
    )
    panels = "".join(
        f'<div class="panel p{number}">{chart.dots(told.rows(name))}</div>'
        for number, name in enumerate(measures)
    )
    keys = chart.legend(told.series)
    return f'<section><h2>Quality</h2>{keys}<div class="chooser">{inputs}{panels}</div></section>'


def difference(told: Story) -> str:
    if not told.pairs:
        return ""
    named: list[tuple[str, Sequence[Pair]]] = [(pair[1].data, [pair]) for pair in told.pairs]
    if len(told.pairs) > 1:
        named.append(("all, alike", told.pairs))
    rows = [_interval(name, pairs) for name, pairs in named]
    title = f"{MAIN}: {told.ours} – {told.against}"
    return (
        f"<section><h2>{escape(title)}</h2>"
        '<p class="note">With the range in which the difference lies at 95 % (bootstrap over '
        "questions). Grey: may be chance (paired randomisation test, p of .05 or more).</p>"
        f"{chart.intervals(rows)}</section>"
    )


def _interval(name: str, pairs: Sequence[Pair]) -> Interval:
    change = main_change(pairs).change
    return Interval(name, change.mean, change.low, change.high, change.p < SURE)


def table(told: Story) -> str:
    rows = told.rows(MAIN)
    head = "".join(f"<th>{escape(name)}</th>" for name in (*rows, "mean"))
    body = "".join(
        f"<tr><td>{escape(series.name)}</td>{''.join(_cells(series, rows))}</tr>"
        for series in told.series
    )
    return (
        f'<section><h2>{MAIN}</h2><div class="scroll"><table><thead><tr><th></th>{head}</tr>'
        f"</thead><tbody>{body}</tbody></table></div></section>"
    )


def _cells(series: Series, rows: Mapping[str, Mapping[Series, float]]) -> Iterator[str]:
    for row in rows.values():
        value = row.get(series)
        best = ' class="best"' if value == max(row.values()) else ""
        yield f"<td{best}>{'–' if value is None else f'{value:.4f}'}</td>"
    known = [row[series] for row in rows.values() if series in row]
    yield f"<td>{sum(known) / len(known):.4f}</td>" if len(known) == len(rows) else "<td>–</td>"


def budgets(told: Story) -> str:
    figures = "".join((*_curves(told, "R", ""), *_curves(told, "Span R", ", spans")))
    return figures and (
        "<section><h2>What a budget buys</h2>"
        '<p class="note">Share of the gold that is shown within so many tokens of passages.</p>'
        f'{chart.legend(told.series)}<div class="grid">{figures}</div></section>'
    )


def _curves(told: Story, measure: str, kind: str) -> Iterator[str]:
    found = {budget: told.rows(f"{measure}@{budget}t") for budget in BUDGETS}
    for name in told.sets:
        points = [
            (series, float(budget), share)
            for budget, rows in found.items()
            for series, share in rows.get(name, {}).items()
        ]
        lines = {
            series: [(x, y) for drawn, x, y in points if drawn == series]
            for series in told.series
            if any(drawn == series for drawn, _, _ in points)
        }
        if lines:
            yield chart.curve(name + kind, lines)


def latency(told: Story) -> str:
    times = {
        series: sorted(t for one in told.results[series.name].values() for t in one.latencies)
        for series in told.series
    }
    known = {series: own for series, own in times.items() if own}
    if not known:
        return ""
    low, high = min(own[0] for own in known.values()), max(own[-1] for own in known.values())
    figures = "".join(
        chart.histogram(series, own, low, high, _said(told.results[series.name].values(), own))
        for series, own in known.items()
    )
    return (
        "<section><h2>Latency</h2>"
        '<p class="note">Milliseconds a question, over all sets, on a logarithmic axis that all '
        f'share.</p><div class="grid">{figures}</div></section>'
    )


def settings(told: Story) -> str:
    """Only what differs between the systems, then what all share."""
    named = {series.name: _united(told.results[series.name].values()) for series in told.series}
    names = sorted({name for own in named.values() for name in own})
    rows = {name: [own.get(name, "–") for own in named.values()] for name in names}
    head = "".join(f"<th>{escape(name)}</th>" for name in named)
    differing = "".join(_setting(name, own) for name, own in rows.items() if len(set(own)) > 1)
    shared = "".join(_setting(name, own[:1]) for name, own in rows.items() if len(set(own)) == 1)
    return (
        "<section><h2>Settings</h2><details><summary>What differs between the systems</summary>"
        f'<div class="scroll"><table><tr><th></th>{head}</tr>{differing}</table></div></details>'
        "<details><summary>What all share</summary>"
        f'<div class="scroll"><table>{shared}</table></div></details></section>'
    )


def _setting(name: str, values: Sequence[str]) -> str:
    cells = "".join(f'<td class="wide">{escape(value)}</td>' for value in values)
    return f"<tr><td>{escape(name)}</td>{cells}</tr>"


def _united(results: Iterable[Result]) -> dict[str, str]:
    """Of one system over its sets, which may have been measured apart."""
    found: dict[str, dict[str, None]] = {}
    for result in results:
        for name, value in result.made.settings.items():
            found.setdefault(name, {})[value] = None
    return {name: "; ".join(values) for name, values in found.items()}


def _said(results: Iterable[Result], ordered: Sequence[float]) -> str:
    """Median, tail, and where the time goes on average."""
    totals: dict[str, float] = {}
    for result in results:
        for asked in result.asked.values():
            for stage, seconds in (asked.stages or {}).items():
                totals[stage] = totals.get(stage, 0.0) + seconds * 1000 / len(ordered)
    stages = (f"{name} {time:.1f}" for name, time in totals.items())
    middle, late = quantile(ordered, 0.5), quantile(ordered, 0.95)
    return " · ".join((f"p50 {middle:.1f}", f"p95 {late:.1f}", *stages))
