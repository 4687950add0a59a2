# /// script
# requires-python = ">=3.11"
# dependencies = ["markdown-it-py==4.3.0", "python-docx==1.2.0", "reportlab==5.1.0"]
# ///
"""Writes the handbook's PDF and DOCX files from the Markdown in `source/`.

    python sample/make_binaries.py

The files are committed, so this is needed only after a change of a source. ReportLab is for
that alone: the project does not install it, put it into an environment of your own. The same
versions of the libraries give the same bytes: dates are fixed.
Knows headings, paragraphs, lists and tables, and nothing else of Markdown.
"""

import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import docx
from docx.document import Document as Docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from reportlab.lib import colors
from reportlab.lib.pagesizes import B5
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    Flowable,
    KeepTogether,
    ListFlowable,
    ListItem,
    Paragraph,
    SimpleDocTemplate,
    Table,
    TableStyle,
)

HERE = Path(__file__).parent
HANDBOOK = HERE / "handbook"
COMPANY = "Brackmere Cold Stores Ltd"
DATE = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.UTC)

PDFS = ("operations-manual", "ammonia-and-fire-card")
DOCXS = ("customer-terms", "continuity-plan")


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Items:
    numbered: bool
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    rows: tuple[tuple[str, ...], ...]  # the first one is the head


Part = Heading | Text | Items | Rows


def read(source: Path) -> list[Part]:
    tokens = MarkdownIt().enable("table").parse(source.read_text(encoding="utf-8"))
    return [part(node) for node in SyntaxTreeNode(tokens).children]


def part(node: SyntaxTreeNode) -> Part:
    if node.type == "heading":
        return Heading(int(node.tag[1]), words(node))
    if node.type == "paragraph":
        return Text(words(node))
    if node.type in ("bullet_list", "ordered_list"):
        return Items(node.type == "ordered_list", tuple(words(item) for item in node.children))
    if node.type == "table":
        rows = [row for half in node.children for row in half.children]
        return Rows(tuple(tuple(words(cell) for cell in row.children) for row in rows))
    raise SystemExit(f"'{node.type}' is not drawn here; keep to headings, text, lists, tables.")


def words(node: SyntaxTreeNode) -> str:
    leaves = (leaf for leaf in node.walk() if leaf.type in ("text", "softbreak"))
    text = "".join(" " if leaf.type == "softbreak" else leaf.content for leaf in leaves)
    return " ".join(text.split())


# PDF

BODY = ParagraphStyle(
    "body", fontName="Helvetica", fontSize=10.5, leading=14.5, spaceAfter=7, allowWidows=0
)
ITEM = ParagraphStyle("item", parent=BODY, spaceAfter=3)
CELL = ParagraphStyle("cell", parent=BODY, fontSize=9, leading=12, spaceAfter=0)
HEAD_CELL = ParagraphStyle("head-cell", parent=CELL, fontName="Helvetica-Bold")
HEADINGS = {
    level: ParagraphStyle(
        f"heading-{level}",
        fontName="Helvetica-Bold",
        fontSize=size,
        leading=size * 1.25,
        spaceBefore=before,
        spaceAfter=6,
        keepWithNext=True,
    )
    for level, size, before in ((1, 20, 0), (2, 13.5, 9), (3, 11, 6))
}
GRID = TableStyle(
    [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("BACKGROUND", (0, 0), (-1, 0), colors.Color(0.87, 0.91, 0.94)),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, colors.grey),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]
)
PAGE_WIDTH, PAGE_HEIGHT = B5
SIDE = 20 * mm
EDGE = SIDE + 6  # ReportLab's frames have 6 points of padding
TEXT_WIDTH = PAGE_WIDTH - 2 * EDGE
SPLIT_ABOVE = 8  # a table of more rows may go on over the page


class Manual(SimpleDocTemplate):
    """B5 with a running head, page numbers and an outline made of the headings."""

    def __init__(self, file: io.BytesIO, title: str, pages: int) -> None:
        super().__init__(
            file,
            pagesize=B5,
            leftMargin=SIDE,
            rightMargin=SIDE,
            topMargin=22 * mm,
            bottomMargin=18 * mm,
            title=title,
            author=COMPANY,
            lang="en-GB",
            invariant=1,
        )
        self.pages = pages

    def frame_page(self, canvas: Canvas, _: SimpleDocTemplate) -> None:
        canvas.saveState()
        canvas.setFont("Helvetica", 8.5)
        canvas.setFillGray(0.35)
        top = PAGE_HEIGHT - 16 * mm
        canvas.drawString(EDGE, top, COMPANY)
        canvas.drawRightString(PAGE_WIDTH - EDGE, top, self.title)
        canvas.line(EDGE, top - 2 * mm, PAGE_WIDTH - EDGE, top - 2 * mm)
        canvas.drawCentredString(PAGE_WIDTH / 2, 13 * mm, f"Page {self.page} of {self.pages}")
        canvas.restoreState()

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802, ReportLab's name
        level = getattr(flowable, "outline_level", None)
        if level is not None:
            key = f"part-{self.canv.getPageNumber()}-{flowable.getPlainText()}"
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(flowable.getPlainText(), key, level=level)


def draw(item: Part) -> Iterator[Flowable]:
    match item:
        case Heading(level, text):
            heading = Paragraph(escape(text), HEADINGS[level])
            heading.outline_level = level - 1
            yield heading
        case Text(text):
            yield Paragraph(escape(text), BODY)
        case Items(numbered, texts):
            entries = [ListItem(Paragraph(escape(text), ITEM)) for text in texts]
            kind = (
                {"bulletType": "1", "bulletFormat": "%s."}
                if numbered
                else {"bulletType": "bullet", "start": "•"}
            )
            yield ListFlowable(
                entries, leftIndent=18, bulletFontSize=BODY.fontSize, spaceAfter=6, **kind
            )
        case Rows(rows):
            yield table(rows)


def table(rows: tuple[tuple[str, ...], ...]) -> Flowable:
    """A column that needs less than its share gets what it needs; the others share the rest."""
    needs = [max(map(width, column)) for column in zip(*rows, strict=True)]
    share = TEXT_WIDTH / len(needs)
    narrow = [need for need in needs if need <= share]
    rest = (TEXT_WIDTH - sum(narrow)) / max(len(needs) - len(narrow), 1)
    cells = [
        [Paragraph(escape(cell), HEAD_CELL if y == 0 else CELL) for cell in row]
        for y, row in enumerate(rows)
    ]
    widths = [need if need <= share else rest for need in needs]
    grid = Table(
        cells, widths, repeatRows=1, style=GRID, hAlign="LEFT", spaceBefore=2, spaceAfter=10
    )
    return grid if len(rows) > SPLIT_ABOVE else KeepTogether([grid])


def width(cell: str) -> float:
    return float(stringWidth(cell, HEAD_CELL.fontName, HEAD_CELL.fontSize)) + 14


def pdf(parts: list[Part]) -> bytes:
    title, pages = parts[0].text if isinstance(parts[0], Heading) else "", 0
    for _ in range(2):  # the first time only counts the pages
        file = io.BytesIO()
        manual = Manual(file, title, pages)
        story = [flowable for item in parts for flowable in draw(item)]
        manual.build(story, onFirstPage=manual.frame_page, onLaterPages=manual.frame_page)
        pages = manual.page
    return file.getvalue()


# DOCX


def word(parts: list[Part]) -> bytes:
    document = docx.Document()
    for item in parts:
        write(document, item)
    footer = document.sections[0].footer.paragraphs[0]
    footer.text = f"{COMPANY}, for internal use and for customers under contract"
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    about = document.core_properties
    about.title = parts[0].text if isinstance(parts[0], Heading) else ""
    about.author = about.last_modified_by = COMPANY
    about.created = about.modified = DATE.replace(tzinfo=None)
    about.comments = ""
    file = io.BytesIO()
    document.save(file)
    return with_fixed_dates(file)


def write(document: Docx, item: Part) -> None:
    match item:
        case Heading(level, text):
            document.add_heading(text, level - 1)  # 0 is the title
        case Text(text):
            document.add_paragraph(text)
        case Items(numbered, texts):
            for text in texts:
                document.add_paragraph(text, "List Number" if numbered else "List Bullet")
        case Rows(rows):
            grid = document.add_table(len(rows), len(rows[0]), "Light Grid Accent 1")
            for row, cells in zip(grid.rows, rows, strict=True):
                for cell, text in zip(row.cells, cells, strict=True):
                    cell.text = text
            document.add_paragraph()


def with_fixed_dates(file: io.BytesIO) -> bytes:
    """A .docx is a zip, and its entries carry the time of writing."""
    again = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, DATE.timetuple()[:6])
            new.writestr(entry, old.read(name), zipfile.ZIP_DEFLATED)
    return again.getvalue()


def main() -> None:
    for name in PDFS:
        (HANDBOOK / f"{name}.pdf").write_bytes(pdf(read(HERE / "source" / f"{name}.md")))
    for name in DOCXS:
        (HANDBOOK / f"{name}.docx").write_bytes(word(read(HERE / "source" / f"{name}.md")))


if __name__ == "__main__":
    main()
