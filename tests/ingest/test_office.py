"""What Word, PowerPoint and Excel files become."""

import io

import docx
import openpyxl
import pptx
import pytest

from domain.errors import ParseFailed
from ingest.draft import Parsed
from tests.ingest.reading import path_of, read, texts
from tests.ingest.zips import zipped


@pytest.fixture(scope="module")
def terms() -> Parsed:
    document, file = docx.Document(), io.BytesIO()
    document.sections[0].footer.paragraphs[0].text = "For internal use"
    document.add_heading("Terms", 1)
    document.add_paragraph("A contract runs for 12 months, and either side may end it.")
    document.add_heading("Liability", 2)
    document.add_paragraph("up to 250 pounds", style="List Bullet")
    document.add_paragraph("not for fish", style="List Bullet")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(table._cells, ["Kind", "Limit", "loss", "250"], strict=True):
        cell.text = text
    document.save(file)
    return read("terms.docx", file.getvalue())


def test_word_styles_are_headings(terms: Parsed) -> None:
    assert path_of(terms, "not for fish") == ("Terms", "Liability")


def test_word_lists_are_one_block(terms: Parsed) -> None:
    assert texts(terms, "list") == ["- up to 250 pounds\n- not for fish"]


def test_word_tables_are_rows(terms: Parsed) -> None:
    assert texts(terms, "table") == ["| Kind | Limit |\n| loss | 250 |"]


def test_a_footer_is_not_text(terms: Parsed) -> None:
    assert "internal use" not in terms.text


def test_a_slide_is_a_section_on_its_page() -> None:
    slides, file = pptx.Presentation(), io.BytesIO()
    for title, text in (("Plan", "We begin in March."), ("Risks", "Ice on the quay.")):
        slide = slides.slides.add_slide(slides.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = text
    slides.save(file)
    parsed = read("plan.pptx", file.getvalue())
    assert path_of(parsed, "Ice") == ("Risks",)
    assert parsed.blocks[-1].page == 2


def test_a_sheet_is_a_section_and_its_rows_say_their_columns() -> None:
    book, file = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    sheet.title = "Rates"
    for row in (("Room", "Rate"), ("T3", 12), ("B1", 7.5)):
        sheet.append(row)
    book.save(file)
    parsed = read("rates.xlsx", file.getvalue())
    assert path_of(parsed, "T3") == ("Rates",)
    assert texts(parsed, "table") == ["| Room: T3 | Rate: 12 |\n| Room: B1 | Rate: 7.5 |"]


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("a.docx", "word/document.xml"),
        ("a.pptx", "ppt/presentation.xml"),
        ("a.xlsx", "xl/workbook.xml"),
    ],
)
def test_a_bomb_is_refused(name: str, part: str) -> None:
    with pytest.raises(ParseFailed) as refused:
        read(name, zipped({"[Content_Types].xml": "<Types/>", part: bytes(2**22)}))
    assert refused.value.kind == "bomb"


@pytest.mark.parametrize("name", ["a.docx", "a.pptx", "a.xlsx"])
def test_one_without_its_parts_is_damaged(name: str) -> None:
    folder = {"a.docx": "word/document.xml", "a.pptx": "ppt/presentation.xml"}
    parts = {"[Content_Types].xml": "<Types/>", folder.get(name, "xl/workbook.xml"): "<a/>"}
    with pytest.raises(ParseFailed) as refused:
        read(name, zipped(parts))
    assert refused.value.kind == "corrupt"


def test_a_table_on_a_slide_knows_that_its_first_row_names_the_columns() -> None:
    slides, file = pptx.Presentation(), io.BytesIO()
    slide = slides.slides.add_slide(slides.slide_layouts[6])
    table = slide.shapes.add_table(2, 2, 0, 0, 100, 100).table
    for i, text in enumerate(["Part", "Years", "pile", "12"]):
        table.cell(i // 2, i % 2).text = text
    slides.save(file)
    assert [b.headed for b in read("a.pptx", file.getvalue()).blocks if b.kind == "table"] == [True]


def test_words_of_a_slide_lead_where_their_link_does() -> None:
    slides, file = pptx.Presentation(), io.BytesIO()
    slide = slides.slides.add_slide(slides.slide_layouts[1])
    slide.shapes.title.text = "The rules"
    frame = slide.placeholders[1].text_frame
    frame.text = "The rules of others"
    paragraph = frame.add_paragraph()
    for words, target in (("See the ", ""), ("rules", "https://x.test/rules"), (" first.", "")):
        run = paragraph.add_run()
        run.text = words
        if target:
            run.hyperlink.address = target
    slides.save(file)
    parsed = read("a.pptx", file.getvalue())
    (link,) = parsed.links
    assert (parsed.text[link.start : link.end], link.target) == ("rules", "https://x.test/rules")
    assert parsed.text[: link.start].endswith("See the ")


def test_a_cell_leads_where_its_link_does() -> None:
    book, file = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    for row in (("Room", "Plan"), ("T3", "third floor"), ("B1", 7)):
        sheet.append(row)
    sheet["B2"].hyperlink, sheet["B3"].hyperlink = "https://x.test/3", "https://x.test/b"
    book.save(file)
    parsed = read("rates.xlsx", file.getvalue())
    assert texts(parsed, "table") == ["| Room: T3 | Plan: third floor |\n| Room: B1 | Plan: 7 |"]
    assert [(parsed.text[link.start : link.end], link.target) for link in parsed.links] == [
        ("third floor", "https://x.test/3"),
        ("7", "https://x.test/b"),
    ]
