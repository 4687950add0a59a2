"""Judgements of pooled passages, one at a time, kept after each. Knows no terminal.

In the folder: pool.jsonl and queries.jsonl are given; judgements.jsonl grows by a line a
judgement, the last one of a passage counts; qrels/test.tsv is made of it anew each time, a
document being as good as its best passage. Questions come one after the other, their passages in
random order, and nothing says which system found them.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError

from domain.errors import InvalidInput
from eval import labels
from eval.sample import POOL, QUERIES
from eval.synth_passages import order

GRADES = {0: "no use", 1: "about it", 2: "a part of the answer", 3: "the answer"}
_JUDGED = "judgements.jsonl"


class _Passage(BaseModel):
    query: str
    passage: str
    source: str
    where: str
    text: str


class _Judgement(BaseModel):
    query: str
    passage: str
    grade: int | None  # None: taken back


@dataclass(frozen=True, slots=True)
class Item:
    query: str
    question: str
    passage: str
    source: str
    where: str
    text: str

    @property
    def key(self) -> tuple[str, str]:
        return self.query, self.passage


class Labelling:
    """Where a person is in a folder: what is next, what was done."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._items = list(_items(folder))
        self._grades: dict[tuple[str, str], int] = {}
        self._done: list[tuple[str, str]] = []  # in this order, also by an earlier session
        self._skipped: set[tuple[str, str]] = set()
        for one in _judgements(folder / _JUDGED):
            self._note((one.query, one.passage), one.grade)

    @property
    def total(self) -> int:
        return len(self._items)

    @property
    def judged(self) -> int:
        return len(self._grades)

    @property
    def next(self) -> Item | None:
        """None when nothing is left but what was skipped."""
        passed = self._grades.keys() | self._skipped
        return next((item for item in self._items if item.key not in passed), None)

    @property
    def useless(self) -> int:
        """Questions whose judged passages are all of no use: they rank no system."""
        best = self._best()
        return sum(not any(grades.values()) for grades in best.values())

    def judge(self, item: Item, grade: int) -> None:
        self._save(item.key, grade)

    def skip(self, item: Item) -> None:
        """Until the next session."""
        self._skipped.add(item.key)
        self._done.append(item.key)

    def undo(self) -> None:
        """The last one, judged or skipped, comes again."""
        if self._done:
            key = self._done[-1]
            if key in self._grades:
                self._save(key, None)
            else:
                self._skipped.discard(self._done.pop())

    def _save(self, key: tuple[str, str], grade: int | None) -> None:
        line = _Judgement(query=key[0], passage=key[1], grade=grade).model_dump_json()
        with (self._folder / _JUDGED).open("ab") as file:
            file.write(f"{line}\n".encode())
            file.flush()
            os.fsync(file.fileno())
        self._note(key, grade)
        self._write_qrels()

    def _note(self, key: tuple[str, str], grade: int | None) -> None:
        if key in self._done:
            self._done.remove(key)
        self._grades.pop(key, None)
        if grade is not None:
            self._grades[key] = grade
            self._done.append(key)

    def _write_qrels(self) -> None:
        rows = [
            f"{query}\t{source}\t{grade}\n"
            for query, grades in self._best().items()
            if any(grades.values())
            for source, grade in grades.items()
        ]
        path = self._folder / "qrels" / "test.tsv"
        path.parent.mkdir(exist_ok=True)
        new = path.with_suffix(".new")
        new.write_text("query-id\tcorpus-id\tscore\n" + "".join(rows), encoding="utf-8")
        new.replace(path)

    def _best(self) -> dict[str, dict[str, int]]:
        """By question and document."""
        found: dict[str, dict[str, int]] = {}
        for item in self._items:
            if (grade := self._grades.get(item.key)) is not None:
                own = found.setdefault(item.query, {})
                own[item.source] = max(grade, own.get(item.source, 0))
        return found


def _items(folder: Path) -> Iterator[Item]:
    if not (folder / POOL).is_file():
        raise InvalidInput(
            f"{folder} has no {POOL}. `forebay eval sample --out {folder}` makes it.",
            field="folder",
        )
    questions: Mapping[str, str] = labels.queries(folder / QUERIES)
    with (folder / POOL).open(encoding="utf-8") as lines:
        found = [_Passage.model_validate_json(line) for line in lines if line.strip()]
    places = {query: place for place, query in enumerate(questions)}
    found.sort(key=lambda one: (places[one.query], order(0, one.query, one.passage)))
    for one in found:
        yield Item(one.query, questions[one.query], one.passage, one.source, one.where, one.text)


def _judgements(path: Path) -> Iterator[_Judgement]:
    if not path.is_file():
        return
    _mend(path)
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            yield _Judgement.model_validate_json(line)
        except ValidationError as error:
            raise InvalidInput(
                f"{path}, line {number} is no judgement. Remove that line.", field="folder"
            ) from error


def _mend(path: Path) -> None:
    """A machine that stopped in the middle of a key has left a part of a line."""
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    if whole < len(data):
        os.truncate(path, whole)
