"""An answer falls into sentences, each with the numbers behind it."""

from answering.claims import Claim, claims, plain


def test_each_sentence_has_the_numbers_behind_it() -> None:
    text = "Backups are kept for 35 days [1]. A lead may restore one [2][3]."
    assert claims(text) == (
        Claim("Backups are kept for 35 days", (1,)),
        Claim("A lead may restore one", (2, 3)),
    )


def test_numbers_behind_a_full_stop_belong_to_the_sentence_before() -> None:
    assert claims("They are kept for 35 days. [1] Ask IT.") == (
        Claim("They are kept for 35 days.", (1,)),
        Claim("Ask IT.", ()),
    )


def test_numbers_stand_behind_all_sentences_of_their_paragraph() -> None:
    text = "Nobody knows.\n\nAsk IT first. Then wait [2, 4]."
    assert [claim.labels for claim in claims(text)] == [(), (2, 4), (2, 4)]


def test_what_follows_the_last_number_has_none() -> None:
    assert claims("One [1]. Two.")[-1] == Claim("Two.", ())


def test_what_has_no_word_states_nothing() -> None:
    assert claims("One [1].\n\n---\n") == (Claim("One", (1,)),)


def test_an_answer_without_its_numbers_reads_as_before() -> None:
    assert plain("Kept for 35 days [1][2], then gone [3].") == "Kept for 35 days, then gone."
