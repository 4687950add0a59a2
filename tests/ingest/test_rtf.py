"""Rich text: letters of any code page, and the structure that its control words give."""

import pytest

from domain.errors import ParseFailed
from ingest.draft import Parsed
from ingest.readers.rtf import read_rtf

HEAD = r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Arial;}{\f1\fcharset204 Cyr;}}"
STYLES = r"{\stylesheet{\s0 Normal;}{\s1\ql heading 1;}{\s2 heading 2;}}"


def read(body: str, head: str = HEAD) -> Parsed:
    return read_rtf((head + body + "}").encode()).parsed("t", "application/rtf")


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (r"caf\'e9", "café"),
        (r"\u1078?\u1080?", "жи"),
        (r"\uc2\u8364\'80\'20 5", "€ 5"),
        (r"{\f1 \'e6\'e8}", "жи"),
        (r"a\emdash b\~c\_d", "a—b\xa0c‑d"),
        (r"\{x\}\\", "{x}\\"),
    ],
)
def test_letters_are_what_they_stand_for(written: str, text: str) -> None:
    assert read(written + r"\par").text == text


def test_paragraphs_and_headings_of_styles_and_levels() -> None:
    parsed = read(
        STYLES + r"\s1 One\par\pard text\par\pard\s2 Two\par\pard\outlinelevel2 Three\par"
    )
    assert parsed.text == "# One\n\ntext\n\n## Two\n\n### Three"
    assert parsed.blocks[-1].headings == ("One", "Two", "Three")


def test_rows_of_cells_are_a_table() -> None:
    row = r"\trowd\cellx1\cellx2\pard\intbl {}\cell {}\cell\row"
    parsed = read(row.format("Name", "Age") + row.format("Ada", "36") + r"\pard after\par")
    assert parsed.text == "| Name | Age |\n| Ada | 36 |\n\nafter"


def test_list_items_stand_together() -> None:
    item = r"\pard{{\listtext\'b7\tab}}{}\par"
    assert read(item.format("one") + item.format("two")).text == "- one\n- two"


def test_what_is_no_text_is_left_out() -> None:
    info = r"{\info{\title The title}{\author Me}}"
    parsed = read(info + r"{\*\unknown gone}{\header page 1}{\pict ffd8}kept\par")
    assert (parsed.title, parsed.text) == ("The title", "kept")


def test_a_link_keeps_its_words_and_its_target() -> None:
    parsed = read(
        r'see {\field{\*\fldinst HYPERLINK "https://a.example/x"}{\fldrslt the page}} now\par'
    )
    assert parsed.text == "see the page now"
    (link,) = parsed.links
    assert (parsed.text[link.start : link.end], link.target) == ("the page", "https://a.example/x")


def test_a_footnote_does_not_part_the_sentence() -> None:
    parsed = read(r"One{\super 1}{\footnote The note.} sentence.\par")
    assert "sentence." in parsed.text.splitlines()[0]
    assert "The note." in parsed.text


def test_groups_too_deep_are_refused_and_others_are_read() -> None:
    assert read("{" * 5_000 + "x" + "}" * 5_000 + r"\par").text == "x"
    with pytest.raises(ParseFailed, match="nested"):
        read("{" * 100_000 + "x")


def test_what_is_no_rtf_says_so() -> None:
    with pytest.raises(ParseFailed, match="no RTF"):
        read_rtf(b"plain words")
