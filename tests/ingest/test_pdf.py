"""What a PDF becomes, page by page."""

import pytest

from domain.errors import ParseFailed
from ingest.draft import Parsed
from tests.ingest.pdfs import At, To, pdf
from tests.ingest.reading import path_of, read, texts

LOCK = (
    f"/ID [(a)(a)] /Encrypt << /Filter /Standard /V 1 /R 2 /P -1 /O ({'o' * 32}) /U ({'u' * 32}) >>"
)
SEALED = pdf([[At(700, "Secret.")]]).replace(b"/Root", LOCK.encode() + b" /Root")
WIDE = "This line is as wide as the column of text and therefore runs on to"


def page(number: int, *lines: At) -> list[At]:
    return [At(800, "Cold Stores Ltd"), *lines, At(30, f"Page {number} of 4")]


@pytest.fixture(scope="module")
def manual() -> Parsed:
    return read(
        "manual.pdf",
        pdf(
            [
                page(1, At(700, "1 The site"), At(670, WIDE), At(656, "the next one.")),
                page(2, At(700, "First paragraph."), At(640, "Second paragraph.")),
                page(3, At(700, "2 Plant"), At(670, "Two pumps and a spare.")),
                page(4, At(700, "The end.")),
            ],
            outline=[("The site", 0), ("Plant", 2)],
        ),
    )


def test_the_outline_gives_the_headings(manual: Parsed) -> None:
    assert texts(manual, "heading") == ["# The site", "# Plant"]
    assert path_of(manual, "Two pumps") == ("Plant",)


def test_a_block_knows_its_page(manual: Parsed) -> None:
    assert manual.blocks[-1].page == 4


def test_running_heads_and_feet_are_left_out(manual: Parsed) -> None:
    assert "Cold Stores" not in manual.text
    assert "Page" not in manual.text


def test_lines_become_paragraphs(manual: Parsed) -> None:
    assert f"{WIDE} the next one." in texts(manual, "paragraph")
    assert {"First paragraph.", "Second paragraph."} <= set(texts(manual, "paragraph"))


def test_without_an_outline_larger_letters_are_headings() -> None:
    lines = [At(700, "Plant", size=18), *(At(670 - 14 * i, WIDE) for i in range(5))]
    assert path_of(read("a.pdf", pdf([lines])), WIDE) == ("Plant",)


def test_the_number_of_a_single_page_is_no_text() -> None:
    assert read("card.pdf", pdf([[At(700, "Leave at once."), At(30, "Page 1 of 1")]])).text == (
        "Leave at once."
    )


def test_what_stands_twice_is_not_yet_furniture() -> None:
    parsed = read("a.pdf", pdf([[At(700, f"Page {i} closes with fish.")] for i in (1, 2)]))
    assert parsed.text.count("fish") == 2


def test_a_sentence_with_a_number_is_not_furniture() -> None:
    pages = [[At(30, f"Chamber {i} is cooled to minus 20 degrees.")] for i in range(5)]
    assert read("a.pdf", pdf(pages)).text.count("Chamber") == 5


def test_pages_without_text_are_a_scan() -> None:
    with pytest.raises(ParseFailed, match="a scan"):
        read("scan.pdf", pdf([[], []]))


def test_a_damaged_file_behind_an_encrypted_one_is_not_called_encrypted() -> None:
    # PDFium keeps the last error until there is another
    with pytest.raises(ParseFailed) as sealed:
        read("sealed.pdf", SEALED)
    with pytest.raises(ParseFailed) as empty:
        read("empty.pdf", pdf([]))
    assert (sealed.value.kind, empty.value.kind) == ("encrypted", "empty")


def test_words_under_a_link_lead_where_it_leads() -> None:
    """In Courier's place Helvetica: "See the " is 44 points wide, "rules" 27."""
    page = [At(700, "See the rules, or the rules of others.")]
    parsed = read("a.pdf", pdf([page], links=[To((115, 698, 143, 712), "https://x.test/r")]))
    (link,) = parsed.links
    assert (parsed.text[link.start : link.end], link.target) == ("rules", "https://x.test/r")
    assert link.start == 8


def test_a_link_over_a_broken_word_leads_from_both_halves() -> None:
    lines = [At(700, WIDE + " the regu-"), At(686, "lations of the house, and of others.")]
    long = To((60, 680, 560, 712), "https://x.test/r")
    parsed = read("a.pdf", pdf([lines], links=[long]))
    first, second = parsed.links
    assert parsed.text[first.start : first.end].endswith("the regu")
    assert parsed.text[second.start : second.end].startswith("lations of")
    assert first.end == second.start


def test_a_link_within_the_file_is_none() -> None:
    made = pdf([[At(700, "See the rules.")]], links=[To((60, 680, 560, 712), "x")])
    assert not read("a.pdf", made.replace(b"/S /URI", b"/S /GoToX")).links
