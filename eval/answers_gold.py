"""The right answers of a data set, and which of its questions the documents cannot answer.

A line of queries.jsonl, questions.jsonl or answers.jsonl with `_id` (or `id`) may say
  "answers": ["35 days", …] or "answer": "35 days"   each of them is right; also "long_answer"
  "answerable": false                                nothing in the documents answers it
Judgements and gold spans are used where there are any. Ingests and asks nothing.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from domain.errors import InvalidInput
from domain.ids import fingerprint
from eval.data import Dataset, sample, unjudged

_FILES = ("queries.jsonl", "questions.jsonl", "answers.jsonl")  # what is said later counts
_SUFFIX = "-answers"  # so that results of rankings and of answers stand side by side


@dataclass(frozen=True, slots=True)
class Gold:
    answers: tuple[str, ...] = ()
    answerable: bool = True


@dataclass(frozen=True, slots=True)
class AnswerSet:
    dataset: Dataset  # its queries are those that are asked
    gold: Mapping[str, Gold]

    @property
    def name(self) -> str:
        return self.dataset.name + _SUFFIX

    @property
    def fingerprint(self) -> str:
        golds = (f"{query}\x00{self.gold.get(query)}" for query in sorted(self.dataset.queries))
        return fingerprint(self.dataset.fingerprint, *golds)


def load_all(path: Path, limit: int | None = None) -> AnswerSet:
    """Every question; of those that nobody labelled there is no gold."""
    dataset, gold = unjudged(path), _gold(path)
    dataset = dataset if limit is None else sample(dataset, limit)
    known = {query: Gold() for query in dataset.queries if query in dataset.qrels} | gold
    return AnswerSet(dataset, {q: one for q, one in known.items() if q in dataset.queries})


def load(path: Path, limit: int | None = None) -> AnswerSet:
    """Every question that has an answer, has none for certain, or is judged."""
    dataset, gold = unjudged(path), _gold(path)
    asked = {
        query: text
        for query, text in dataset.queries.items()
        if query in gold or query in dataset.qrels
    }
    if not asked:
        raise InvalidInput(
            f"{path} has neither answers nor judgements of its questions. A line of answers.jsonl "
            'is {"_id": …, "answers": […]} or {"_id": …, "answerable": false}.',
            field="data",
        )
    dataset = replace(dataset, queries=asked)
    dataset = dataset if limit is None else sample(dataset, limit)
    return AnswerSet(dataset, {query: gold.get(query, Gold()) for query in dataset.queries})


def _gold(folder: Path) -> dict[str, Gold]:
    return {
        query: gold
        for name in _FILES
        if (folder / name).is_file()
        for query, gold in _lines(folder / name)
    }


def _lines(path: Path) -> Iterator[tuple[str, Gold]]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                found = _answer(row)
            except (ValueError, AttributeError) as error:
                raise InvalidInput(f"{path}, line {number}: {error}.", field="data") from error
            if found is not None:
                yield str(row.get("_id", row.get("id"))), found


def _answer(row: Mapping[str, object]) -> Gold | None:
    """None: the line is about something else."""
    several = row.get("answers", [])
    if not isinstance(several, list):
        raise ValueError("'answers' is not a list")  # noqa: TRY004  a wrong line, not a bug
    said = (*several, row.get("answer"), row.get("long_answer"))
    answers = tuple(str(one) for one in said if one is not None and str(one).strip())
    if row.get("answerable") is False:
        if answers:
            raise ValueError("it is not answerable, yet has an answer")
        return Gold(answerable=False)
    return Gold(answers) if answers else None
