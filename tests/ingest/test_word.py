"""What a Word document becomes, beyond what all Office files do."""

import io
from collections.abc import Callable
from xml.sax.saxutils import escape

import docx
import pytest
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from domain.errors import ParseFailed
from ingest.draft import Parsed
from ingest.readers.elements import NO_LANGUAGE, cells
from tests.ingest.reading import path_of, read, texts
from tests.ingest.zips import zipped

_W = nsdecls("w")
_MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'


def _word(make: Callable[[Document], object]) -> Parsed:
    return read("a.docx", _saved(make))


def _saved(make: Callable[[Document], object]) -> bytes:
    document, file = docx.Document(), io.BytesIO()
    make(document)
    document.save(file)
    return file.getvalue()


def _run(xml: str) -> Callable[[Document], object]:
    """A paragraph of this."""
    return lambda d: d.element.body.insert(0, parse_xml(f"<w:p {_W} {_MC}>{xml}</w:p>"))


def _t(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def test_what_unstructured_reads_is_read() -> None:
    from unstructured.partition.docx import partition_docx  # after `elements` made it quiet

    data = _saved(_report)
    theirs = partition_docx(file=io.BytesIO(data), languages=NO_LANGUAGE)
    expected = [
        cell
        for element in theirs
        for cell in (
            (c for row in cells(element) for c in row)
            if element.category == "Table"
            else [element.text]
        )
    ]
    text = read("a.docx", data).text
    assert [part for part in expected if part not in text] == []


def _report(document: Document) -> None:
    document.add_heading("Harbour report", 0)
    for chapter in ("Quay", "Ice"):
        document.add_heading(chapter, 1)
        document.add_paragraph(f"The {chapter.lower()} was looked at twice in March.")
        document.add_paragraph("Wood first", style="List Number")
        document.add_paragraph("Iron then", style="List Bullet")
        table = document.add_table(rows=2, cols=2)
        for cell, text in zip(table._cells, ["Part", "Years", "pile", "12"], strict=True):
            cell.text = text


def test_a_style_that_stands_on_a_heading_is_one() -> None:
    def make(document: Document) -> None:
        style = document.styles.add_style("Kapitel", 1)
        style.base_style = document.styles["Heading 2"]
        document.add_paragraph("Quay", style="Kapitel")
        document.add_paragraph("It rots.")

    assert texts(_word(make))[0] == "## Quay"


def test_numbered_items_have_their_numbers() -> None:
    def make(document: Document) -> None:
        for text in ("wood", "iron"):
            document.add_paragraph(text, style="List Number")

    assert texts(_word(make), "list") == ["1. wood\n2. iron"]


def test_merged_cells_keep_their_columns() -> None:
    def make(document: Document) -> None:
        table = document.add_table(rows=3, cols=3)
        for i, cell in enumerate(table._cells):
            cell.text = f"c{i}"
        table.cell(1, 0).merge(table.cell(2, 0)).text = "tall"
        table.cell(0, 1).merge(table.cell(0, 2)).text = "wide"

    expected = "| c0 | wide |  |\n| tall | c4 | c5 |\n| tall | c7 | c8 |"
    assert texts(_word(make), "table") == [expected]


def test_a_table_in_a_cell_is_its_text() -> None:
    def make(document: Document) -> None:
        table = document.add_table(rows=1, cols=2)
        table.cell(0, 0).text = "outer"
        table.cell(0, 1).add_table(rows=1, cols=1).cell(0, 0).text = "inner"

    assert texts(_word(make), "table") == ["| outer | inner |"]


def test_what_was_deleted_is_left_out_and_what_was_inserted_is_not() -> None:
    gone = "<w:del><w:r><w:delText>old</w:delText></w:r></w:del>"
    assert texts(_word(_run(f"{_t('It is ')}{gone}<w:ins>{_t('new')}</w:ins>"))) == ["It is new"]


def test_hidden_text_is_left_out() -> None:
    hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>secret</w:t></w:r>"
    assert texts(_word(_run(_t("open") + hidden))) == ["open"]


def test_a_text_box_is_read_once() -> None:
    box = f"<w:txbxContent><w:p>{_t('in the box')}</w:p></w:txbxContent>"
    both = (
        "<w:r><mc:AlternateContent><mc:Choice Requires='wps'>"
        f"{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r>"
    )
    assert texts(_word(_run(_t("before") + both + _t(" and after")))) == [
        "before and after",
        "in the box",
    ]


def test_the_page_is_the_one_that_word_laid_out() -> None:
    def make(document: Document) -> None:
        turn = "<w:r><w:lastRenderedPageBreak/></w:r>"
        for xml in (turn + _t("second"), _t("first")):
            _run(xml)(document)

    assert [block.page for block in _word(make).blocks] == [1, 2]


def test_a_link_has_its_target() -> None:
    def make(document: Document) -> None:
        kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        key = document.part.relate_to("https://tides.example", f"{kind}/hyperlink", True)
        link = f'<w:hyperlink xmlns:r="{kind}" r:id="{key}">{_t("tides")}</w:hyperlink>'
        _run(_t("See ") + link)(document)

    parsed = _word(make)
    assert [(link.target, parsed.text[link.start : link.end]) for link in parsed.links] == [
        ("https://tides.example", "tides")
    ]


def _related(kind: str, target: str) -> str:
    return f'<Relationships><Relationship Id="r1" Type="{kind}" Target="{target}"/></Relationships>'


def test_a_footnote_follows_its_paragraph() -> None:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    note = f'<w:footnote w:id="2"><w:p>{_t("So it is said.")}</w:p></w:footnote>'
    mark = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    parts = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": _related(f"{kind}/officeDocument", "word/document.xml"),
        "word/_rels/document.xml.rels": _related(f"{kind}/footnotes", "footnotes.xml"),
        "word/footnotes.xml": f"<w:footnotes {_W}>{note}</w:footnotes>",
        "word/document.xml": (
            f"<w:document {_W}><w:body><w:p>{_t('It rots')}{mark}{_t(' fast.')}</w:p></w:body>"
            "</w:document>"
        ),
    }
    assert texts(read("a.docx", zipped(parts))) == ["It rots fast.", "[1] So it is said."]


def test_the_title_in_the_properties_is_the_documents() -> None:
    def make(document: Document) -> None:
        document.core_properties.title = "Harbour report"
        document.add_paragraph("It rots.")

    assert _word(make).title == "Harbour report"


def test_a_heading_has_its_sections_above_it() -> None:
    assert path_of(read("a.docx", _saved(_report)), "Wood first") == ("Quay",)


def test_entities_are_refused() -> None:
    bad = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>'
    with pytest.raises(ParseFailed) as refused:
        read("a.docx", zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": bad}))
    assert refused.value.kind == "unsafe_xml"


def test_a_heading_has_the_number_that_word_shows() -> None:
    def make(document: Document) -> None:
        numbering = document.part.numbering_part.element
        levels = "".join(
            f'<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>'
            f'<w:lvlText w:val="{shape}"/></w:lvl>'
            for i, (form, shape) in enumerate([("upperRoman", "%1."), ("decimal", "%1.%2")])
        )
        shape = f'<w:abstractNum {_W} w:abstractNumId="90">{levels}</w:abstractNum>'
        numbering.insert(0, parse_xml(shape))
        numbering.append(
            parse_xml(f'<w:num {_W} w:numId="91"><w:abstractNumId w:val="90"/></w:num>')
        )
        for text, depth in (("Term", 0), ("Notice", 1), ("Fees", 0), ("Interest", 1)):
            heading = document.add_heading(text, depth + 1)
            properties = heading._p.get_or_add_pPr()
            properties.append(
                parse_xml(f'<w:numPr {_W}><w:ilvl w:val="{depth}"/><w:numId w:val="91"/></w:numPr>')
            )

    expected = ["# I. Term", "## I.1 Notice", "# II. Fees", "## II.1 Interest"]
    assert texts(_word(make)) == expected


def test_lines_in_a_style_of_code_are_one_block_with_their_spaces() -> None:
    def make(document: Document) -> None:
        document.styles.add_style("Source Code", 1)
        for line in ("if ice:", "    stop()"):
            document.add_paragraph(line, style="Source Code")

    assert texts(_word(make), "code") == ["if ice:\n    stop()"]


def test_a_field_that_is_a_link_leads_to_its_target() -> None:
    def sign(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    code = '<w:r><w:instrText> HYPERLINK "https://ice.test/" </w:instrText></w:r>'
    field = sign("begin") + code + sign("separate") + _t("the quay") + sign("end")
    parsed = _word(_run(_t("See ") + field + _t(".")))
    assert [(parsed.text[k.start : k.end], k.target) for k in parsed.links] == [
        ("the quay", "https://ice.test/")
    ]
