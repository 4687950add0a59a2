"""A Word document: one pass over its text.

Notes and text boxes follow the paragraph that they belong to, so that its sentences stay whole.
What was deleted, comments, hidden text and the generated table of contents are left out. A page
is known where the program that saved the file wrote down where its pages end.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

from lxml import etree

from domain.errors import ParseFailed
from ingest.decode import clean
from ingest.draft import Draft, one_line
from ingest.readers.archive import Archive, local, open_archive, related, value
from ingest.readers.grid import Cell, spread
from ingest.readers.runs import Runs, Writer
from ingest.readers.wordfields import Fields, link_in
from ingest.readers.wordnumbers import BULLET, Numbering
from ingest.readers.wordstyles import Styles, number, on, said
from ingest.readers.wordtables import cells_of, continues, lays_out, rows_of

_DELETED = frozenset({"del", "moveFrom"})
_PROPERTIES = frozenset({"pPr", "rPr", "sectPr", "tblPr", "tblGrid", "trPr", "tcPr", "sdtPr"})
_LEFT_OUT = _DELETED | _PROPERTIES | {"rt"}
_NOTES = {"footnoteReference": "footnotes", "endnoteReference": "endnotes"}
_SIGNS = frozenset({"tab", "ptab", "noBreakHyphen", "br", "cr", "lastRenderedPageBreak"})
_FIELDS = frozenset({"fldSimple", "fldChar", "instrText"})
_WIDEST = 64  # columns left out at the beginning of a row
_REPEATED = 100  # letters: a merged cell is said again in each row, if it is short
_CONTENTS = "Table of Contents"
_CLAUSE = re.compile(r"\w{1,4}\.\w")  # a number of several parts is that of a clause


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the text refers to."""

    links: dict[str, str]
    notes: dict[tuple[str, str], etree._Element]
    styles: Styles
    numbering: Numbering


def read_docx(data: bytes) -> Draft:
    archive = open_archive(data)
    name = next((target for _, target in related(archive, "", "officeDocument")), "")
    document = archive.xml(name or "word/document.xml")
    body = document.find("{*}body")
    if body is None:
        raise ParseFailed(f"{name} has no body.", kind="corrupt")
    draft = Draft(title=_title(archive))
    paged = next(document.iter("{*}lastRenderedPageBreak"), None) is not None
    walk = _Walk(Writer(draft, 1 if paged else None), _parts(archive, name))
    walk.blocks(body)
    walk.end()
    return draft


def _title(archive: Archive) -> str:
    for _, target in related(archive, "", "core-properties"):
        if target in archive.names:
            found = archive.xml(target).findtext("{*}title") or ""
            return one_line(clean(found))
    return ""


def _parts(archive: Archive, name: str) -> _Parts:
    notes = {
        (local(note), value(note, "id")): note
        for kind in _NOTES.values()
        for root in [_part(archive, name, kind)]
        if root is not None
        for note in root.iterchildren("{*}footnote", "{*}endnote")
    }
    links = dict(related(archive, name, "hyperlink"))
    styles = Styles(_part(archive, name, "styles"))
    return _Parts(links, notes, styles, Numbering(_part(archive, name, "numbering")))


def _part(archive: Archive, name: str, kind: str) -> etree._Element | None:
    found = (target for _, target in related(archive, name, kind) if target in archive.names)
    target = next(found, None)
    return None if target is None else archive.xml(target)


class _Walk:
    def __init__(self, writer: Writer, parts: _Parts) -> None:
        self._writer = writer
        self._parts = parts
        self._runs = Runs()
        self._fields = Fields(self._runs)
        self._code: list[str] = []  # lines of the listing that is open
        self._later: list[etree._Element] = []  # notes and boxes of the paragraph that is open
        self._noted = 0
        self._page = writer.page
        self._begun = False  # the paragraph that is open has text

    def end(self) -> None:
        self._end_code()
        self._writer.end_list()

    def blocks(self, parent: etree._Element) -> None:
        for element in parent:
            name = local(element)
            if name == "p":
                self._paragraph(element)
            elif name == "tbl":
                self._table(element)
            elif name == "AlternateContent":
                self.blocks(_chosen(element))
            elif name not in _LEFT_OUT and not _is_contents(element):
                self.blocks(element)

    def _paragraph(self, element: etree._Element) -> None:
        styles = self._parts.styles
        self._begun = False
        self._writer.page = self._page
        self._gather(element)
        self._fields.end()
        text, listed = self._runs.take(), styles.numbering(element)
        mark = self._parts.numbering.mark(*listed) if listed else ""  # empty ones count as well
        if styles.is_code(element):
            self._code.append(_verbatim(element))
        elif text and not styles.lists_contents(element):
            self._end_code()
            self._write(text, styles.level(element), mark, listed[1] if listed else 0)
        self._rest()

    def _write(self, text: str, level: int | None, mark: str, depth: int) -> None:
        numbered = f"{mark} {text}" if mark not in {"", BULLET} else text
        if level:
            self._writer.heading(numbered, level)
        elif mark and not _CLAUSE.match(mark):
            self._writer.item(text, depth, mark)
        else:
            self._writer.paragraph(numbered)

    def _end_code(self) -> None:
        if self._code:
            self._writer.code("\n".join(self._code))
            self._code.clear()

    def _gather(self, element: etree._Element) -> None:
        for part in element:
            self._inline(part, local(part))

    def _inline(self, part: etree._Element, name: str) -> None:
        if name == "t":
            self._begin()
            self._runs.write(part.text)
        elif name == "r":
            if not on(part.find("{*}rPr"), "vanish"):
                self._gather(part)
        elif name == "hyperlink":
            self._link(part, self._parts.links.get(value(part, "id")))
        elif name in _FIELDS:
            self._field(part, name)
        elif name in _NOTES or name == "txbxContent":
            self._later.append(part)
        elif name == "AlternateContent":
            self._gather(_chosen(part))
        elif name in _SIGNS:
            self._sign(name)
        elif name not in _LEFT_OUT:
            self._gather(part)

    def _sign(self, name: str) -> None:
        if name == "lastRenderedPageBreak":
            self._page = None if self._page is None else self._page + 1
        elif name in {"br", "cr"}:
            self._runs.end_line()
        else:
            self._runs.write("-" if name == "noBreakHyphen" else " ")

    def _field(self, part: etree._Element, name: str) -> None:
        if name == "fldSimple":
            self._link(part, link_in(value(part, "instr")))
        elif name == "fldChar":
            self._fields.step(value(part, "fldCharType"))
        else:
            self._fields.code(part.text)

    def _link(self, part: etree._Element, target: str | None) -> None:
        self._runs.open_link(target)
        self._gather(part)
        self._runs.close_link()

    def _begin(self) -> None:
        """What is begun stays on its page, even if it goes on on the next."""
        if not self._begun:
            self._begun, self._writer.page = True, self._page

    def _rest(self) -> None:
        """What the paragraph had with it; these may have some of their own."""
        parts, self._later = self._later, []
        for part in parts:
            if local(part) in _NOTES:
                self._note(part)
            else:
                self.blocks(part)

    def _note(self, reference: etree._Element) -> None:
        kind = local(reference).removesuffix("Reference")
        note = self._parts.notes.get((kind, value(reference, "id")))
        if note is None:
            return
        text = self._lines(note)
        self._later.clear()  # a note of a note: its author cannot make one
        if text:
            self._noted += 1
            self._writer.paragraph(f"[{self._noted}] {text}")

    def _lines(self, element: etree._Element) -> str:
        """All that a cell or a note holds, in lines."""
        for part in _paragraphs(element):
            self._gather(part)
            self._fields.end()
            self._runs.end_line()
        return self._runs.take()

    def _table(self, table: etree._Element) -> None:
        self._end_code()
        rows = list(rows_of(table))
        if lays_out(rows):
            for row in rows:
                for cell in cells_of(row):
                    self.blocks(cell)
            return
        self._begun = False
        self._writer.page = self._page
        lines = list(self._filled(rows))
        headed = on(rows[0].find("{*}trPr"), "tblHeader") if rows else False
        self._writer.table(spread(lines), headed=headed or None)
        self._rest()

    def _filled(self, rows: list[etree._Element]) -> Iterator[list[Cell]]:
        above: dict[int, str] = {}
        for row in rows:
            line = [Cell("")] * min(number(_said_in(row, "trPr", "gridBefore")), _WIDEST)
            column = len(line)
            for cell in cells_of(row):
                across = max(1, number(_said_in(cell, "tcPr", "gridSpan")))
                text = self._lines(cell)
                if continues(cell):
                    text = above.get(column, "")
                above[column] = text if len(text) <= _REPEATED else ""
                line.append(Cell(text, across))
                column += across
            yield line


def _said_in(element: etree._Element, properties: str, name: str) -> str:
    found = element.find(f"{{*}}{properties}")
    return "" if found is None else said(found, name)


def _chosen(alternatives: etree._Element) -> etree._Element:
    """The same thing in several ways; the last is for programs that know none of the others."""
    return alternatives[0] if len(alternatives) else alternatives


def _is_contents(element: etree._Element) -> bool:
    gallery = element.find("{*}sdtPr/{*}docPartObj/{*}docPartGallery")
    return gallery is not None and value(gallery, "val") == _CONTENTS


def _paragraphs(holder: etree._Element) -> Iterator[etree._Element]:
    """Of a cell or a note, in its inner tables too; a box in it is written of its own."""
    for paragraph in holder.iter("{*}p"):
        inside = takewhile(lambda above: above is not holder, paragraph.iterancestors())
        if not any(local(above) in {"txbxContent", "Fallback"} for above in inside):
            yield paragraph


def _verbatim(paragraph: etree._Element) -> str:
    """A line of code: its spaces are a part of it."""
    signs = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
    parts = ((local(part), part.text or "") for part in paragraph.iter())
    return "".join(text if name == "t" else signs.get(name, "") for name, text in parts)
