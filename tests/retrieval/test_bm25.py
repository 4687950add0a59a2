"""Text analysis, and lengths measured with it."""

import pytest
import snowballstemmer

from retrieval.bm25 import DEFAULT_MEAN_LENGTH, main_language, mean_length, question_words, tokens
from tests.values import a_chunk

TEXT = "The backups are kept: thirty backups, kept thirty days."


def test_each_token_comes_as_often_as_it_occurs() -> None:
    counts = sorted(tokens(TEXT).count(token) for token in set(tokens(TEXT)))
    assert counts == [1, 2, 2, 2]  # day, backup, kept, thirty


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Backups", "backup"),
        ("RESTORING", "restored"),
        ("re-use", "re use"),
        ("the cat", "cat"),
        ("résumé", "resume"),
    ],
    ids=["case and plural", "verb forms", "punctuation", "stop words", "accents"],
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
    assert mean_length([a_chunk(title="", text=t) for t in ("one two three", "four")]) == 2


def test_without_a_sample_the_mean_length_is_neutral() -> None:
    assert mean_length([]) == DEFAULT_MEAN_LENGTH


def test_a_sample_without_words_does_not_give_zero() -> None:
    assert mean_length([a_chunk(title="", text="the")]) == 1


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [("de", "Häuser", "Haus"), ("es", "hablando", "hablar"), ("fr", "chevaux", "cheval")],
)
def test_each_language_has_its_own_stems(language: str, one: str, other: str) -> None:
    assert tokens(one, language) == tokens(other, language)
    assert tokens(one) != tokens(other)


@pytest.mark.parametrize("language", ["", "zh", "xx"])
def test_a_language_without_a_stemmer_is_treated_as_english(language: str) -> None:
    assert tokens(TEXT, language) == tokens(TEXT)


def test_a_question_is_asked_in_each_of_its_languages() -> None:
    both = question_words("Häuser", ("en", "de")).indices
    assert {*both} == {*tokens("Häuser"), *tokens("Häuser", "de")}


def test_a_token_that_two_languages_share_counts_once() -> None:
    assert question_words("Apollo", ("en", "de")).values == [1.0]


def test_the_language_of_most_passages_is_the_collections() -> None:
    spoken = ["de", "de", "en", "", "", ""]
    assert main_language(a_chunk(language=one) for one in spoken) == "de"


def test_without_a_known_language_it_is_english() -> None:
    assert main_language([a_chunk(language="")]) == "en"
