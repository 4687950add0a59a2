"""Too long a block is cut where its kind says that something new begins."""

from itertools import pairwise
from time import perf_counter

import pytest

from domain.documents import Block, BlockKind
from ingest.cut import borders, cut
from tests.ingest.tokens import Words


def pieces(text: str, room: int, kind: BlockKind = "paragraph") -> list[str]:
    spans = cut(Block(kind, 0, len(text)), text, room, Words())
    return [text[start:end] for start, end, _ in spans]


def sentences(text: str) -> list[str]:
    starts = [0, *borders(Block("paragraph", 0, len(text)), text, 0, len(text)), len(text)]
    return [text[a:b].rstrip() for a, b in pairwise(starts)]


def test_a_block_that_fits_is_one_piece() -> None:
    assert pieces("One. Two. Three.", 6) == ["One. Two. Three."]


@pytest.mark.parametrize(
    "parts",
    [
        ["He saw Dr. Ames.", "Then he left."],
        ["It grew, e.g. in fig. 3 and vol. 2.", "It was by J. S. Bach."],
        ["They left (at 5 p.m. sharp).", "Nobody knew."],
        ["He said “Stop!”", "They stopped."],
        ["It is so.[12]", "It is not."],
        ["In the year 1990.", "Later on."],
        ["Das gilt z.B. auch hier.", "Öfter nicht."],
        ["Really?!", "Yes … or no."],
        ["他走了。", "她来了！", "为什么？"],
        ["यह एक है।", "वह दो है।"],
    ],
    ids=[
        "title", "abbreviations", "hours", "quotation", "footnote mark", "number", "german",
        "many marks", "chinese", "hindi",
    ],
)  # fmt: skip
def test_sentences_end_where_a_reader_would_end_them(parts: list[str]) -> None:
    assert sentences(" ".join(parts)) == parts


def test_a_number_at_the_start_of_a_line_ends_no_sentence() -> None:
    assert sentences("1. The one\n12. The other") == ["1. The one\n12. The other"]


@pytest.mark.parametrize(
    ("kind", "text", "whole"),
    [
        ("table", "| a | b c |\n| d | e f |\n| g | h i |", ["| a | b c |", "| d | e f |"]),
        ("code", "def f():\n    pass\n\ndef g():\n    pass", ["def f():\n    pass"]),
        ("list", "- one two three\n  more\n- four five six", ["- one two three\n  more"]),
        ("paragraph", "one two three four\n\nfive six seven eight nine", ["one two three four"]),
    ],
    ids=["rows", "functions", "items", "paragraphs"],
)
def test_what_belongs_together_stays_whole(kind: BlockKind, text: str, whole: list[str]) -> None:
    found = pieces(text, 8, kind)
    assert len(found) > 1
    assert set(whole) <= set(found)


def test_a_sentence_that_is_too_long_is_cut_between_words() -> None:
    words = " ".join(f"word{i}" for i in range(100))
    found = pieces(words, 16)
    assert " ".join(found) == words
    assert all(8 <= Words().count(piece) <= 16 for piece in found[:-1])


def test_a_word_that_is_too_long_is_cut_too() -> None:
    assert "".join(pieces("x" * 4000, 16)) == "x" * 4000


def test_a_doubtful_end_is_better_than_a_space() -> None:
    text = f"{'word ' * 9}no. Then {'word ' * 9}end"
    assert pieces(text, 12)[0].endswith(" no.")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("paragraph", "!" * 1_000_000),
        ("paragraph", "a" + " \n" * 500_000 + "b"),
        ("paragraph", "x" * 1_000_000),
        ("code", " " * 1_000_000 + "x" * 1000),
        ("table", "| " * 500_000),
    ],
    ids=["marks", "blank lines", "one word", "blanks", "cells"],
)
def test_time_grows_with_length_and_not_with_its_square(kind: BlockKind, text: str) -> None:
    start = perf_counter()
    assert all(Words().count(piece) <= 300 for piece in pieces(text, 300, kind))
    assert perf_counter() - start < 5
