"""A tree of HTML elements → blocks. What is furniture was taken out of it before.

Walks without recursion, so that depth is no danger. Knows nothing of bytes and pages.
"""

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from ingest.draft import Draft
from ingest.readers.grid import Cell, spread
from ingest.readers.runs import Runs, Writer

_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dir div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main "
    "menu nav ol option p pre search section summary table tbody td textarea tfoot th thead "
    "tr ul".split()
)
_HEADING = re.compile(r"h([1-6])")
_LISTS = frozenset({"ul", "ol", "menu", "dir"})
_CODE = frozenset({"pre", "listing", "xmp"})
_HEADS = frozenset(f"h{level}" for level in range(1, 7))
_PERMALINKS = frozenset({"¶", "#", "§", "🔗", ""})
_LONG_CELL = 1500


def write_tree(root: HtmlElement, draft: Draft, *, level: int = 0) -> None:
    """`level` is that of the section which it lies in."""
    etree.strip_elements(root, etree.Comment, etree.ProcessingInstruction, with_tail=False)
    _Walk(Writer(draft), level).walk(root)


class _Walk:
    """Where the walk is: the lists and the heading that are open, and a term to be explained."""

    def __init__(self, writer: Writer, level: int) -> None:
        self._writer = writer
        self._level = level
        self._runs = Runs()
        self._lists: list[int | None] = []  # the number of the last item; None: has no numbers
        self._mark: str | None = None  # of the item that is open; empty once it was written
        self._heading = 0
        self._term = ""

    def walk(self, root: HtmlElement) -> None:
        steps = etree.iterwalk(root, events=("start", "end"))
        for event, element in steps:
            if event == "end":
                self._end(element)
                if element is not root:
                    self._runs.write(element.tail)
            elif self._whole(element):
                steps.skip_subtree()
            else:
                self._start(element)
                self._runs.write(element.text)
        self._flush()
        self._explain()
        self._writer.end_list()

    def _whole(self, element: HtmlElement) -> bool:
        """What is not walked through, since it is written as one."""
        tag = element.tag
        if tag in _CODE:
            self._begin_block()
            self._writer.code(_verbatim(element))
        elif tag == "table" and not _lays_out(element):
            self._begin_block()
            for caption in element.iterchildren("caption"):
                self._writer.paragraph(_inline(caption))
            rows = list(_rows(element))
            self._writer.table(spread(map(_cells, rows)), headed=_headed(rows))
        elif tag == "math":
            self._runs.write(_formula(element))
        else:
            return False
        return True

    def _start(self, element: HtmlElement) -> None:
        tag = element.tag
        if tag in _BLOCKS:
            self._flush()
        if tag in _HEADS:
            self._heading = int(tag[1])
        elif tag in _LISTS:
            first = element.get("start", "1")
            number = int(first) if re.fullmatch(r"-?\d{1,6}", first) else 1
            self._lists.append(number - 1 if tag == "ol" else None)
            self._mark = None
        elif tag == "li":
            self._mark = self._next_mark()
        else:
            _open(self._runs, element)

    def _end(self, element: HtmlElement) -> None:
        tag = element.tag
        if tag == "dt":
            self._explain()
            self._term = self._runs.take()
        elif tag in _BLOCKS:
            self._flush()
        if tag in _HEADS:
            self._heading = 0
        elif tag in _LISTS and self._lists:
            self._lists.pop()
            self._mark = "" if self._lists else None
        elif tag == "li":
            self._mark = None
        elif tag == "a":
            self._runs.close_link()

    def _next_mark(self) -> str:
        if not self._lists or self._lists[-1] is None:
            return "-"
        self._lists[-1] += 1
        return f"{self._lists[-1]}."

    def _begin_block(self) -> None:
        self._flush()
        self._explain()

    def _flush(self) -> None:
        text = self._runs.take()
        if not text:
            return
        if self._heading:
            self._explain()
            self._writer.heading(text, self._level + self._heading)
        elif self._mark is not None:
            self._explain()
            self._writer.item(text, len(self._lists) - 1, self._mark)
            self._mark = ""
        else:
            self._writer.paragraph(f"{self._term}\n{text}" if self._term else text)
            self._term = ""

    def _explain(self) -> None:
        """A term without a paragraph of its own behind it is one itself."""
        if self._term:
            self._writer.paragraph(self._term)
            self._term = ""


def _open(runs: Runs, element: HtmlElement) -> None:
    if element.tag == "br":
        runs.end_line()
    elif element.tag == "a":
        permalink = element.getparent() is not None and element.getparent().tag in _HEADS
        if permalink and element.text_content().strip() in _PERMALINKS:
            element.text = None
        runs.open_link(element.get("href"))


def _inline(element: HtmlElement) -> str:
    """All of its text in lines."""
    runs = Runs()
    steps = etree.iterwalk(element, events=("start", "end"))
    for event, part in steps:
        if event == "start" and part.tag == "math":
            runs.write(_formula(part))
            steps.skip_subtree()
        elif event == "start":
            if part.tag in _BLOCKS:
                runs.end_line()
            _open(runs, part)
            runs.write(part.text)
        else:
            if part.tag == "a":
                runs.close_link()
            if part.tag in _BLOCKS:
                runs.end_line()
            if part is not element:
                runs.write(part.tail)
    return runs.take()


def _verbatim(element: HtmlElement) -> str:
    for line_end in element.iter("br"):
        line_end.tail = f"\n{line_end.tail or ''}"
    return str(element.text_content())


def _formula(math: HtmlElement) -> str:
    tex = math.xpath("string(.//*[local-name()='annotation'][contains(@encoding, 'tex')])")
    return str(tex or math.get("alttext") or " ".join(math.itertext()))


def _lays_out(table: HtmlElement) -> bool:
    """A table of tables, of sections, of code, of one column, or of cells as long as pages."""
    if table.get("role") in {"presentation", "none"}:
        return True
    if next(table.iter("pre", *_HEADS), None) is not None:
        return True
    if any(inner is not table for inner in table.iter("table")):
        return True
    rows = [list(row.iterchildren("td", "th")) for row in _rows(table)]
    if max(map(len, rows), default=0) <= 1:
        return True
    return any(len(cell.text_content()) > _LONG_CELL for row in rows for cell in row)


def _rows(table: HtmlElement) -> Iterator[HtmlElement]:
    for part in table.iterchildren():
        if part.tag == "tr":
            yield part
        elif part.tag in {"thead", "tbody", "tfoot"}:
            yield from part.iterchildren("tr")


def _cells(row: HtmlElement) -> Iterator[Cell]:
    for cell in row.iterchildren("td", "th"):
        yield Cell(_inline(cell), _span(cell, "colspan"), _span(cell, "rowspan"))


def _span(cell: HtmlElement, name: str) -> int:
    value = cell.get(name, "1").strip()
    return int(value) if re.fullmatch(r"[0-9]{1,5}", value) else 1


def _headed(rows: list[Any]) -> bool | None:
    """As the page says it; None where it has no header cells at all."""
    if not rows:
        return None
    first = list(rows[0].iterchildren("td", "th"))
    if rows[0].getparent().tag == "thead" or all(cell.tag == "th" for cell in first):
        return True
    return False if any(row.find("th") is not None for row in rows) else None
