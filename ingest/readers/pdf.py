"""PDF through pypdfium2: lines with their places become paragraphs under headings.

Headings come from the outline; without one, from lines in clearly larger letters. Knows no
OCR: a scan has no text, and says so.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_raw

from domain.errors import ParseFailed
from ingest.decode import clean
from ingest.draft import Draft, one_line
from ingest.readers.pages import (
    Line,
    Linked,
    Page,
    dehyphenated,
    flow,
    links_in,
    paragraphs,
    vocabulary,
    without_furniture,
)
from ingest.readers.pdflinks import Area, areas

_NUMBER = re.compile(
    r"^(?:(?:chapter|appendix|section|part)\s+)?(?:\d+|[a-z](?=[.\d]))(?:\.\d+)*[.:]?\s+",
    re.IGNORECASE,
)
_LARGER = 1.15
_SAME_SIZE = 0.08
_HEADING_LETTERS = 120
_HEADING_LINES = 3
_LEVELS = 4

Marks = defaultdict[int, list[tuple[str, int]]]  # page → title and level of what begins there
Words = Counter[str]


@dataclass(frozen=True, slots=True)
class Heading:
    start: int  # its first line on the page
    end: int  # the line behind it
    title: str
    level: int


def read_pdf(data: bytes) -> Draft:
    pdf = _open(data)
    try:
        marks = _outline(pdf)
        pages = without_furniture([list(_lines(pdf, number)) for number in range(len(pdf))])
        title = clean(pdf.get_metadata_value("Title"))
    finally:
        pdf.close()
    if not any(pages):
        raise ParseFailed(
            "Its pages hold no text: a scan, or drawn as pictures. OCR it first.", kind="no_text"
        )
    draft = Draft(title if " " in title.strip() and not re.search(r"\.\w{2,4}$", title) else "")
    words = vocabulary(pages)
    levels = _heading_sizes(pages)
    for number, page in enumerate(pages):
        headings = _of_outline(page, marks[number]) if marks else _of_size(page, levels)
        _write(draft, page, number + 1, headings, words)
    return draft


def _open(data: bytes) -> pdfium.PdfDocument:
    # PDFium leaves the code of an earlier document's error where it has none of its own to say
    pdfium_raw.FPDF_LoadDocument(b"", None)
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if error.err_code == pdfium_raw.FPDF_ERR_PASSWORD:
            raise ParseFailed(
                "It is encrypted: save it without a password.", kind="encrypted"
            ) from error
        if error.err_code == pdfium_raw.FPDF_ERR_FILE:  # ours, from the line above
            raise ParseFailed("It has no pages.", kind="empty") from error
        raise ParseFailed(f"It is damaged: {error}.", kind="corrupt") from error


def _outline(pdf: pdfium.PdfDocument) -> Marks:
    found: Marks = defaultdict(list)
    for mark in pdf.get_toc():
        place = mark.get_dest()
        if place is not None and place.get_index() is not None:
            found[place.get_index()].append((one_line(clean(mark.get_title())), mark.level + 1))
    return found


def _lines(pdf: pdfium.PdfDocument, number: int) -> Iterator[Line]:
    try:
        page = pdf[number]
    except pdfium.PdfiumError:
        return  # one that the page tree names and the file does not have
    content, found = page.get_textpage(), areas(pdf, page)
    try:
        at = 0
        for text in content.get_text_range().split("\r\n"):
            if text.strip():
                yield _line(content, text, at, found)
            at += len(text) + 2
    finally:
        content.close()
        page.close()


def _line(content: pdfium.PdfTextPage, text: str, at: int, found: Sequence[Area]) -> Line:
    first = at + len(text) - len(text.lstrip())
    last = at + len(text.rstrip()) - 1
    left, _, _, top = _box(content, first)
    _, bottom, right, ceiling = _box(content, last)
    crossing = [area for area in found if area.crosses((left, bottom, right, ceiling))]
    links = tuple(_links(content, text, at, crossing)) if crossing else ()
    return Line(_cleaned(text), left, right, top, bottom, ceiling - bottom, links)


def _links(
    content: pdfium.PdfTextPage, text: str, at: int, found: Sequence[Area]
) -> Iterator[Linked]:
    boxes = [_box(content, at + number) for number in range(len(text))]
    for area in found:
        inside = [number for number, box in enumerate(boxes) if area.holds(box)]
        if inside:
            start, end = inside[0], inside[-1] + 1
            yield Linked(_cleaned(text[:start]), _cleaned(text[start:end]).strip(), area.target)


def _cleaned(text: str) -> str:
    return "\ufffe".join(clean(part) for part in re.split("[\ufffe\x02]", text))


def _box(content: pdfium.PdfTextPage, letter: int) -> tuple[float, float, float, float]:
    index = pdfium_raw.FPDFText_GetCharIndexFromTextIndex(content.raw, letter)
    return content.get_charbox(index, loose=True) if index >= 0 else (0.0, 0.0, 0.0, 0.0)


def _write(
    draft: Draft, page: Page, number: int, headings: Iterable[Heading], words: Words
) -> None:
    at = 0
    for heading in headings:
        _write_text(draft, page[at : heading.start], number, words)
        draft.heading(dehyphenated(heading.title, words), heading.level, number)
        at = heading.end
    _write_text(draft, page[at:], number, words)


def _write_text(draft: Draft, lines: Page, number: int, words: Words) -> None:
    for group in paragraphs(lines):
        text = dehyphenated(flow(group), words)
        draft.add("paragraph", text, number, links=links_in(group, text))


def _of_outline(page: Page, marks: Sequence[tuple[str, int]]) -> Iterator[Heading]:
    at = 0
    for title, level in marks:
        start, end = _place(page, title, at)
        yield Heading(start, end, title, level)
        at = end


def _of_size(page: Page, levels: Mapping[int, int]) -> Iterator[Heading]:
    at = 0
    while at < len(page):
        level, end = levels.get(round(page[at].size)), at + 1
        while level and end < min(at + _HEADING_LINES, len(page)) and _alike(page[at], page[end]):
            end += 1
        title = " ".join(line.text.strip() for line in page[at:end])
        if level and _is_heading(title):
            yield Heading(at, end, title, level)
        at = end


def _is_heading(title: str) -> bool:
    """Large letters also carry figures and opening paragraphs."""
    written = any(c.isalpha() for c in title) and not title[0].islower()
    return written and len(title) < _HEADING_LETTERS and not title.endswith((".", ",", ";"))


def _alike(one: Line, other: Line) -> bool:
    return abs(one.size - other.size) < _SAME_SIZE * one.size


def _place(page: Page, title: str, at: int) -> tuple[int, int]:
    """Where the page has this title, in one line or several; if nowhere, it begins right here."""
    wanted = _key(title)
    for start in range(at, len(page)):
        text = ""
        for end in range(start, min(start + _HEADING_LINES, len(page))):
            text = f"{text} {page[end].text}"
            if _key(text) == wanted:
                return start, end + 1
    return at, at


def _key(title: str) -> str:
    return "".join(c for c in _NUMBER.sub("", one_line(title)).lower() if c.isalnum())


def _heading_sizes(pages: Sequence[Page]) -> dict[int, int]:
    """Letter height → level, of the heights clearly above that of most letters."""
    letters: Counter[int] = Counter()
    for page in pages:
        for line in page:
            letters[round(line.size)] += len(line.text)
    if not letters:
        return {}
    usual = letters.most_common(1)[0][0]
    large = sorted((size for size in letters if size > _LARGER * usual), reverse=True)
    return {size: min(i + 1, _LEVELS) for i, size in enumerate(large)}
