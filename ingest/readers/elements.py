"""unstructured's elements → a draft. Its telemetry and downloads are off before it is imported.

The importer of `unstructured` for all readers. Knows nothing of how a format is partitioned.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path

import lxml.html

# before the import below: it reads them, and would call home and look for a GPU
os.environ |= {
    "DO_NOT_TRACK": "1",
    "SCARF_NO_ANALYTICS": "true",
    "UNSTRUCTURED_DISABLE_NOTICE": "1",
    "OMP_NUM_THREADS": "1",
}
# It would download an English model at the first text: it finds this stand-in instead, by its
# distribution's name, before any other of that name.
sys.path.insert(0, str(Path(__file__).parent.parent / "language"))
from unstructured.documents.elements import Element

from ingest.decode import clean
from ingest.draft import Draft
from ingest.readers.grid import names_columns

NO_LANGUAGE = [""]  # detection costs 60 ms a document and nobody reads its result
_FURNITURE = frozenset({"Header", "Footer", "PageBreak", "PageNumber"})


def add_elements(
    draft: Draft, elements: Iterable[Element], written: Callable[[str], str] = str
) -> None:
    """Titles are short paragraphs. `written`: what is written for a paragraph, item or cell."""
    kept = (e for e in elements if e.category not in _FURNITURE)
    for (category, page), run in groupby(kept, key=lambda e: (e.category, e.metadata.page_number)):
        if category == "ListItem":
            draft.items((written(clean(e.text)) for e in run), page)
            continue
        for element in run:
            _add(draft, element, page, written)


def _add(draft: Draft, element: Element, page: int | None, written: Callable[[str], str]) -> None:
    if element.category == "Table":
        rows = list(cells(element))
        said = [[written(cell) for cell in row] for row in rows]
        draft.rows(said, page, headed=names_columns(rows))
    elif element.category == "CodeSnippet":
        draft.add("code", clean(element.text), page)
    else:
        draft.add("paragraph", written(clean(element.text)), page)


def cells(table: Element) -> Iterator[list[str]]:
    html = table.metadata.text_as_html
    if not html:
        yield [clean(table.text)]
        return
    for row in lxml.html.fragment_fromstring(html, create_parent="div").iter("tr"):
        yield [clean(" ".join(cell.itertext())) for cell in row if cell.tag in {"td", "th"}]
