"""What an OpenDocument text becomes."""

import pytest

from domain.errors import ParseFailed
from tests.ingest.reading import path_of, read, texts
from tests.ingest.zips import odt


def _cell(text: str, more: str = "") -> str:
    return f"<table:table-cell {more}><text:p>{text}</text:p></table:table-cell>"


def test_headings_keep_their_levels() -> None:
    text = (
        '<text:h text:outline-level="1">Quay</text:h><text:h text:outline-level="2">Wood</text:h>'
        "<text:p>It rots.</text:p>"
    )
    assert path_of(read("a.odt", odt(text)), "It rots") == ("Quay", "Wood")


def test_its_title_is_the_one_in_its_metadata() -> None:
    assert read("a.odt", odt("<text:p>It rots.</text:p>", title="Harbour")).title == "Harbour"


def test_spaces_tabs_and_line_ends_are_kept() -> None:
    text = '<text:p>a<text:s text:c="2"/>b<text:tab/>c<text:line-break/>d</text:p>'
    assert texts(read("a.odt", odt(text))) == ["a b c\nd"]


def test_lists_keep_their_depth() -> None:
    inner = "<text:list><text:list-item><text:p>oak</text:p></text:list-item></text:list>"
    text = f"<text:list><text:list-item><text:p>wood</text:p>{inner}</text:list-item></text:list>"
    assert texts(read("a.odt", odt(text)), "list") == ["- wood\n  - oak"]


def test_a_table_says_which_row_names_its_columns() -> None:
    head = f"<table:table-row>{_cell('12')}{_cell('13')}</table:table-row>"
    text = (
        f"<table:table><table:table-header-rows>{head}</table:table-header-rows>"
        f"<table:table-row>{_cell('a')}{_cell('b')}</table:table-row></table:table>"
    )
    parsed = read("a.odt", odt(text))
    assert (texts(parsed), parsed.blocks[0].headed) == (["| 12 | 13 |\n| a | b |"], True)


def test_columns_and_rows_without_end_are_bounded() -> None:
    many = 'table:number-columns-repeated="100000"'
    text = (
        '<table:table><table:table-row table:number-rows-repeated="1000000">'
        f"{_cell('a', many)}{_cell('b')}</table:table-row></table:table>"
    )
    assert len(read("a.odt", odt(text)).text) < 100_000


def test_a_note_follows_its_paragraph() -> None:
    text = (
        "<text:p>It rots<text:note><text:note-citation>1</text:note-citation><text:note-body>"
        "<text:p>So it is said.</text:p></text:note-body></text:note> fast.</text:p>"
    )
    assert texts(read("a.odt", odt(text))) == ["It rots fast.", "[1] So it is said."]


def test_what_was_deleted_is_left_out() -> None:
    text = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>Old.</text:p>"
        "</text:deletion></text:changed-region></text:tracked-changes><text:p>New.</text:p>"
    )
    assert texts(read("a.odt", odt(text))) == ["New."]


def test_links_are_kept() -> None:
    text = '<text:p>See <text:a xlink:href="https://tides.example">tides</text:a>.</text:p>'
    parsed = read("a.odt", odt(text))
    assert [link.target for link in parsed.links] == ["https://tides.example"]


def test_an_encrypted_one_is_refused() -> None:
    locked = "<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>"
    with pytest.raises(ParseFailed) as refused:
        read("a.odt", odt("<text:p>x</text:p>", manifest=locked))
    assert refused.value.kind == "encrypted"
