"""Two systems over the same questions: what changed, whether by chance, and who lost most.

Takes results, prints nothing. Several pairs are also taken together, each set counting alike.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from domain.errors import InvalidInput
from eval.measures import MAIN
from eval.result import Ranked, Result, Text
from eval.significance import Change, changes

Pair = tuple[Result, Result]  # before, after
_LOSERS = 5


@dataclass(frozen=True, slots=True)
class MeasureChange:
    measure: str
    before: float
    after: float
    change: Change


@dataclass(frozen=True, slots=True)
class Loser:
    """A question that is answered worse than before."""

    query: str
    question: str
    before: float
    after: float
    gold: tuple[Ranked, ...]
    ranked_before: tuple[Ranked, ...]
    ranked_after: tuple[Ranked, ...]


@dataclass(frozen=True, slots=True)
class SetComparison:
    data: str
    before: str  # config
    after: str
    queries: int
    settings: Mapping[str, tuple[str, str]]  # that differ
    measures: tuple[MeasureChange, ...]
    losers: tuple[Loser, ...]
    texts: Mapping[str, Text]


@dataclass(frozen=True, slots=True)
class Comparison:
    sets: tuple[SetComparison, ...]
    together: tuple[MeasureChange, ...]  # over all sets; none where there is but one


def pairs(before: Sequence[Result], after: Sequence[Result]) -> list[Pair]:
    """By data set. Each side is one system."""
    for side in before, after:
        _one_system(side)
    known = {result.data: result for result in before}
    found = [(known[result.data], result) for result in after if result.data in known]
    if not found:
        raise InvalidInput(
            f"The first holds {_sets(before)}, the second {_sets(after)}: no set is in both.",
            field="result",
        )
    same_questions([*before, *after])
    return found


def same_questions(results: Iterable[Result]) -> None:
    """Of a data set all results have to come from the same questions and labels."""
    first: dict[str, Result] = {}
    for result in results:
        known = first.setdefault(result.data, result)
        if known.judgements != result.judgements:
            raise InvalidInput(
                f"The results of '{result.data}' come from different questions or judgements "
                f"({len(known.asked)} questions of '{known.config}', {len(result.asked)} of "
                f"'{result.config}'). Run both over the same data.",
                field="result",
            )


def compare(found: Sequence[Pair], *, by: str = MAIN, losers: int = _LOSERS) -> Comparison:
    sets = tuple(_compare_set(pair, by, losers) for pair in found)
    return Comparison(sets, measure_changes(found) if len(found) > 1 else ())


def measure_changes(found: Sequence[Pair]) -> tuple[MeasureChange, ...]:
    """Of the measures that all results have."""
    names = [name for name in found[0][0].measures if all(_has(pair, name) for pair in found)]
    tested = changes([_differences(pair, names) for pair in found])
    return tuple(
        MeasureChange(
            name,
            sum(before.measures[name] for before, _ in found) / len(found),
            sum(after.measures[name] for _, after in found) / len(found),
            change,
        )
        for name, change in zip(names, tested, strict=True)
    )


def worst(pair: Pair, by: str, number: int) -> tuple[Loser, ...]:
    before, after = pair
    found = (
        Loser(
            query=query,
            question=one.question,
            before=one.measures.get(by, 0.0),
            after=after.asked[query].measures.get(by, 0.0),
            gold=one.gold,
            ranked_before=one.top,
            ranked_after=after.asked[query].top,
        )
        for query, one in before.asked.items()
    )
    lost = (loser for loser in found if loser.after < loser.before)
    return tuple(sorted(lost, key=lambda loser: loser.after - loser.before)[:number])


def _compare_set(pair: Pair, by: str, number: int) -> SetComparison:
    before, after = pair
    losers = worst(pair, by, number)
    return SetComparison(
        data=after.data,
        before=before.config,
        after=after.config,
        queries=len(after.asked),
        settings=_changed(before.made.settings, after.made.settings),
        measures=measure_changes([pair]),
        losers=losers,
        texts=texts_of(pair, losers),
    )


def texts_of(pair: Pair, losers: Sequence[Loser]) -> dict[str, Text]:
    known = {**pair[0].texts, **pair[1].texts}
    named = [
        ranked.text or ranked.document
        for loser in losers
        for ranked in (*loser.gold, *loser.ranked_before, *loser.ranked_after)
    ]
    return {name: known[name] for name in named if name in known}


def _differences(pair: Pair, names: Sequence[str]) -> "np.ndarray[tuple[int, int]]":
    before, after = pair
    rows = [
        [after.asked[query].measures[name] - one.measures[name] for name in names]
        for query, one in before.asked.items()
    ]
    return np.array(rows, dtype=np.float64)


def _has(pair: Pair, name: str) -> bool:
    return all(name in result.measures for result in pair)


def _changed(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    return {
        name: (before.get(name, "–"), after.get(name, "–"))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    }


def _one_system(results: Sequence[Result]) -> None:
    configs = sorted({result.config for result in results})
    if len(configs) > 1:
        raise InvalidInput(
            f"Which of {', '.join(configs)}? Name it behind the folder, as in FOLDER@{configs[0]}.",
            field="result",
        )


def _sets(results: Sequence[Result]) -> str:
    return ", ".join(sorted({result.data for result in results}))
