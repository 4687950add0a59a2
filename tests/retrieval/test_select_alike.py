"""What repeats another passage, and which of many are most different."""

from retrieval.select_alike import Repeats, diverse, said

TALE = (
    "The forebay holds the water still before it falls. "
    "A gate lets in what the turbine needs and no more. "
    "Ice is kept away by a boom of logs, which two men look after in winter. "
    "When the level drops below the mark, the keeper rings the bell and closes the gate."
)


def repeats(*texts: str, share: float = 0.9) -> Repeats:
    taken = Repeats(share)
    for text in texts:
        taken.add(said(text))
    return taken


def test_case_and_white_space_do_not_make_a_text_another() -> None:
    assert repeats("One  two\nthree").same(said("one two THREE")) == 0


def test_a_word_that_differs_leaves_a_long_text_nearly_the_same() -> None:
    assert repeats("something else", TALE).nearly(said(TALE.replace("winter", "spring"))) == 1


def test_another_number_says_another_thing() -> None:
    taken = repeats(f"{TALE} It was built in 1911.")
    assert taken.nearly(said(f"{TALE} It was built in 1912.")) is None


def test_a_part_of_a_taken_text_is_nearly_the_same() -> None:
    assert repeats(f"{TALE} It stands in the north.").nearly(said(TALE)) == 0


def test_a_text_that_says_more_than_the_taken_one_is_not_the_same() -> None:
    more = f"{TALE} {TALE.upper().replace('THE', 'EACH').replace('A ', 'ONE ')}"
    assert repeats(TALE).nearly(said(more)) is None


def test_short_texts_must_be_equal() -> None:
    assert repeats("Yes, the gate is open.").nearly(said("Yes, the gate is open")) is None


def test_a_script_without_blanks_is_compared_by_its_signs() -> None:
    text = "前池在水流入水轮机之前保持平静闸门只放入所需的水量冬天用木头挡住浮冰由两个人看守"
    assert repeats(text).nearly(said(text + "了")) == 0


def test_a_weight_of_one_keeps_the_ranks() -> None:
    assert diverse([said("a b"), said("a b"), said("c d")], 1) == [0, 1, 2]


def test_what_says_something_new_goes_before_what_repeats() -> None:
    texts = [said(TALE), said(f"Again: {TALE}"), said("Turbine speed limits")]
    assert diverse(texts, 0.5) == [0, 2, 1]


def test_nothing_is_in_order() -> None:
    assert diverse([], 0.5) == []
