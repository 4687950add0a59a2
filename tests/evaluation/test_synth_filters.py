"""Questions that give their answer or their passage away are found by their words."""

import pytest

from eval.synth_filters import fault, leaks, located, overlap

QUOTE = "Backups are kept for 35 days and then deleted."
WHERE = "Handbook › Backups"


def wrong(question: str, quote: str = QUOTE, answer: str = "", where: str = WHERE) -> str:
    return fault(question, quote, answer, where)


def test_a_question_in_words_of_its_own_is_good() -> None:
    assert wrong("When is an old copy of my files removed?", answer="after 35 days") == ""


@pytest.mark.parametrize(
    "question",
    [
        "According to the passage, how long are copies stored?",
        "What does this document say about copies?",
        "Which limits are mentioned in the text?",
        "Which reasons does the author give?",
        "What are the limits listed above?",
        "Was steht in diesem Abschnitt über Kopien?",
        "Que dit ce document sur les copies ?",
        "¿Qué dice este documento sobre las copias?",
    ],
)
def test_a_question_that_speaks_of_its_text_leaks(question: str) -> None:
    assert leaks(question)


@pytest.mark.parametrize(
    "question",
    [
        "Where are text messages of customers stored?",
        "Who may sign a document on behalf of the firm?",
        "Which document do I need for a refund?",
        "How long must records be kept in the archive?",
    ],
)
def test_a_question_about_documents_does_not_leak(question: str) -> None:
    assert not leaks(question)


def test_a_sentence_turned_into_a_question_is_copied() -> None:
    assert wrong("Backups are kept for how many days and then deleted?") == "copied"


def test_what_the_title_says_need_not_be_searched() -> None:
    assert wrong("Where does our pump come from?", "Made in Bern.", "Bern", "Bern works") == "title"


def test_two_words_are_no_question() -> None:
    assert wrong("Backup retention") == "short"


def test_a_quote_is_found_across_line_ends() -> None:
    assert located("kept for 35", "They are kept\n  for 35 days.") == (9, 22)


@pytest.mark.parametrize("quote", ["", "kept for 36 days"], ids=["empty", "made up"])
def test_what_does_not_stand_there_is_not_found(quote: str) -> None:
    assert located(quote, "They are kept for 35 days.") is None


def test_overlap_is_a_share_of_the_shorter_stretch() -> None:
    assert overlap((0, 10), (5, 25)) == 0.5
    assert overlap((0, 10), (10, 20)) == 0.0
