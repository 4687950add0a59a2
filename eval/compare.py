"""Two systems over the same questions: what changed, whether by chance, and who lost most.

Takes results, prints nothing. Several pairs are also taken together, each set counting alike.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    """Of the measures that all results have, over the questions for which both have them."""
    names = [name for name in found[0][0].measures if all(_shared(pair, name) for pair in found)]
    groups: dict[tuple[tuple[str, ...], ...], list[str]] = {}
    for name in names:
        groups.setdefault(tuple(_shared(pair, name) for pair in found), []).append(name)
    changed = {
        one.measure: one for queries, own in groups.items() for one in _changes(found, own, queries)
    }
    return tuple(changed[name] for name in names)


def _changes(
    found: Sequence[Pair], names: Sequence[str], queries: Sequence[Sequence[str]]
) -> Iterator[MeasureChange]:
    """`queries`: of each pair, those that have the measures."""
    sides = [
        [_rows(side, names, own) for side in pair] for pair, own in zip(found, queries, strict=True)
    ]
    tested = changes([after - before for before, after in sides])
    means = np.mean([[rows.mean(axis=0) for rows in pair] for pair in sides], axis=0)
    for column, name in enumerate(names):
        before, after = (float(side[column]) for side in means)
        yield MeasureChange(name, before, after, tested[column])


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


def _rows(
    side: Result, names: Sequence[str], queries: Sequence[str]
) -> "np.ndarray[tuple[int, int]]":
    rows = [[side.asked[query].measures[name] for name in names] for query in queries]
    return np.array(rows, dtype=np.float64)


def _shared(pair: Pair, name: str) -> tuple[str, ...]:
    """An answer that cites nothing, say, has no share of right citations."""
    before, after = pair
    return tuple(
        query
        for query, one in before.asked.items()
        if name in one.measures and name in after.asked[query].measures
    )


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
