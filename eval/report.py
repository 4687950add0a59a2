"""One self-contained HTML page: quality, cost and time of systems over sets, and who lost.

Chooses what is told and in which order; eval/sections.py draws it. The page fetches nothing.
"""

from html import escape
from pathlib import Path
from string import Template

from eval import losers, sections
from eval.measures import MAIN
from eval.result import quantile
from eval.story import Story

_PAGE = Path(__file__).parent / "page"


def page(told: Story) -> str:
    measures = [name for name in sections.MEASURES if told.rows(name)]
    parts = (
        _tiles(told),
        sections.quality(told, measures),
        sections.difference(told),
        sections.table(told),
        sections.budgets(told),
        sections.latency(told),
        losers.section(told.pairs, MAIN),
        sections.settings(told),
    )
    style = Template((_PAGE / "report.css").read_text(encoding="utf-8"))
    return Template((_PAGE / "report.html").read_text(encoding="utf-8")).substitute(
        title="Retrieval report",
        style=style.substitute(panels=sections.panels(len(measures))),
        lead=_lead(told),
        made=_made(told),
        sections="\n".join(filter(None, parts)),
    )


def _lead(told: Story) -> str:
    if told.change is None:
        return f"{escape(told.ours)} on {_count(len(told.sets), 'set')}."
    change = told.change.change
    kind, word = ("good", "better") if change.mean > 0 else ("bad", "worse")
    doubt = "" if change.p < sections.SURE else ", may be chance"
    return (
        f'<b>{escape(told.ours)}</b> is <b class="{kind}">{abs(change.mean):.4f} {word}</b> than '
        f"<b>{escape(told.against)}</b> in {MAIN}, over {_count(len(told.pairs), 'set')} "
        f"(p = {change.p:.4f}{doubt})."
    )


def _made(told: Story) -> str:
    results = [result for own in told.results.values() for result in own.values()]
    questions = {result.data: len(result.asked) for result in results}
    embedders = sorted({r.made.settings.get("embed.model", "") for r in results} - {""})
    commits = sorted({r.made.commit for r in results} - {""})
    parts = (
        _count(len(told.results), "system"),
        _count(sum(questions.values()), "question"),
        *embedders,
        *(f"commit {commit}" for commit in commits),
        f"measured until {max(result.made.at for result in results)[:10]}",
    )
    return escape(" · ".join(parts))


def _tiles(told: Story) -> str:
    own = told.results[told.ours]
    scores = [result.measures[MAIN] for result in own.values()]
    tiles = [(f"{sum(scores) / len(scores):.4f}", f"{MAIN} of {told.ours}, mean over sets")]
    if told.pairs:
        won = sum(after.measures[MAIN] >= before.measures[MAIN] for before, after in told.pairs)
        tiles.append((f"{won} of {len(told.pairs)}", f"sets not below {told.against}"))
    times = sorted(time for result in own.values() for time in result.latencies)
    middle, late = quantile(times, 0.5), quantile(times, 0.95)
    if middle is not None and late is not None:
        tiles.append((f"{middle:.1f} ms", f"a question, half of them; 95 % under {late:.1f} ms"))
    tokens = [asked.tokens for one in own.values() for asked in one.asked.values() if asked.tokens]
    recalls = [one.measures["Shown R"] for one in own.values() if "Shown R" in one.measures]
    if tokens and recalls:
        said = f"of the gold is shown, in {sum(tokens) / len(tokens):,.0f} tokens of passages"
        tiles.append((f"{sum(recalls) / len(recalls):.0%}", said))
    drawn = "".join(f'<div class="tile"><b>{a}</b><span>{escape(b)}</span></div>' for a, b in tiles)
    return f'<section class="tiles">{drawn}</section>'


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
