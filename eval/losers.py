"""The losers of a report: questions that are answered worse, with both rankings and their texts."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from eval.compare import Loser, Pair, texts_of, worst
from eval.result import Ranked, Text

_A_SET = 4
_TOP = 5  # of each ranking


def section(pairs: Sequence[Pair], by: str) -> str:
    found = "".join(details for pair in pairs for details in _of(pair, by))
    if not found:
        return ""
    before, after = pairs[0]
    return (
        "<section><h2>Who lost</h2>"
        f'<p class="note">The questions of each set whose {by} fell most from '
        f"{escape(before.config)} to {escape(after.config)}. Marked: judged relevant.</p>"
        f"{found}</section>"
    )


def _of(pair: Pair, by: str) -> Iterator[str]:
    before, after = pair
    lost = worst(pair, by, _A_SET)
    texts = texts_of(pair, lost)
    for loser in lost:
        yield (
            f'<details><summary><span class="fell">{loser.before:.2f} → {loser.after:.2f}</span>'
            f"<span>{escape(loser.question)}</span>"
            f'<span class="set">{escape(after.data)}</span></summary><div class="sides">'
            f"{_ranking(before.config, loser.ranked_before, texts)}"
            f"{_ranking(after.config, loser.ranked_after, texts)}"
            f"{_gold(loser, texts)}</div></details>"
        )


def _ranking(config: str, ranked: Sequence[Ranked], texts: Mapping[str, Text]) -> str:
    items = "".join(_item(one, texts, right=bool(one.grade)) for one in ranked[:_TOP])
    return f"<div><h3>{escape(config)}</h3><ol>{items or '<li>Nothing found.</li>'}</ol></div>"


def _gold(loser: Loser, texts: Mapping[str, Text]) -> str:
    """Only what neither ranking shows: the rest is marked there."""
    shown = {one.document for one in (*loser.ranked_before[:_TOP], *loser.ranked_after[:_TOP])}
    missed = [one for one in loser.gold if one.text or one.document not in shown]
    items = "".join(_item(one, texts, right=True) for one in missed[:_TOP])
    return f"<div><h3>relevant</h3><ul>{items}</ul></div>" if items else ""


def _item(ranked: Ranked, texts: Mapping[str, Text], *, right: bool) -> str:
    text = texts.get(ranked.text or ranked.document, Text("", ""))
    mark = ' class="right"' if right else ""
    title = escape(text.title or ranked.document)
    return f"<li{mark}><b>{title}</b><p>{escape(text.text)}</p></li>"
