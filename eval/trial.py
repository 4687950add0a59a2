"""Asks questions of a data set of both arms of a trial, and measures both answers side by side.

Control is what the settings say, canary what is on trial; each question is asked of both at the
same time, so that a busy minute is neither's. Answers are scored as `eval answers` scores them;
where nobody labelled a question, by what holds without: found, cited words, cost, time. A
difference is judged by pairs. Prints nothing.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from answering.question import Question
from domain.answers import Answer
from domain.errors import ForebayError
from eval import run
from eval.answers_gold import AnswerSet, Gold
from eval.answers_measures import supported
from eval.answers_score import citation_scores, scores, statements
from eval.arms import Arm, Comparison, Measured
from eval.run import Opened, Watch
from eval.significance import changes
from wiring.sampling import EVALUATION
from wiring.services import open_services
from wiring.settings import Settings

ARMS = ("control", "canary")
_WARM_UP = "What is asked before the clock runs?"


@dataclass(frozen=True, slots=True)
class _Given:
    """What one arm made of a question."""

    measures: Mapping[str, float]
    model: str = ""
    prompt: str = ""


async def run_trial(settings: Settings, asked: AnswerSet, watch: Watch) -> Comparison:
    """In a data directory of its own, beside whatever service runs."""
    own = settings.model_copy(update={"data": settings.data / "eval" / asked.dataset.name})
    async with open_services(own, "forebay canary", remember=False) as services:
        opened = await run.open_dataset(services, asked.dataset, watch)
        await services.search(_question(opened, _WARM_UP, ""))
        pairs = []
        for query in asked.dataset.queries:
            pairs.append(await asyncio.gather(*(_given(opened, asked, query, a) for a in ARMS)))
            watch.asked(asked.name, "both arms", len(pairs), len(asked.dataset.queries))
    control, canary = zip(*pairs, strict=True)
    return Comparison(
        (_arm("control", control), _arm("canary", canary)), tuple(_compared(control, canary))
    )


async def _given(opened: Opened, asked: AnswerSet, query: str, arm: str) -> _Given:
    question = _question(opened, asked.dataset.queries[query], arm)
    start = perf_counter()
    try:
        answer = await opened.services.ask(question)
    except ForebayError:
        return _Given({"failed": 1.0})
    seconds = perf_counter() - start
    relevant = {d for d, grade in asked.dataset.qrels.get(query, {}).items() if grade > 0}
    measures = {
        "cost": answer.cost_microdollars / 1_000_000,
        "seconds": seconds,
        "found": float(answer.found),
        "refused": float(answer.state == "refused"),
        "cut": float(answer.finish == "length"),
        "failed": 0.0,
        **_scores(answer, asked.gold.get(query), frozenset(relevant)),
    }
    return _Given(measures, answer.model, answer.prompt_version)


def _scores(answer: Answer, gold: Gold | None, relevant: frozenset[str]) -> Mapping[str, float]:
    if gold is not None:
        return scores(answer, gold, relevant)
    if not answer.found:
        return {}
    said = statements(answer)
    verdicts = [supported(one.text, one.cited, answer.question) for one in said]
    return citation_scores(said, verdicts)


def _compared(control: Sequence[_Given], canary: Sequence[_Given]) -> list[Measured]:
    """Each measure over the questions for which both answers have it."""
    found = []
    for name in dict.fromkeys(name for one in (*control, *canary) for name in one.measures):
        both = [
            (before.measures[name], after.measures[name])
            for before, after in zip(control, canary, strict=True)
            if name in before.measures and name in after.measures
        ]
        if both:
            before, after = np.array(both).T
            (change,) = changes([(after - before)[:, None]])
            means = float(before.mean()), float(after.mean())
            found.append(Measured(name, *means, change.low, change.high, change.p))
    return found


def _arm(name: str, given: Sequence[_Given]) -> Arm:
    models = sorted({one.model for one in given} - {""})
    prompts = sorted({one.prompt for one in given} - {""})
    return Arm(name, len(given), tuple(models), tuple(prompts))


def _question(opened: Opened, text: str, arm: str) -> Question:
    tenant = opened.services.settings.tenant
    return Question(text, tenant, opened.collection.name, endpoint=EVALUATION, arm=arm)
