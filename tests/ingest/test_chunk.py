"""Chunks cover their document, in order, within the limit, along its structure."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.documents import BlockKind, Document
from domain.ports import TokenCounter
from ingest.chunk import ChunkConfig, chunk
from ingest.draft import Draft
from tests.ingest.reading import read
from tests.ingest.tokens import Words
from tests.provider.tokens import counter

KINDS: list[BlockKind] = ["paragraph", "list", "table", "code"]
COUNTERS = [Words(), counter()]


def document(draft: Draft, title: str = "T") -> Document:
    parsed = draft.parsed(title, "text/plain")
    return Document("d", "d.md", "v", parsed.title, parsed.text, parsed.blocks)


def chunked(text: str, limit: int, title: str = "T") -> list[str]:
    parsed = read("d.md", text)
    made = Document("d", "d.md", "v", title, parsed.text, parsed.blocks)
    return [one.text for one in chunk(made, ChunkConfig(limit), Words())]


@st.composite
def documents(draw: st.DrawFn) -> Document:
    draft = Draft()
    words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=300)
    for _ in range(draw(st.integers(1, 12))):
        if draw(st.booleans()):
            draft.heading(draw(st.text("ab ", max_size=30)), draw(st.integers(1, 4)))
        lines = draw(st.lists(words, max_size=6))
        draft.add(draw(st.sampled_from(KINDS)), "\n".join(lines))
    return document(draft)


settings.register_profile("unhurried", deadline=None)  # the first count loads the ranks
settings.load_profile("unhurried")
limits = st.integers(16, 200)
counters = st.sampled_from(COUNTERS)


@given(documents(), limits, counters)
def test_chunks_are_pieces_of_the_text_in_order(
    made: Document, limit: int, tokens: TokenCounter
) -> None:
    chunks = chunk(made, ChunkConfig(limit), tokens)
    assert all(one.text == made.text[one.start : one.end] for one in chunks)
    assert all(one.end <= other.start for one, other in pairwise(chunks))


@given(documents(), limits, counters)
def test_chunks_leave_out_only_white_space(
    made: Document, limit: int, tokens: TokenCounter
) -> None:
    together = "".join(one.text for one in chunk(made, ChunkConfig(limit), tokens))
    assert "".join(together.split()) == "".join(made.text.split())


@given(documents(), limits, counters)
def test_no_chunk_is_longer_than_the_limit(
    made: Document, limit: int, tokens: TokenCounter
) -> None:
    for one in chunk(made, ChunkConfig(limit), tokens):
        assert one.tokens == tokens.count(one.text) <= limit


@given(documents(), limits)
def test_a_block_that_fits_beside_its_headings_is_not_cut(made: Document, limit: int) -> None:
    ends = {one.end for one in chunk(made, ChunkConfig(limit), Words())}
    for block in made.blocks:
        if Words().count(made.text[block.start : block.end]) <= limit // 2:
            assert not any(block.start < end < block.end for end in ends)


@given(documents(), limits)
def test_the_same_document_gives_the_same_chunks(made: Document, limit: int) -> None:
    config = ChunkConfig(limit)
    assert chunk(made, config, Words()) == chunk(made, config, Words())


def test_a_document_that_fits_is_one_chunk() -> None:
    assert len(chunked("# A\n\none\n\n## B\n\ntwo", 40)) == 1


def test_small_neighbours_under_one_parent_share_a_chunk() -> None:
    sections = [f"## {name}\n\n{'word ' * 12}" for name in "ABCD"]
    assert [text.count("##") for text in chunked("# Top\n\n" + "\n\n".join(sections), 44)] == [2, 2]


def test_a_shared_chunk_has_the_headings_that_hold_for_all_of_it() -> None:
    draft = Draft()
    draft.heading("Top", 1)
    for name in ("A", "B"):
        draft.heading(name, 2)
        draft.add("paragraph", "text")
    (one,) = chunk(document(draft), ChunkConfig(40), Words())
    assert one.headings == ("Top",)


def test_a_section_of_its_own_has_its_heading() -> None:
    draft = Draft()
    draft.heading("Top", 1)
    for name in ("A", "B"):
        draft.heading(name, 2)
        draft.add("paragraph", "word " * 30)
    chunks = chunk(document(draft), ChunkConfig(48), Words())
    assert [one.headings for one in chunks] == [("Top", "A"), ("Top", "B")]


def test_a_heading_is_not_left_behind() -> None:
    text = f"# A\n\n{'word ' * 25}\n\n## B\n\n{'word ' * 25}"
    assert [t.splitlines()[0] for t in chunked(text, 40)] == ["# A", "## B"]


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    text = " ".join(f"Dr. Ames saw {i} ships, e.g. the Mary, and left." for i in range(9))
    assert all(piece.endswith("left.") for piece in chunked(text, 40))


def test_a_long_section_is_cut_into_about_equal_parts() -> None:
    text = "\n\n".join("word " * 9 for _ in range(12))
    sizes = [Words().count(piece) for piece in chunked(text, 64)]
    assert max(sizes) - min(sizes) <= 9


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("| a | b |\n|---|---|\n" + "| one two | three four |\n" * 12, r"\| .+ \|"),
        ("```\n" + "call(first, second)\n" * 15 + "```", r"call\(first, second\)"),
        ("".join(f"- item number {i} is here\n" for i in range(15)), r"- item number \d+ is here"),
    ],
    ids=["table", "code", "list"],
)
def test_what_is_too_long_is_cut_between_lines(text: str, whole: str) -> None:
    import re

    pieces = chunked(text, 48)
    lines = [line for piece in pieces for line in piece.splitlines()]
    assert len(pieces) > 1
    assert all(re.fullmatch(whole, line) or set(line) <= set("|-`") for line in lines)


def test_a_word_without_end_is_cut_between_tokens() -> None:
    assert "".join(chunked("x" * 4000, 32)) == "x" * 4000


def test_a_chunk_begins_on_the_page_of_its_first_block() -> None:
    draft = Draft()
    draft.add("paragraph", "one", 3)
    draft.add("paragraph", "two", 4)
    assert chunk(document(draft), ChunkConfig(32), Words())[0].page == 3
