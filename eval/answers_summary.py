"""What a run over answers comes to: means, and what an answer costs in money, tokens and time."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from eval.result import SUFFIX, Made, Result, file_name, quantile


@dataclass(frozen=True, slots=True)
class AnswersSummary:
    data: str
    config: str
    questions: int
    found: int  # not "not in these documents"
    measures: Mapping[str, float]
    counted: Mapping[str, int]  # questions that have the measure
    dollars_an_answer: float
    input_tokens: float  # an answer
    output_tokens: float
    ms_p50: float | None
    ms_p95: float | None
    notes: Mapping[str, int]
    made: Made
    file: str


@dataclass(frozen=True, slots=True)
class AnswerRuns:
    out: str
    runs: tuple[AnswersSummary, ...]


def summary(result: Result, folder: Path) -> AnswersSummary:
    said = [one.said for one in result.asked.values() if one.said is not None]
    number = len(said) or 1
    counted = Counter(name for one in result.asked.values() for name in one.measures)
    return AnswersSummary(
        data=result.data,
        config=result.config,
        questions=len(result.asked),
        found=sum(one.found for one in said),
        measures=result.measures,
        counted=counted,
        dollars_an_answer=sum(one.cost_microdollars for one in said) / number / 1_000_000,
        input_tokens=sum(one.input_tokens for one in said) / number,
        output_tokens=sum(one.output_tokens for one in said) / number,
        ms_p50=quantile(result.latencies, 0.5),
        ms_p95=quantile(result.latencies, 0.95),
        notes=result.notes,
        made=result.made,
        file=str(folder / f"{file_name(result)}{SUFFIX}"),
    )
