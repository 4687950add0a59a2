"""Cells that span → rows of equal meaning: each row can be read on its own. Knows no format."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_WIDEST = 64  # columns that a cell may span
_REPEATED = 100  # letters: a cell that spans rows is said again in each, if it is short
_NUMBER = re.compile(r"[\W_]*\d[\d\W_]*")
_LEAST = 2  # rows and columns of what is a table


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    across: int = 1
    down: int = 1


Hanging = dict[int, tuple[int, str]]  # column → rows still to come, and what is in them


def spread(rows: Iterable[Iterable[Cell]]) -> list[list[str]]:
    """What spans columns stands in the first; what spans rows stands in all of them."""
    table: list[list[str]] = []
    hanging: Hanging = {}
    for row in rows:
        line: list[str] = []
        for cell in row:
            _hang(line, hanging)
            again = cell.text if len(cell.text) <= _REPEATED else ""
            for i in range(max(1, min(cell.across, _WIDEST))):
                if cell.down > 1:
                    hanging[len(line)] = (cell.down - 1, "" if i else again)
                line.append("" if i else cell.text)
        _hang(line, hanging)
        table.append(line)
    return compact(table)


def compact(table: Sequence[Sequence[str]]) -> list[list[str]]:
    """Without columns and rows that are empty."""
    width = max(map(len, table), default=0)
    used = [any(i < len(row) and row[i] for row in table) for i in range(width)]
    rows = ([cell for i, cell in enumerate(row) if used[i]] for row in table)
    return [row for row in rows if any(row)]


def names_columns(rows: Sequence[Sequence[str]]) -> bool:
    """The first row, by what it says: short, whole, no numbers, nothing twice."""
    if min(len(rows), len(rows[0]) if rows else 0) < _LEAST or len(rows[0]) < max(map(len, rows)):
        return False
    head = rows[0]
    named = all(cell and len(cell) <= _REPEATED and not _NUMBER.fullmatch(cell) for cell in head)
    return named and len(set(head)) == len(head)


def _hang(line: list[str], hanging: Hanging) -> None:
    while len(line) in hanging:
        column = len(line)
        left, text = hanging.pop(column)
        if left > 1:
            hanging[column] = (left - 1, text)
        line.append(text)
