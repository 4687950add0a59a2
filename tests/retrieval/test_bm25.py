"""Text analysis, and lengths measured with it."""

import pytest
import snowballstemmer

from retrieval.bm25 import DEFAULT_MEAN_LENGTH, mean_length, tokens

TEXT = "The backups are kept: thirty backups, kept thirty days."


def test_each_token_comes_as_often_as_it_occurs() -> None:
    counts = sorted(tokens(TEXT).count(token) for token in set(tokens(TEXT)))
    assert counts == [1, 2, 2, 2]  # day, backup, kept, thirty


@pytest.mark.parametrize(
    ("one", "other"),
    [("Backups", "backup"), ("RESTORING", "restored"), ("re-use", "re use"), ("the cat", "cat")],
    ids=["case and plural", "verb forms", "punctuation", "stop words"],
)
def test_analysis_sees_them_as_equal(one: str, other: str) -> None:
    assert sorted(tokens(one)) == sorted(tokens(other))


@pytest.mark.parametrize("text", ["", "   ", "— … —", "what is it"])
def test_some_texts_have_no_tokens(text: str) -> None:
    assert tokens(text) == []


def test_words_are_stemmed_as_snowball_does() -> None:
    words = ["generously", "nationality", "flying", "skis", "relational", "university"]
    stems = snowballstemmer.stemmer("english").stemWords(words)
    assert [tokens(word) for word in words] == [tokens(stem) for stem in stems]


def test_long_texts_are_counted_exactly() -> None:
    assert len(tokens("word " * 20_000)) == 20_000


def test_the_mean_length_is_that_of_the_sample() -> None:
    assert mean_length(["one two three", "four"]) == pytest.approx(2)


def test_without_a_sample_the_mean_length_is_neutral() -> None:
    assert mean_length([]) == DEFAULT_MEAN_LENGTH


def test_a_sample_without_words_does_not_give_zero() -> None:
    assert mean_length(["the", ""]) == 1
