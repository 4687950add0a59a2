"""A text of LibreOffice and its like: one pass over its content.

Notes and text boxes follow the paragraph that they belong to, so that its sentences stay whole.
What was deleted, comments and generated indexes are left out. The file has no pages.
"""

import re
from collections.abc import Iterator

from lxml import etree

from domain.errors import ParseFailed
from ingest.decode import clean
from ingest.draft import Draft, one_line
from ingest.readers.archive import Archive, local, open_archive, value
from ingest.readers.grid import Cell, spread
from ingest.readers.runs import Runs, Writer

_MANIFEST = "META-INF/manifest.xml"
_META = "meta.xml"
_STYLES = "styles.xml"
_INDEXES = frozenset(f"{kind}-index" for kind in ("alphabetical", "illustration", "object", "user"))
_UNSEEN = frozenset({"tracked-changes", "annotation", "scripts", "forms", "desc", "ruby-text"})
_DECLARATIONS = frozenset({"sequence-decls", "variable-decls", "user-field-decls"})
_CONTENTS = frozenset({"table-of-content", "table-index"})
_LEFT_OUT = _INDEXES | _CONTENTS | _UNSEEN | _DECLARATIONS
_ROW_GROUPS = frozenset({"table-header-rows", "table-rows", "table-row-group"})
_CELLS = frozenset({"table-cell", "covered-table-cell"})
_MOST_COLUMNS = 64
_MOST_REPEATED = 100  # rows that one row stands for


def read_odt(data: bytes) -> Draft:
    archive = open_archive(data)
    _refuse_encrypted(archive)
    content = archive.xml("content.xml")
    draft = Draft(title=_about(archive, "title"))
    draft.language = _about(archive, "language")
    body = next((e for e in content.iter() if local(e) == "body"), None)
    if body is None:
        raise ParseFailed("content.xml has no body.", kind="corrupt")
    styles = [content, archive.xml(_STYLES)] if _STYLES in archive.names else [content]
    walk = _Walk(Writer(draft), _titles(styles))
    walk.blocks(body)
    walk.end()
    return draft


def _refuse_encrypted(archive: Archive) -> None:
    if _MANIFEST not in archive.names:
        return
    if any(local(element) == "encryption-data" for element in archive.xml(_MANIFEST).iter()):
        raise ParseFailed("It is encrypted. Save it without a password.", kind="encrypted")


def _about(archive: Archive, name: str) -> str:
    if _META not in archive.names:
        return ""
    found = (e.text for e in archive.xml(_META).iter() if local(e) == name and e.text)
    return one_line(clean(next(found, "")))


def _titles(roots: list[etree._Element]) -> frozenset[str]:
    """The styles of the document's own title, by all the names that they go by."""
    parents = {
        value(style, "name"): value(style, "parent-style-name")
        for root in roots
        for style in root.iter("{*}style")
    }
    titles = {"Title"}
    for _ in range(3):  # automatic styles stand on named ones, seldom on more
        titles |= {name for name, parent in parents.items() if parent in titles}
    return frozenset(titles)


class _Walk:
    def __init__(self, writer: Writer, titles: frozenset[str]) -> None:
        self._writer = writer
        self._titles = titles
        self._runs = Runs()
        self._later: list[etree._Element] = []  # notes and boxes of the paragraph that is open

    def end(self) -> None:
        self._writer.end_list()

    def blocks(self, parent: etree._Element) -> None:
        for element in parent:
            self._block(element)

    def _block(self, element: etree._Element) -> None:
        name = local(element)
        if name in _LEFT_OUT:
            return
        if name == "h":
            self._heading(element, _number(element, "outline-level", 1, 10))
        elif name == "p" and value(element, "style-name") in self._titles:
            self._heading(element, 1)
        elif name == "p":
            self._writer.paragraph(self._text(element))
            self._rest()
        elif name == "list":
            self._list(element, 0)
        elif name == "table":
            self._table(element)
        else:
            self.blocks(element)

    def _heading(self, element: etree._Element, level: int) -> None:
        self._writer.heading(self._text(element), level)
        self._rest()

    def _list(self, element: etree._Element, depth: int) -> None:
        for item in element:
            mark = "-"
            for part in item:
                if local(part) == "list":
                    self._list(part, depth + 1)
                elif local(part) == "p":
                    text = self._text(part)
                    self._writer.item(text, depth, mark)
                    mark = "" if text else mark
                    self._rest()
                else:
                    self._block(part)

    def _table(self, table: etree._Element) -> None:
        columns = max((sum(local(e) in _CELLS for e in row) for row in _rows(table)), default=0)
        if columns <= 1:  # a frame around what it holds
            for row in _rows(table):
                self.blocks(row)
            return
        rows = [row for row in _rows(table) for _ in _repeats(row, "rows", _MOST_REPEATED)]
        headed = any(local(part) == "table-header-rows" for part in table)
        cells = [list(self._cells(row)) for row in rows]
        self._writer.table(spread(cells), headed=headed or None)
        self._rest()

    def _cells(self, row: etree._Element) -> Iterator[Cell]:
        """What a merged cell covers is there too, empty: its span needs no counting."""
        count = 0
        for element in row:
            if local(element) not in _CELLS:
                continue
            text = self._text(element) if local(element) == "table-cell" else ""
            for _ in _repeats(element, "columns", _MOST_COLUMNS):
                count += 1
                if count <= _MOST_COLUMNS:
                    yield Cell(text)

    def _text(self, element: etree._Element) -> str:
        """All that it holds in lines; of a cell, its lists and tables too."""
        self._gather(element)
        return self._runs.take()

    def _gather(self, element: etree._Element) -> None:
        self._runs.write(element.text)
        for part in element:
            self._inline(part)
            self._runs.write(part.tail)

    def _inline(self, part: etree._Element) -> None:
        name = local(part)
        if name in _LEFT_OUT or not name:
            return
        if name in {"note", "text-box"}:
            self._later.append(part)
        elif name in {"s", "tab"}:
            self._runs.write(" ")
        elif name == "line-break":
            self._runs.end_line()
        elif name == "a":
            self._runs.open_link(value(part, "href"))
            self._gather(part)
            self._runs.close_link()
        else:
            self._gather(part)
            if name in {"p", "h", "list-item", "table-row"}:
                self._runs.end_line()

    def _rest(self) -> None:
        """What the paragraph had with it; these may have some of their own."""
        while self._later:
            parts, self._later = self._later, []
            for part in parts:
                if local(part) == "note":
                    self._note(part)
                else:
                    self.blocks(part)

    def _note(self, note: etree._Element) -> None:
        mark = next((one_line("".join(e.itertext())) for e in note.iter("{*}note-citation")), "")
        for body in note.iter("{*}note-body"):
            text = self._text(body)
            self._writer.paragraph(f"[{mark}] {text}" if mark and text else text)


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    for part in table:
        if local(part) == "table-row":
            yield part
        elif local(part) in _ROW_GROUPS:
            yield from _rows(part)


def _repeats(element: etree._Element, what: str, most: int) -> range:
    """Empty ones fill a sheet up to its end, so that many of them mean nothing."""
    return range(_number(element, f"number-{what}-repeated", 1, most))


def _number(element: etree._Element, name: str, least: int, most: int) -> int:
    text = value(element, name)
    return max(least, min(int(text), most)) if re.fullmatch(r"[0-9]{1,9}", text) else least
