"""Scores of rankings, by ir-measures. A query that found nothing scores 0 and counts.

What could be shown within a budget is measured in eval/budget.py.
"""

from collections.abc import Iterable, Mapping

import ir_measures
from ir_measures import AP, RR, Judged, P, R, nDCG

from eval.labels import Qrels
from eval.trec import Ranking

Scores = Mapping[str, float]  # by the measure's usual name
MEASURES = (nDCG @ 10, RR @ 10, AP, R @ 10, R @ 100, P @ 5, P @ 10, Judged @ 10)
MAIN = "nDCG@10"


def measure(qrels: Qrels, ranking: Ranking) -> dict[str, dict[str, float]]:
    """By query: all that are judged, found or not."""
    run = {
        query: {document: float(-rank) for rank, document in enumerate(documents)}
        for query, documents in ranking.items()
        if query in qrels and documents  # judged@10 divides by their number
    }
    scores = {query: {str(measure): 0.0 for measure in MEASURES} for query in qrels}
    for value in ir_measures.iter_calc(MEASURES, qrels, run):
        scores[value.query_id][str(value.measure)] = float(value.value)
    return scores


def means(scores: Iterable[Scores]) -> dict[str, float]:
    """Of each measure over the questions that have it; a ranking has all of them."""
    rows = list(scores)
    names = dict.fromkeys(name for row in rows for name in row)
    known = {name: [row[name] for row in rows if name in row] for name in names}
    return {name: sum(values) / len(values) for name, values in known.items()}
