"""Chunks hold all of their document, in order, within the limit, and cut nothing that fits."""

import re
from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.documents import Block, BlockKind, Chunk, Document
from domain.ports import TokenCounter
from ingest.chunk import ChunkConfig, chunk
from tests.ingest.pieces import Pieces
from tests.ingest.tokens import Words
from tests.provider.tokens import counter

SEAM = 8  # tokens by which a whole may differ from its parts
WORDS = st.sampled_from(
    ["some", "water", "behind", "großes", "中文字", "x" * 30, "1234", "if", "👩🏽‍🚀"]
)
SENTENCE = re.compile(r"The [^.!?]*[.!?]")
ANYTHING = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=300)

settings.register_profile("unhurried", deadline=None)  # the first count loads the ranks
settings.load_profile("unhurried")
counters = st.sampled_from([Words(), counter()])


@st.composite
def configs(draw: st.DrawFn) -> ChunkConfig:
    limit = draw(st.integers(16, 200))
    return ChunkConfig(limit, draw(st.sampled_from([0, 0, limit // 8, (limit - 1) // 2])))


@st.composite
def sentences(draw: st.DrawFn) -> str:
    words = draw(st.lists(WORDS, max_size=30))
    return f"The {' '.join(words)} end{draw(st.sampled_from('.!?'))}"


@st.composite
def rows(draw: st.DrawFn) -> str:
    cells = draw(st.lists(WORDS, min_size=1, max_size=12))
    return f"| {' | '.join(cells)} |"


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Of blocks whose sentences end with a full stop, and whose rows are lines."""
    pieces = Pieces(title=draw(st.sampled_from(["", "d", "A title of its own"])))
    for _ in range(draw(st.integers(1, 12))):
        gap = draw(st.sampled_from(["\n\n", "\n", " ", "\n \n\n", "\n" * 40]))
        what = draw(st.sampled_from(["heading", "paragraph", "list", "table", "headed", "code"]))
        if what == "heading":
            title = draw(st.sampled_from(["Up", "Down", "A longer heading " * 3, "Far " * 60]))
            pieces.heading(title.strip(), draw(st.integers(1, 4)), gap)
        elif what == "headed":
            pieces.table(draw(rows()), *draw(st.lists(rows(), max_size=20)))
        elif what in {"table", "code"}:
            lines = draw(st.lists(rows(), min_size=1, max_size=20))
            pieces.add("table" if what == "table" else "code", "\n".join(lines), gap)
        else:
            said = draw(st.lists(sentences(), min_size=1, max_size=12))
            kind: BlockKind = "list" if what == "list" else "paragraph"
            pieces.add(kind, ("\n- " if kind == "list" else " ").join(said), gap)
    return with_margins(draw, pieces.document())


@st.composite
def wild_documents(draw: st.DrawFn) -> Document:
    """Of any text at all."""
    pieces = Pieces(title=draw(st.sampled_from(["", "d", "Title"])))
    kinds: list[BlockKind] = ["heading", "paragraph", "list", "table", "code"]
    for text in draw(st.lists(ANYTHING, min_size=1, max_size=8)):
        if text.strip():
            pieces.path = draw(st.sampled_from([(), ("A",), ("A", "B"), ("C",)]))
            pieces.add(draw(st.sampled_from(kinds)), text.strip())
    return with_margins(draw, pieces.document())


def with_margins(draw: st.DrawFn, document: Document) -> Document:
    """White space before and behind its text."""
    margin = draw(st.sampled_from(["", "\n", "  \n"]))
    size = len(margin)
    moved = (replace(b, start=b.start + size, end=b.end + size) for b in document.blocks)
    return replace(document, text=f"{margin}{document.text}{margin}", blocks=tuple(moved))


any_documents = documents() | wild_documents()


def path_tokens(document: Document, path: tuple[str, ...], tokens: TokenCounter) -> int:
    blank = Chunk("", "", "", 0, document.source, document.title, "", 0, 0, headings=path)
    return tokens.count(blank.embedded_text)


def fits(
    document: Document, path: tuple[str, ...], text: str, limit: int, tokens: TokenCounter
) -> bool:
    beside = path_tokens(document, path, tokens)
    return tokens.count(text) <= max(limit // 2, limit - beside - SEAM)


def is_whole(chunks: list[Chunk], start: int, end: int) -> bool:
    return not any(start < chunk.end < end for chunk in chunks)


@given(any_documents, configs(), counters)
def test_a_chunk_is_a_piece_of_the_text(
    made: Document, config: ChunkConfig, tokens: TokenCounter
) -> None:
    for one in chunk(made, config, tokens):
        assert one.text == made.text[one.start : one.end]
        assert one.tokens == tokens.count(one.text)


@given(any_documents, configs(), counters)
def test_gaps_and_texts_together_are_the_document(
    made: Document, config: ChunkConfig, tokens: TokenCounter
) -> None:
    together = ""
    for one in chunk(made, config, tokens):
        together += one.gap + one.text[max(0, len(together) - one.start) :]
    assert together.rstrip() == made.text.rstrip()


@given(any_documents, configs(), counters)
def test_a_gap_is_white_space(made: Document, config: ChunkConfig, tokens: TokenCounter) -> None:
    assert not "".join(one.gap for one in chunk(made, config, tokens)).strip()


@given(any_documents, configs(), counters)
def test_chunks_are_in_order(made: Document, config: ChunkConfig, tokens: TokenCounter) -> None:
    chunks = chunk(made, config, tokens)
    assert [one.position for one in chunks] == list(range(len(chunks)))
    assert all(a.start < b.start and a.end < b.end for a, b in pairwise(chunks))


@given(any_documents, configs(), counters)
def test_what_is_embedded_keeps_within_the_limit(
    made: Document, config: ChunkConfig, tokens: TokenCounter
) -> None:
    limit = config.max_tokens
    for one in chunk(made, config, tokens):
        beside = path_tokens(made, one.headings, tokens)
        rest = replace(one, title="", headings=()).embedded_text
        if beside + 2 > limit - limit // 2:
            assert tokens.count(rest) <= max(limit // 2, limit - beside)
        else:
            assert tokens.count(one.embedded_text) <= limit


@given(any_documents, configs(), counters)
def test_a_block_that_fits_is_not_cut(
    made: Document, config: ChunkConfig, tokens: TokenCounter
) -> None:
    chunks = chunk(made, config, tokens)
    for block in made.blocks:
        text = made.text[block.start : block.end]
        if fits(made, block.headings, text, config.max_tokens, tokens):
            assert is_whole(chunks, block.start, block.end)


@given(documents(), configs(), counters)
def test_a_row_that_fits_is_not_cut(
    made: Document, config: ChunkConfig, tokens: TokenCounter
) -> None:
    chunks = chunk(made, config, tokens)
    for block in made.blocks:
        if block.kind in {"table", "code"}:
            at = block.start
            for line in made.text[block.start : block.end].split("\n"):
                if fits(made, block.headings, line, config.max_tokens, tokens):
                    assert is_whole(chunks, at, at + len(line))
                at += len(line) + 1


@given(documents(), configs(), counters)
def test_a_sentence_that_fits_is_not_cut(
    made: Document, config: ChunkConfig, tokens: TokenCounter
) -> None:
    chunks = chunk(made, config, tokens)
    for block in made.blocks:
        for said in SENTENCE.finditer(made.text, block.start, block.end):
            path, limit = block.headings, config.max_tokens
            if block.kind == "paragraph" and fits(made, path, said[0], limit, tokens):
                assert is_whole(chunks, *said.span())


@given(any_documents, configs())
def test_the_headings_are_those_of_all_that_is_in_it(made: Document, config: ChunkConfig) -> None:
    for one in chunk(made, config, Words()):
        paths = [b.headings for b in blocks_in(made, one)]
        size = len(one.headings)
        assert all(path[:size] == one.headings for path in paths)
        assert len({path[: size + 1] for path in paths}) > 1 or one.headings in paths


def blocks_in(document: Document, one: Chunk) -> list[Block]:
    """Those that it holds something of; headings that lead to the others aside."""
    blocks = [b for b in document.blocks if b.start < one.end and one.start < b.end]
    body = next((i for i, b in enumerate(blocks) if b.kind != "heading"), 0)
    return blocks[body:]


@given(any_documents, configs())
def test_only_the_same_section_is_repeated_and_no_heading(
    made: Document, config: ChunkConfig
) -> None:
    for before, one in pairwise(chunk(made, config, Words())):
        if one.start < before.end:
            again = [b for b in made.blocks if b.start < before.end and one.start < b.end]
            assert Words().count(made.text[one.start : before.end]) <= config.overlap
            assert before.start < one.start
            assert {b.headings for b in again} == {one.headings}
            assert all(b.kind != "heading" for b in again)


@given(documents(), configs())
def test_a_chunk_that_begins_in_a_table_may_say_its_columns(
    made: Document, config: ChunkConfig
) -> None:
    for one in chunk(made, config, Words()):
        block = next(b for b in made.blocks if one.start < b.end)
        line = made.text[block.start : block.end].split("\n")[0]
        goes_on = block.headed and one.start > block.start
        assert one.table_header in ({"", line} if goes_on else {""})


@given(any_documents, configs())
def test_the_same_document_gives_the_same_chunks(made: Document, config: ChunkConfig) -> None:
    assert chunk(made, config, Words()) == chunk(made, config, Words())


@given(any_documents, configs())
def test_another_file_name_embeds_the_same(made: Document, config: ChunkConfig) -> None:
    title = "other" if made.title == "d" else made.title
    renamed = replace(made, id="o", source="a/longer/path/to/other.txt", title=title)
    texts, others = (
        [one.embedded_text for one in chunk(d, config, Words())] for d in (made, renamed)
    )
    assert texts == others
