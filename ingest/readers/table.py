"""CSV and its relatives: rows that name their columns. However long, it is read row by row."""

import csv
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from domain.errors import ParseFailed
from ingest.decode import decode
from ingest.draft import Draft, labelled

_SAMPLE = 16384
_FIRST = 20  # rows that show how a table is made
_DELIMITERS = ",;\t|"
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def read_csv(data: bytes) -> Draft:
    text, draft = decode(data), Draft()
    csv.field_size_limit(sys.maxsize)
    try:
        rows = _rows(text, _delimiter(text))
        first = list(islice(rows, _FIRST))
        for caption in _captions(first):
            draft.add("paragraph", " ".join(caption))
            first.remove(caption)
        every = chain(first, rows)
        draft.rows(labelled(next(every), every) if _has_head(first) else every)
    except csv.Error as error:
        raise ParseFailed(f"It is not a table: {error}.", kind="corrupt") from error
    return draft


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    lines = (match[0] for match in _LINE.finditer(text))
    if text.count('"') % 2:  # one is never closed: it must not swallow what follows
        read: Iterable[list[str]] = chain.from_iterable(
            csv.reader([line], delimiter=delimiter) for line in lines
        )
    else:
        read = csv.reader(lines, delimiter=delimiter)
    return (row for row in read if any(cell.strip() for cell in row))


def _delimiter(text: str) -> str:
    """The one that cuts the first lines into equally many cells, more than one."""

    def fit(delimiter: str) -> tuple[float, int]:
        widths = [len(row) for row in csv.reader(text[:_SAMPLE].split("\n"), delimiter=delimiter)]
        width, rows = (
            Counter(w for w in widths if w > 1).most_common(1)[0] if max(widths) > 1 else (1, 0)
        )
        return rows / len(widths), width

    return max(_DELIMITERS, key=fit)


def _captions(rows: list[list[str]]) -> list[list[str]]:
    """Lines above a table that have but one cell filled, where its rows have more."""
    filled = [sum(1 for cell in row if cell.strip()) for row in rows]
    begins = next((i for i, count in enumerate(filled) if count > 1), 0)
    return rows[:begins] if len(rows) > begins + 1 else []


def _has_head(rows: list[list[str]]) -> bool:
    """The first row names columns: every cell filled, none a number, none twice."""
    if len(rows) < 2:  # noqa: PLR2004
        return False
    head = [cell.strip() for cell in rows[0]]
    numbers = any(cell.replace(".", "").replace(",", "").lstrip("-").isdigit() for cell in head)
    return all(head) and not numbers and len(set(head)) == len(head)
