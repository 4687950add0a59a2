"""What an answer is worth by its words."""

import pytest

from eval.answers_measures import contains, supported, token_f1

QUESTION = "How long are backups kept?"


def test_a_statement_in_other_words_order_is_supported() -> None:
    assert supported("Kept for 35 days are backups.", "Backups are kept for 35 days.", QUESTION)


def test_a_statement_with_another_number_is_not_supported() -> None:
    assert not supported("Backups are kept for 53 days.", "Backups are kept for 35 days.", QUESTION)


def test_a_statement_about_something_else_is_not_supported() -> None:
    said = "Restoring needs written consent from management."
    assert not supported(said, "Backups are kept for 35 days.", QUESTION)


def test_the_question_s_own_words_need_no_support() -> None:
    assert supported("Backups are kept for 35 days.", "35 days, then deleted.", QUESTION)


def test_f1_is_that_of_the_best_right_answer() -> None:
    assert token_f1("35 days [1]", ["thirty-five", "35 days"]) == 1.0


def test_f1_falls_with_what_is_said_beside_it() -> None:
    assert token_f1("It is 35 days", ["35 days"]) == pytest.approx(2 * 2 / 6)


def test_a_right_answer_is_contained_word_for_word() -> None:
    assert contains("Kept for 35 days [1].", ["35 days"]) == 1.0


def test_a_part_of_a_word_is_not_contained() -> None:
    assert contains("Kept for 135 days.", ["35 days"]) == 0.0


@pytest.mark.parametrize(("answer", "worth"), [("No, never [1].", 1.0), ("They say no.", 0.0)])
def test_of_yes_and_no_the_first_word_counts(answer: str, worth: float) -> None:
    assert contains(answer, ["no"]) == worth
