"""From what was found to what it was worth: measures a query, their means, and what a person reads.

Knows rankings, hits and labels; neither a store nor a file of results.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from domain.answers import SearchResult
from domain.hits import Hit
from eval import texts
from eval.budget import Gold, Shown, shown
from eval.data import Dataset
from eval.measures import Scores, means, measure
from eval.result import Asked, Ranked, Text

_TOP = 10  # of each ranking is kept for a person to read


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back for one question. Of hits only what is needed: there are many."""

    documents: tuple[str, ...]  # best first
    passages: Mapping[str, tuple[str, Text]] = field(default_factory=dict)  # best of a document
    shown: Shown | None = None
    seconds: float | None = None
    stages: Mapping[str, float] | None = None
    notes: tuple[str, ...] = ()
    cost_microdollars: int = 0


@dataclass(frozen=True, slots=True)
class Judged:
    measures: Scores
    asked: Mapping[str, Asked]
    texts: Mapping[str, Text]


def answered(
    dataset: Dataset,
    query: str,
    result: SearchResult,
    kept: Sequence[Hit],
    seconds: float,
) -> Answered:
    gold = Gold(frozenset(_relevant(dataset, query)), dataset.spans.get(query, ()))
    best: dict[str, Hit] = {}
    for hit in result.hits:
        best.setdefault(hit.chunk.source, hit)
    return Answered(
        documents=tuple(best),
        passages={
            document: (hit.chunk.id, texts.of_hit(hit))
            for document, hit in islice(best.items(), _TOP)
        },
        shown=shown(kept, result.hits, gold),
        seconds=seconds,
        stages={time.stage: time.seconds for time in result.times},
        notes=result.notes,
        cost_microdollars=result.cost_microdollars,
    )


def judge(dataset: Dataset, found: Mapping[str, Answered]) -> Judged:
    scores = measure(dataset.qrels, {query: one.documents for query, one in found.items()})
    asked = {
        query: _asked(dataset, query, found[query], scores[query]) for query in dataset.queries
    }
    return Judged(
        means(one.measures for one in asked.values()), asked, _texts(dataset, found, asked)
    )


def _asked(dataset: Dataset, query: str, found: Answered, scores: Scores) -> Asked:
    kept, grades = found.shown, dataset.qrels[query]
    return Asked(
        question=dataset.queries[query],
        measures={**scores, **(kept.measures if kept else {})},
        top=tuple(
            Ranked(document, grades.get(document), found.passages.get(document, ("",))[0])
            for document in found.documents[:_TOP]
        ),
        gold=tuple(_gold(dataset, query)),
        seconds=found.seconds,
        stages=found.stages,
        tokens=kept.tokens if kept else None,
    )


def _relevant(dataset: Dataset, query: str) -> Iterator[str]:
    return (document for document, grade in dataset.qrels[query].items() if grade > 0)


def _gold(dataset: Dataset, query: str) -> Iterator[Ranked]:
    if query in dataset.spans:
        for number, span in enumerate(dataset.spans[query]):
            yield Ranked(span.source, 1, f"{query}#{number}")
    else:
        for document in _relevant(dataset, query):
            yield Ranked(document, dataset.qrels[query][document])


def _texts(
    dataset: Dataset, found: Mapping[str, Answered], asked: Mapping[str, Asked]
) -> dict[str, Text]:
    """Of all that `asked` names: passages, gold spans, and documents from the data set."""
    passages = {key: text for one in found.values() for key, text in one.passages.values()}
    gold = {
        f"{query}#{number}": texts.of_span(span)
        for query, own in dataset.spans.items()
        for number, span in enumerate(own)
    }
    named = [ranked for one in asked.values() for ranked in (*one.top, *one.gold)]
    documents = {ranked.document for ranked in named if not ranked.text}
    return passages | gold | texts.of_documents(dataset.corpus, documents)
