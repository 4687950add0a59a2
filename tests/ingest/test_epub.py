"""What a book becomes."""

import pytest

from domain.errors import ParseFailed
from tests.ingest.reading import path_of, read, texts
from tests.ingest.zips import epub

_ENCRYPTED = (
    '<encryption xmlns:enc="http://www.w3.org/2001/04/xmlenc#"><enc:EncryptedData>'
    '<enc:EncryptionMethod Algorithm="{way}"/><enc:CipherData>'
    '<enc:CipherReference URI="{part}"/></enc:CipherData></enc:EncryptedData></encryption>'
)


def test_chapters_come_in_reading_order() -> None:
    parsed = read("book.epub", epub("<p>The quay.</p>", "<p>The ice.</p>"))
    assert texts(parsed) == ["The quay.", "The ice."]


def test_its_title_is_the_one_in_its_metadata() -> None:
    assert read("book.epub", epub("<h1>Quay</h1><p>Wood.</p>")).title == "Harbour Book"


def test_headings_keep_their_levels() -> None:
    parsed = read("book.epub", epub("<h1>Quay</h1>", "<h2>Wood</h2><p>It rots.</p>"))
    assert path_of(parsed, "It rots") == ("Quay", "Wood")


def test_the_navigation_is_left_out() -> None:
    nav = '<nav epub:type="toc"><ol><li><a href="c0.xhtml">Quay</a></li></ol></nav>'
    assert texts(read("book.epub", epub("<p>Wood.</p>", nav=nav))) == ["Wood."]


def test_a_cover_is_left_out() -> None:
    cover = '<body epub:type="cover"><p>A ship at sea</p></body>'
    assert texts(read("book.epub", epub(cover, "<p>Wood.</p>"))) == ["Wood."]


def test_a_link_into_the_book_is_only_text_and_one_out_of_it_a_link() -> None:
    body = '<p><a href="c1.xhtml">Ice</a> and <a href="https://tides.example">tides</a>.</p>'
    parsed = read("book.epub", epub(body))
    assert [link.target for link in parsed.links] == ["https://tides.example"]


def test_letters_with_names_are_letters() -> None:
    assert texts(read("book.epub", epub("<p>Fish&nbsp;&amp; caf&eacute;</p>"))) == ["Fish & café"]


def test_a_page_that_is_not_well_formed_is_read_as_a_browser_would() -> None:
    assert texts(read("book.epub", epub("<p>Wood<br>rots.</p>"))) == ["Wood\nrots."]


def test_an_encrypted_chapter_is_refused() -> None:
    way = "http://www.w3.org/2001/04/xmlenc#aes128-cbc"
    locked = _ENCRYPTED.format(way=way, part="OPS/c0.xhtml")
    with pytest.raises(ParseFailed) as refused:
        read("book.epub", epub("<p>Wood.</p>", **{"META-INF__encryption": locked}))
    assert refused.value.kind == "encrypted"


def test_scrambled_fonts_do_no_harm() -> None:
    way = "http://www.idpf.org/2008/embedding"
    fonts = _ENCRYPTED.format(way=way, part="OPS/serif.otf")
    parsed = read("book.epub", epub("<p>Wood.</p>", **{"META-INF__encryption": fonts}))
    assert texts(parsed) == ["Wood."]
