"""What a budget of tokens buys: how much of the gold would be shown to the model.

What is shown is what the service selects; the curve takes hits in their order until the budget
is full. Gold is documents, or spans of characters. A gold span that is in no ingested text
counts as missed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from domain.hits import Hit
from eval.labels import Span

BUDGETS = (500, 1000, 2000, 4000, 8000)  # tokens
_Stretches = Mapping[str, Sequence[tuple[int, int]]]  # by source


@dataclass(frozen=True, slots=True)
class Gold:
    documents: frozenset[str]
    spans: tuple[Span, ...] = ()  # placed in the ingested texts


@dataclass(frozen=True, slots=True)
class Shown:
    """Of one question."""

    tokens: int
    measures: Mapping[str, float]


def shown(kept: Sequence[Hit], hits: Sequence[Hit], gold: Gold) -> Shown:
    """`kept`: what the service would show of `hits`; the curve goes on beyond that."""
    measures = {"Shown R": document_recall(kept, gold.documents)}
    if gold.spans:
        measures["Span R"], measures["Span P"] = span_scores(kept, gold.spans)
    for budget in BUDGETS:
        within = _within(hits, budget)
        measures[f"R@{budget}t"] = document_recall(within, gold.documents)
        if gold.spans:
            measures[f"Span R@{budget}t"] = span_scores(within, gold.spans)[0]
    return Shown(sum(hit.chunk.tokens for hit in kept), measures)


def _within(hits: Sequence[Hit], budget: int) -> list[Hit]:
    """As many as fit, each text once."""
    taken: dict[str, Hit] = {}
    for hit in hits:
        if hit.chunk.text not in taken and hit.chunk.tokens <= budget:
            taken[hit.chunk.text] = hit
            budget -= hit.chunk.tokens
    return list(taken.values())


def document_recall(hits: Iterable[Hit], gold: frozenset[str]) -> float:
    return len(gold & {hit.chunk.source for hit in hits}) / len(gold) if gold else 0.0


def span_scores(hits: Sequence[Hit], gold: Sequence[Span]) -> tuple[float, float]:
    """Recall and precision in characters. What is shown twice is paid for twice."""
    wanted = _united((span.source, span.start, span.end) for span in gold)
    seen = _united((hit.chunk.source, hit.chunk.start, hit.chunk.end) for hit in hits)
    common = sum(_common(wanted[source], seen.get(source, ())) for source in wanted)
    paid = sum(hit.chunk.end - hit.chunk.start for hit in hits)
    return common / sum(map(_length, wanted.values())), common / paid if paid else 0.0


def _united(stretches: Iterable[tuple[str, int, int]]) -> _Stretches:
    """Without overlaps, in order."""
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for source, start, end in sorted(stretches):
        own = found[source]
        if own and start <= own[-1][1]:
            own[-1] = (own[-1][0], max(end, own[-1][1]))
        else:
            own.append((start, end))
    return found


def _common(one: Sequence[tuple[int, int]], other: Sequence[tuple[int, int]]) -> int:
    return sum(
        max(0, min(end, end_) - max(start, start_)) for start, end in one for start_, end_ in other
    )


def _length(stretches: Sequence[tuple[int, int]]) -> int:
    return sum(end - start for start, end in stretches)
