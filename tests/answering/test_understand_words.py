"""Which questions refer back, by their words alone, and which words they are read with."""

import pytest

from answering.understand_words import follows_up, joined

EARLIER = ["How long are backups of the vault kept?"]


@pytest.mark.parametrize(
    "question",
    ["Why?", "And in Berlin?", "What about part-time employees?", "Does it apply to contractors?"],
)
def test_a_follow_up_is_seen(question: str) -> None:
    assert follows_up(question)


@pytest.mark.parametrize(
    "question",
    [
        "How long are backups kept?",
        "How long does it take to get a refund for a damaged item?",
        "What is ERR-4021?",
        "ERR4021?",
        'Where is "Plan"?',
        "它多少钱？",
    ],
)
def test_a_question_that_says_enough_stands_alone(question: str) -> None:
    assert not follows_up(question)


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("de", "Gilt dies für Werkstudenten auch?"),
        ("de", "Und wenn Angestellte krank sind?"),
        ("fr", "Est-ce que cela concerne les stagiaires ?"),
        ("es", "¿Y los empleados nuevos?"),
    ],
)
def test_words_that_refer_back_are_known_by_language(language: str, question: str) -> None:
    assert follows_up(question, language)


def test_a_language_without_a_list_is_read_as_english() -> None:
    assert follows_up("Does it apply?", "fi")


def test_content_words_are_taken_over_in_order() -> None:
    assert joined("Why?", EARLIER) == ("long", "backups", "vault", "kept")


def test_a_question_that_stands_alone_takes_nothing() -> None:
    assert joined("Who approves a travel request?", EARLIER) == ()


def test_a_word_is_not_said_twice() -> None:
    assert joined("And Backups?", EARLIER) == ("long", "vault", "kept")


def test_a_follow_up_of_a_follow_up_reaches_what_both_are_about() -> None:
    assert joined("Why is it?", [*EARLIER, "And for archives?"]) == (
        "long", "backups", "vault", "kept", "archives",
    )  # fmt: skip


def test_what_was_asked_before_a_question_that_stands_alone_is_over() -> None:
    assert joined("Why?", ["Who approves a travel request?", *EARLIER]) == joined("Why?", EARLIER)


def test_without_a_conversation_nothing_is_taken() -> None:
    assert joined("Why?", []) == ()


def test_a_code_is_taken_over() -> None:
    assert joined("Who wrote it?", ["What does ERR-4021 mean?"]) == ("ERR-4021", "mean")


def test_who_names_another_code_means_that() -> None:
    assert joined("What about ERR-4022?", ["What does ERR-4021 mean?"]) == ("mean",)


def test_a_long_conversation_adds_a_dozen_words_at_most() -> None:
    assert len(joined("Why?", [" ".join(f"word{i}" for i in range(40))])) == 12
