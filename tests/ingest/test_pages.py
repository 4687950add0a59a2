"""Lines and words of a page are put together again."""

from collections import Counter

import pytest

from ingest.readers.pages import Line, dehyphenated, flow


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("a subop\ufffetimal way", {}, "a suboptimal way"),
        ("open\ufffedomain", {"open-domain": 2}, "open-domain"),
        ("https://layout\ufffeparser.io", {}, "https://layout-parser.io"),
        ("a 2\ufffe3", {}, "a 2-3"),
    ],
    ids=["word", "compound", "address", "number"],
)
def test_a_broken_word_is_joined(text: str, words: dict[str, int], expected: str) -> None:
    assert dehyphenated(text, Counter(words)) == expected


def line(text: str, right: float) -> Line:
    return Line(text, 0, right, 10, 0, 10)


def test_full_lines_run_on_and_short_ones_keep_their_end() -> None:
    lines = [line("This goes", 100), line("on here", 98), line("total 7", 40), line("x", 10)]
    assert flow(lines) == "This goes on here total 7\nx"
