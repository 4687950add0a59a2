"""Documents become chunks along their structure. What holds for all: test_chunk_properties."""

import re
from itertools import pairwise

import pytest

from domain.documents import BlockKind, Link
from domain.errors import InvalidInput
from ingest.chunk import ChunkConfig, chunk
from tests.ingest.pieces import Pieces
from tests.ingest.tokens import Words


def chunked(pieces: Pieces, limit: int, overlap: int = 0) -> list[str]:
    made = chunk(pieces.document(), ChunkConfig(limit, overlap), Words())
    return [one.text for one in made]


def words(count: int) -> str:
    return " ".join(["word"] * count)


def section(pieces: Pieces, title: str, level: int, text: str) -> Pieces:
    return pieces.heading(title, level).add("paragraph", text)


def test_a_document_that_fits_is_one_chunk() -> None:
    pieces = section(section(Pieces(), "A", 1, "one"), "B", 2, "two")
    assert chunked(pieces, 40) == [pieces.text]


def test_a_document_without_text_has_no_chunks() -> None:
    assert chunked(Pieces(), 40) == []


def test_small_neighbours_under_one_parent_share_a_chunk() -> None:
    pieces = Pieces().heading("Top", 1)
    for name in "ABCD":
        section(pieces, f"§ {name}", 2, words(12))
    assert [text.count("§") for text in chunked(pieces, 40)] == [2, 2]


def test_a_shared_chunk_has_the_headings_that_hold_for_all_of_it() -> None:
    pieces = section(section(Pieces().heading("Top", 1), "A", 2, "text"), "B", 2, "text")
    (one,) = chunk(pieces.document(), ChunkConfig(40), Words())
    assert one.headings == ("Top",)


def test_a_section_of_its_own_has_its_heading() -> None:
    pieces = Pieces().heading("Top", 1)
    section(section(pieces, "A", 2, words(30)), "B", 2, words(30))
    chunks = chunk(pieces.document(), ChunkConfig(48), Words())
    assert [one.headings for one in chunks] == [("Top", "A"), ("Top", "B")]


def test_text_behind_a_subsection_is_not_put_under_its_heading() -> None:
    pieces = section(section(Pieces(), "A", 1, words(20)), "B", 2, words(20))
    pieces.path = ("A",)
    pieces.add("paragraph", words(20))
    chunks = chunk(pieces.document(), ChunkConfig(32), Words())
    assert [one.headings for one in chunks] == [("A",), ("A", "B"), ("A",)]


def test_a_heading_is_not_left_behind() -> None:
    pieces = section(section(Pieces(), "A", 1, words(25)), "B", 2, words(25))
    assert [text.splitlines()[0] for text in chunked(pieces, 40)] == ["A", "B"]


def test_a_long_section_is_cut_into_about_equal_parts() -> None:
    pieces = Pieces()
    for _ in range(12):
        pieces.add("paragraph", words(9))
    sizes = [Words().count(text) for text in chunked(pieces, 64)]
    assert max(sizes) - min(sizes) <= 9


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("table", "| one {} | two three |"),
        ("code", "call(first, {})"),
        ("list", "- item number {} is here"),
    ],
    ids=["table", "code", "list"],
)
def test_what_is_too_long_is_cut_between_lines(kind: BlockKind, line: str) -> None:
    pieces = Pieces().add(kind, "\n".join(line.format(i) for i in range(30)))
    texts = chunked(pieces, 48)
    whole = re.escape(line).replace(r"\{\}", r"\d+")
    assert len(texts) > 1
    assert all(re.fullmatch(whole, one) for text in texts for one in text.splitlines())


def test_a_table_that_goes_on_says_its_columns_again() -> None:
    rows = [f"| {i} | row |" for i in range(30)]
    pieces = Pieces().table("| id | kind |", *rows)
    first, *rest = chunk(pieces.document(), ChunkConfig(48), Words())
    assert first.table_header == ""
    assert {one.table_header for one in rest} == {"| id | kind |"}
    assert all(Words().count(one.embedded_text) <= 48 for one in rest)


def test_columns_that_would_take_the_place_of_the_rows_are_not_said_again() -> None:
    wide = "| " + " | ".join(f"column{i}" for i in range(16)) + " |"
    pieces = Pieces().table(wide, *(f"| {i} | row |" for i in range(30)))
    chunks = chunk(pieces.document(), ChunkConfig(48), Words())
    assert {one.table_header for one in chunks} == {""}


def test_columns_are_not_left_without_a_row() -> None:
    pieces = Pieces().add("paragraph", words(30)).table("| a | b |", *["| one | two |"] * 12)
    texts = chunked(pieces, 40)
    assert not any(text.endswith("| a | b |") for text in texts)


def test_a_path_does_not_depend_on_the_name_of_the_file() -> None:
    texts = [words(60)] * 3
    chunks = []
    for name in ("a", "a-much-longer-name-of-a-file-than-that"):
        pieces = Pieces(title=name, source=f"folder/{name}.md")
        for text in texts:
            pieces.add("paragraph", text)
        made = chunk(pieces.document(), ChunkConfig(64), Words())
        chunks.append([one.embedded_text for one in made])
    assert chunks[0] == chunks[1]


def test_a_long_path_leaves_the_text_half_of_the_limit() -> None:
    pieces = section(Pieces(), words(200), 1, words(100))
    texts = chunk(pieces.document(), ChunkConfig(64), Words())
    assert 24 < max(one.tokens for one in texts) <= 32


def test_chunks_repeat_the_last_sentence_of_the_one_before() -> None:
    pieces = Pieces().add("paragraph", " ".join(f"Sentence number {i} ends." for i in range(20)))
    texts = chunked(pieces, 48, overlap=8)
    for before, text in pairwise(texts):
        assert text.startswith(before[before.rindex("Sentence") :])


def test_a_chunk_repeats_nothing_of_another_section() -> None:
    pieces = section(section(Pieces(), "A", 1, words(30)), "B", 1, words(30))
    assert [text.splitlines()[0] for text in chunked(pieces, 48, overlap=20)] == ["A", "B"]


@pytest.mark.parametrize("overlap", [-1, 20, 100], ids=["negative", "half", "more"])
def test_an_overlap_is_less_than_half_a_chunk(overlap: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        ChunkConfig(40, overlap)
    assert refused.value.field == "overlap"


def test_another_size_or_overlap_is_another_version() -> None:
    configs = (ChunkConfig(40), ChunkConfig(48), ChunkConfig(40, 8))
    assert len({config.version for config in configs}) == 3


def test_a_chunk_begins_on_the_page_of_its_first_block() -> None:
    pieces = Pieces().add("paragraph", "one", page=3).add("paragraph", "two", page=4)
    assert chunk(pieces.document(), ChunkConfig(32), Words())[0].page == 3


def test_a_chunk_has_the_links_that_begin_in_it() -> None:
    pieces = Pieces()
    for name in ("one", "two"):
        pieces.add("paragraph", words(12)).link(name)
    chunks = chunk(pieces.document(), ChunkConfig(16), Words())
    assert [one.links for one in chunks] == [(Link(0, 59, "one"),), (Link(61, 120, "two"),)]


def test_a_chunk_has_what_holds_for_its_document() -> None:
    document = Pieces().add("paragraph", "one").document()
    (one,) = chunk(document, ChunkConfig(32), Words())
    assert (one.language, one.metadata) == (document.language, document.metadata)


def test_white_space_without_end_is_no_part_of_a_chunk() -> None:
    pieces = Pieces().add("paragraph", "one").add("paragraph", "two", " " * 1_000_000)
    assert chunked(pieces, 32) == ["one", "two"]
