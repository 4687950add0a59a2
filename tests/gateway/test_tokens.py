"""Counts are exact and need no network."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.tokens import Remembered, Tokens
from tests.provider.tokens import counter

KNOWN = {"": 0, "hello world": 2, "Backups are kept for 35 days.": 9, "<|endoftext|>": 7}


@pytest.mark.parametrize(("text", "tokens"), KNOWN.items())
def test_known_texts_have_known_counts(text: str, tokens: int) -> None:
    assert counter().count(text) == tokens


@given(st.text(max_size=300))
def test_there_is_one_offset_a_token_and_they_never_go_back(text: str) -> None:
    offsets = counter().offsets(text)
    assert len(offsets) == counter().count(text)
    assert all(a <= b for a, b in pairwise(offsets))
    assert all(0 <= offset < len(text) for offset in offsets)


def test_a_passage_is_counted_once_and_a_book_is_not_kept() -> None:
    asked = list[str]()

    class Counter:
        def count(self, text: str) -> int:
            asked.append(text)
            return counter().count(text)

        def offsets(self, text: str) -> Sequence[int]:
            return counter().offsets(text)

    tokens, passage, book = Remembered(Counter()), "How long? " * 20, "At night. " * 2_000
    assert [tokens.count(passage) for _ in range(3)] == [counter().count(passage)] * 3
    assert [tokens.count(book) for _ in range(2)] == [counter().count(book)] * 2
    assert asked == [passage, book, book]
    assert tokens.offsets(passage) == counter().offsets(passage)


def test_a_damaged_cache_is_written_anew(tmp_path: Path) -> None:
    Tokens(tmp_path).count("a")
    (cached,) = tmp_path.iterdir()
    cached.write_bytes(b"damaged")
    from gateway.tokens import _put_ranks

    _put_ranks(cached)
    assert cached.stat().st_size > 3_000_000


def test_the_environment_is_left_as_it_was(tmp_path: Path) -> None:
    before = dict(os.environ)
    Tokens(tmp_path).count("a")
    assert dict(os.environ) == before


def test_threads_that_load_at_once_leave_the_environment_as_it_was(tmp_path: Path) -> None:
    before = dict(os.environ)
    with ThreadPoolExecutor(4) as threads:
        counts = list(threads.map(lambda _: Tokens(tmp_path).count("hello world"), range(8)))
    assert counts == [2] * 8
    assert dict(os.environ) == before


@pytest.mark.parametrize("text", ["a \ud800 b", "👩‍👩‍👧‍👦🏽 語", "^" * 10_000])
def test_an_awkward_text_has_offsets_within_it(text: str) -> None:
    offsets = counter().offsets(text)
    assert len(offsets) == counter().count(text)
    assert all(0 <= offset < len(text) for offset in offsets)
