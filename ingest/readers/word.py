"""A Word document: one pass over its text.

Notes and text boxes follow the paragraph that they belong to, so that its sentences stay whole.
What was deleted, comments, hidden text and the generated table of contents are left out. A page
is known where the program that saved the file wrote down where its pages end.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

from lxml import etree

from domain.errors import ParseFailed
from ingest.decode import clean
from ingest.draft import Draft, one_line
from ingest.readers.archive import Archive, local, open_archive, part_beside, value
from ingest.readers.grid import Cell, spread
from ingest.readers.runs import Runs, Writer
from ingest.readers.wordstyles import Numbering, Styles, number, on, said

_DELETED = frozenset({"del", "moveFrom"})
_PROPERTIES = frozenset({"pPr", "rPr", "sectPr", "tblPr", "tblGrid", "trPr", "tcPr", "sdtPr"})
_LEFT_OUT = _DELETED | _PROPERTIES | {"rt"}
_NOTES = {"footnoteReference": "footnotes", "endnoteReference": "endnotes"}
_SIGNS = frozenset({"tab", "ptab", "noBreakHyphen", "br", "cr", "lastRenderedPageBreak"})
_WIDEST = 64  # columns left out at the beginning of a row
_REPEATED = 100  # letters: a merged cell is said again in each row, if it is short
_LONG_CELL = 1500  # letters: a table of such cells only lays out the page
_CONTENTS = "Table of Contents"


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the text refers to."""

    links: dict[str, str]
    notes: dict[tuple[str, str], etree._Element]
    styles: Styles
    numbering: Numbering


def read_docx(data: bytes) -> Draft:
    archive = open_archive(data)
    name = next((target for _, _, target in _related(archive, "", "officeDocument")), "")
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
    for _, _, target in _related(archive, "", "core-properties"):
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
    links = {key: target for key, _, target in _related(archive, name, "hyperlink")}
    styles = Styles(_part(archive, name, "styles"))
    return _Parts(links, notes, styles, Numbering(_part(archive, name, "numbering")))


def _part(archive: Archive, name: str, kind: str) -> etree._Element | None:
    found = (target for _, _, target in _related(archive, name, kind) if target in archive.names)
    target = next(found, None)
    return None if target is None else archive.xml(target)


def _related(archive: Archive, name: str, kind: str) -> Iterator[tuple[str, str, str]]:
    """Id, kind and target of what a part refers to; without a name: of the whole archive."""
    folder, _, base = name.rpartition("/")
    relations = f"{folder}/_rels/{base}.rels" if folder else f"_rels/{base}.rels"
    if relations not in archive.names:
        return
    for relation in archive.xml(relations):
        found, target = value(relation, "Type").rpartition("/")[2], value(relation, "Target")
        if found == kind:
            outside = value(relation, "TargetMode") == "External"
            yield value(relation, "Id"), found, target if outside else part_beside(name, target)


class _Walk:
    def __init__(self, writer: Writer, parts: _Parts) -> None:
        self._writer = writer
        self._parts = parts
        self._runs = Runs()
        self._later: list[etree._Element] = []  # notes and boxes of the paragraph that is open
        self._noted = 0
        self._page = writer.page
        self._begun = False  # the paragraph that is open has text

    def end(self) -> None:
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
        text = self._runs.take()
        listed = styles.numbering(element)
        if not text or styles.lists_contents(element):
            pass
        elif level := styles.level(element):
            self._writer.heading(text, level)
        elif listed:
            item = self._parts.numbering.item(*listed)
            self._writer.item(text, item.depth, item.mark)
        else:
            self._writer.paragraph(text)
        self._rest()

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
            self._link(part)
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

    def _link(self, part: etree._Element) -> None:
        self._runs.open_link(self._parts.links.get(value(part, "id")))
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
            self._runs.end_line()
        return self._runs.take()

    def _table(self, table: etree._Element) -> None:
        rows = list(_rows(table))
        if _lays_out(rows):
            for row in rows:
                for cell in _cells(row):
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
            for cell in _cells(row):
                across = max(1, number(_said_in(cell, "tcPr", "gridSpan")))
                text = self._lines(cell)
                if _continues(cell):
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


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    """Without those that were deleted."""
    for part in table:
        name = local(part)
        if name == "tr":
            properties = part.find("{*}trPr")
            if properties is None or properties.find("{*}del") is None:
                yield part
        elif name in {"sdt", "sdtContent", "ins", "customXml"}:
            yield from _rows(part)


def _cells(row: etree._Element) -> Iterator[etree._Element]:
    for part in row:
        if local(part) == "tc":
            yield part
        elif local(part) in {"sdt", "sdtContent", "customXml"}:
            yield from _cells(part)


def _continues(cell: etree._Element) -> bool:
    merge = cell.find("{*}tcPr/{*}vMerge")
    return merge is not None and value(merge, "val", "continue") == "continue"


def _lays_out(rows: list[etree._Element]) -> bool:
    cells = [list(_cells(row)) for row in rows]
    if max(map(len, cells), default=0) <= 1:
        return True
    return any(
        sum(len(t.text or "") for t in cell.iter("{*}t")) > _LONG_CELL
        for row in cells
        for cell in row
    )


def _paragraphs(holder: etree._Element) -> Iterator[etree._Element]:
    """Of a cell or a note, in its inner tables too; a box in it is written of its own."""
    for paragraph in holder.iter("{*}p"):
        inside = takewhile(lambda above: above is not holder, paragraph.iterancestors())
        if not any(local(above) in {"txbxContent", "Fallback"} for above in inside):
            yield paragraph
