"""Scores of a run, by ir-measures. A query that found nothing scores 0."""

from collections.abc import Mapping

import ir_measures
from ir_measures import RR, R, nDCG

from eval.data import Qrels

Run = Mapping[str, Mapping[str, float]]  # query → document → score
MEASURES = (nDCG @ 10, RR @ 10, R @ 10, R @ 100)


def measure(qrels: Qrels, run: Run) -> dict[str, float]:
    """Means over all judged queries, by the measures' usual names."""
    sums = {str(measure): 0.0 for measure in MEASURES}
    for value in ir_measures.iter_calc(MEASURES, qrels, run):
        sums[str(value.measure)] += value.value
    return {name: total / len(qrels) for name, total in sums.items()}
