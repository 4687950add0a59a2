"""Texts as words, in any script."""

from eval.words import content, longest_run, near, numbers, share, words


def test_numbers_keep_their_fractions() -> None:
    assert words("It costs 1,200.50 euros.") == ["it", "costs", "1,200.50", "euros"]


def test_signs_of_chinese_are_words_of_their_own() -> None:
    assert words("备份保留 35 天") == ["备", "份", "保", "留", "35", "天"]


def test_bent_words_compare_alike() -> None:
    assert content("restoring backups") == content("restored backup")


def test_words_that_only_join_others_have_no_content() -> None:
    assert content("the use of it and backups") == content("backups")


def test_codes_count_as_numbers() -> None:
    assert numbers("Error E42 after 3 days") == {"e42", "3"}


def test_all_of_nothing_is_there() -> None:
    assert share(set(), {"a"}) == 1.0


def test_a_run_is_words_in_a_row_that_both_have() -> None:
    assert longest_run(words("how long are backups kept"), words("backups kept are long")) == 2


def test_questions_that_differ_in_order_and_case_read_alike() -> None:
    assert near("How long are backups kept?", "backups are kept how long") == 1.0
