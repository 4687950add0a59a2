"""CSV and its relatives: one block whose rows name their columns."""

import csv
import io
import sys
from collections import Counter

from domain.errors import ParseFailed
from ingest.decode import decode
from ingest.draft import Draft, labelled

_SAMPLE = 16384
_DELIMITERS = ",;\t|"


def read_csv(data: bytes) -> Draft:
    text = decode(data)
    csv.field_size_limit(sys.maxsize)
    try:
        rows = [
            row for row in csv.reader(io.StringIO(text), delimiter=_delimiter(text)) if any(row)
        ]
    except csv.Error as error:
        raise ParseFailed(f"It is not a table: {error}.") from error
    draft = Draft()
    draft.rows(labelled(rows[0], rows[1:]) if _has_head(rows) else rows)
    return draft


def _delimiter(text: str) -> str:
    """The one that cuts the first lines into equally many cells, more than one."""

    def fit(delimiter: str) -> tuple[float, int]:
        widths = [len(row) for row in csv.reader(text[:_SAMPLE].split("\n"), delimiter=delimiter)]
        width, rows = (
            Counter(w for w in widths if w > 1).most_common(1)[0] if max(widths) > 1 else (1, 0)
        )
        return rows / len(widths), width

    return max(_DELIMITERS, key=fit)


def _has_head(rows: list[list[str]]) -> bool:
    """The first row names columns: every cell filled, none a number, none twice."""
    if len(rows) < 2:  # noqa: PLR2004
        return False
    head = [cell.strip() for cell in rows[0]]
    numbers = any(cell.replace(".", "").replace(",", "").lstrip("-").isdigit() for cell in head)
    return all(head) and not numbers and len(set(head)) == len(head)
