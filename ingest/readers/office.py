"""PowerPoint and Excel through `unstructured`; headings come from styles, never guessed."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby

from lxml.etree import LxmlError

from domain.errors import ParseFailed
from ingest.draft import Draft, labelled
from ingest.readers.archive import open_archive
from ingest.readers.elements import NO_LANGUAGE, add_elements, cells

# What the libraries raise over parts that are not as they expect; broken XML is a SyntaxError.
_STUMBLES = (SyntaxError, KeyError, ValueError, OSError, AttributeError, TypeError, IndexError)


def read_pptx(data: bytes) -> Draft:
    """A slide is a section under its title."""
    from unstructured.partition.pptx import partition_pptx

    draft = Draft()
    with _package(data) as file:
        elements = partition_pptx(file=file, languages=NO_LANGUAGE)
    for page, slide in groupby(elements, key=lambda e: e.metadata.page_number):
        draft.leave()
        parts = list(slide)
        title = next(
            (e for e in parts if e.category == "Title" and not e.metadata.category_depth), None
        )
        if title is not None:
            draft.heading(title.text, 1, page)
        add_elements(draft, (e for e in parts if e is not title), headings=False)
    return draft


def read_xlsx(data: bytes) -> Draft:
    """A sheet is a section; its rows name their columns when the first row does."""
    from unstructured.partition.xlsx import partition_xlsx

    draft = Draft()
    with _package(data) as file:
        sheets = partition_xlsx(
            file=file, languages=NO_LANGUAGE, find_subtable=False, include_header=False
        )
    for sheet in sheets:
        draft.heading(sheet.metadata.page_name or "", 1, sheet.metadata.page_number)
        rows = [[cell.replace("\\n", " ") for cell in row] for row in cells(sheet)]
        plain = len(rows) > 1 and all(rows[0])
        draft.rows(labelled(rows[0], rows[1:]) if plain else rows, sheet.metadata.page_number)
    return draft


@contextmanager
def _package(data: bytes) -> Iterator[io.BytesIO]:
    """What the guards let through, and the libraries' errors as ours."""
    from unstructured.errors import UnprocessableEntityError

    file = open_archive(data).unpacked()
    try:
        yield file
    except (UnprocessableEntityError, LxmlError, *_STUMBLES) as error:
        if "exceeds the maximum" in str(error):
            raise ParseFailed(f"A sheet of it is too large: {error}.", kind="too_large") from error
        raise ParseFailed(f"It is damaged: {error!r}.", kind="corrupt") from error
