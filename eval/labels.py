"""Reads the files of a data set that hold labels: questions, judgements, gold spans.

Knows their formats, not where they lie. A wrong line is refused with its number.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from domain.errors import InvalidInput

Qrels = Mapping[str, Mapping[str, int]]  # query → document → grade
T = TypeVar("T")
_Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a document that answers: its characters start to end."""

    source: str
    start: int
    end: int
    text: str = ""  # as the labeller saw it; finds the place when a reader moved it


Spans = Mapping[str, tuple[Span, ...]]  # by query


def queries(path: Path) -> dict[str, str]:
    """JSON lines with `_id` or `id` and `text` or `question`; or lines of id, tab, text."""
    return dict(_read(path, _tabbed_query if path.suffix == ".tsv" else _query))


def spans(path: Path) -> Spans:
    """Of the questions that have any."""
    return {query: own for query, own in _read(path, _question) if own}


def qrels(path: Path) -> Qrels:
    """BEIR's .tsv, query, document and grade under a header; else TREC's lines."""
    found: dict[str, dict[str, int]] = {}
    beir = path.suffix == ".tsv"
    for query, document, grade in _read(path, _beir if beir else _trec, skip=int(beir)):
        found.setdefault(query, {})[document] = grade
    if not found:
        raise InvalidInput(f"{path} holds no judgements.", field="data")
    return found


def _beir(line: str) -> tuple[str, str, int]:
    try:
        query, document, grade = line.split("\t")
        return query, document, int(grade)
    except ValueError as error:
        raise ValueError("query, document and grade are expected, parted by tabs") from error


def _trec(line: str) -> tuple[str, str, int]:
    try:
        query, _, document, grade = line.split()
        return query, document, int(grade)
    except ValueError as error:
        raise ValueError("'query 0 document grade' is expected") from error


def _tabbed_query(line: str) -> tuple[str, str]:
    query, tab, text = line.partition("\t")
    if not tab:
        raise ValueError("an id and a text are expected, parted by a tab")
    return query.strip(), text.strip()


def _query(line: str) -> tuple[str, str]:
    row = _row(line)
    return _text(row, "_id", "id"), _text(row, "text", "question")


def _question(line: str) -> tuple[str, tuple[Span, ...]]:
    """`spans` of source, start, end and text; or `references` into one `corpus`."""
    row = _row(line)
    own = [
        _span(span, _text(span, "source"), "start", "end", "text") for span in _list(row, "spans")
    ]
    own += [
        _span(span, _text(row, "corpus"), "start_index", "end_index", "content")
        for span in _list(row, "references")
    ]
    return _text(row, "_id", "id"), tuple(own)


def _span(row: _Row, source: str, start: str, end: str, text: str) -> Span:
    span = Span(source, _number(row, start), _number(row, end), str(row.get(text) or ""))
    if not 0 <= span.start < span.end:
        raise ValueError(f"the span from {span.start} to {span.end} is empty")
    return span


def _row(line: str) -> _Row:
    row = json.loads(line)
    if not isinstance(row, dict):
        raise ValueError("it is not a JSON object")  # noqa: TRY004  a wrong line, not a bug
    return row


def _list(row: _Row, name: str) -> list[_Row]:
    value = row.get(name) or []
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise ValueError(f"'{name}' is not a list of objects")
    return value


def _number(row: _Row, name: str) -> int:
    value = row.get(name)
    if not isinstance(value, int):
        raise ValueError(f"'{name}' is not a whole number")  # noqa: TRY004  a wrong line, not a bug
    return value


def _text(row: _Row, *names: str) -> str:
    for name in names:
        if name in row and str(row[name]).strip():
            return str(row[name])
    raise ValueError(f"it has no {' or '.join(repr(name) for name in names)}")


def _read(path: Path, parse: Callable[[str], T], skip: int = 0) -> Iterator[T]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if number <= skip or not line.strip():
                continue
            try:
                yield parse(line.rstrip("\r\n"))
            except ValueError as error:
                raise InvalidInput(f"{path}, line {number}: {error}.", field="data") from error
