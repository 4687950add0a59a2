"""PowerPoint and Excel through `unstructured`; headings come from styles, never guessed."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import groupby

from lxml.etree import LxmlError

from domain.errors import ParseFailed
from ingest.draft import Draft, labelled
from ingest.readers.archive import Archive, open_archive
from ingest.readers.elements import NO_LANGUAGE, add_elements, cells
from ingest.readers.officelinks import links_of_sheets, links_of_slides, with_links

# What the libraries raise over parts that are not as they expect; broken XML is a SyntaxError.
_STUMBLES = (SyntaxError, KeyError, ValueError, OSError, AttributeError, TypeError, IndexError)


def read_pptx(data: bytes) -> Draft:
    """A slide is a section under its title."""
    from unstructured.partition.pptx import partition_pptx

    draft = Draft()
    with _package(data) as (archive, file):
        elements = partition_pptx(file=file, languages=NO_LANGUAGE)
        links = dict(enumerate(links_of_slides(archive), 1))
    for page, slide in groupby(elements, key=lambda e: e.metadata.page_number):
        draft.leave()
        parts = list(slide)
        there = links.get(page, {})
        title = next(
            (e for e in parts if e.category == "Title" and not e.metadata.category_depth), None
        )
        if title is not None:
            draft.heading(with_links(title.text, there), 1, page)
        rest = (e for e in parts if e is not title)
        add_elements(draft, rest, partial(with_links, links=there))
    return draft


def read_xlsx(data: bytes) -> Draft:
    """A sheet is a section; its rows name their columns when the first row does."""
    from unstructured.partition.xlsx import partition_xlsx

    draft = Draft()
    with _package(data) as (archive, file):
        sheets = partition_xlsx(
            file=file, languages=NO_LANGUAGE, find_subtable=False, include_header=False
        )
        links = links_of_sheets(archive)
    for sheet in sheets:
        leads = links.get(sheet.metadata.page_name or "", {})
        draft.heading(sheet.metadata.page_name or "", 1, sheet.metadata.page_number)
        rows = [[cell.replace("\\n", " ") for cell in row] for row in cells(sheet)]
        plain = len(rows) > 1 and all(rows[0])
        said = [[with_links(cell, leads) for cell in row] for row in rows]
        draft.rows(labelled(rows[0], said[1:]) if plain else said, sheet.metadata.page_number)
    return draft


@contextmanager
def _package(data: bytes) -> Iterator[tuple[Archive, io.BytesIO]]:
    """What the guards let through, and the libraries' errors as ours."""
    from unstructured.errors import UnprocessableEntityError

    archive = open_archive(data)
    file = archive.unpacked()
    try:
        yield archive, file
    except (UnprocessableEntityError, LxmlError, *_STUMBLES) as error:
        if "exceeds the maximum" in str(error):
            raise ParseFailed(f"A sheet of it is too large: {error}.", kind="too_large") from error
        raise ParseFailed(f"It is damaged: {error!r}.", kind="corrupt") from error
