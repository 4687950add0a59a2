"""Judgements are kept one by one, can be taken back, and become a set that can be measured."""

from pathlib import Path

import pytest

from domain.errors import InvalidInput
from eval.data import load
from eval.label import Item, Labelling
from eval.sample import write
from tests.contracts.state_traces import A_TRACE
from tests.values import a_hit

HITS = [
    a_hit(id="c1", source="a.md", text="35 days."),
    a_hit(id="c2", source="a.md", text="Or more."),
    a_hit(id="c3", source="b.md", text="Bananas."),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, {A_TRACE: HITS})
    (tmp_path / "corpus.jsonl").write_text('{"_id": "a.md", "title": "", "text": "35 days."}\n')
    return tmp_path


def item(work: Labelling) -> Item:
    assert work.next is not None
    return work.next


def judge_all(work: Labelling, **grades: int) -> None:
    while (one := work.next) is not None:
        work.judge(one, grades[one.passage])


def test_every_passage_comes_once_with_its_question(folder: Path) -> None:
    work, seen = Labelling(folder), list[str]()
    while (one := work.next) is not None:
        assert one.question == A_TRACE.question
        seen.append(one.passage)
        work.judge(one, 0)
    assert sorted(seen) == ["c1", "c2", "c3"]


def test_nothing_in_the_pool_says_who_found_it(folder: Path) -> None:
    pool = (folder / "pool.jsonl").read_text()
    assert "dense" not in pool
    assert "score" not in pool


def test_another_session_goes_on_where_the_last_one_ended(folder: Path) -> None:
    first = Labelling(folder)
    before = item(first)
    first.judge(before, 2)
    second = Labelling(folder)
    assert second.judged == 1
    assert item(second) != before


def test_what_was_taken_back_comes_again(folder: Path) -> None:
    work = Labelling(folder)
    one = item(work)
    work.judge(one, 3)
    work.undo()
    assert item(work) == one
    assert Labelling(folder).judged == 0


def test_an_earlier_session_can_be_taken_back_too(folder: Path) -> None:
    work = Labelling(folder)
    one = item(work)
    work.judge(one, 3)
    again = Labelling(folder)
    again.undo()
    assert item(again) == one


def test_what_is_skipped_comes_again_in_another_session(folder: Path) -> None:
    work = Labelling(folder)
    one = item(work)
    work.skip(one)
    assert item(work) != one
    assert item(Labelling(folder)) == one


def test_a_skip_can_be_taken_back(folder: Path) -> None:
    work = Labelling(folder)
    one = item(work)
    work.skip(one)
    work.undo()
    assert item(work) == one


def test_taking_back_nothing_does_nothing(folder: Path) -> None:
    work = Labelling(folder)
    work.undo()
    assert work.judged == 0


def test_a_document_is_as_good_as_its_best_passage(folder: Path) -> None:
    judge_all(Labelling(folder), c1=3, c2=1, c3=0)
    assert load(folder).qrels == {A_TRACE.id: {"a.md": 3, "b.md": 0}}


def test_a_question_without_any_use_is_not_judged(folder: Path) -> None:
    work = Labelling(folder)
    judge_all(work, c1=0, c2=0, c3=0)
    assert work.useless == 1
    with pytest.raises(InvalidInput, match="no judgements"):
        load(folder)


def test_a_torn_last_line_is_a_key_that_was_not_pressed(folder: Path) -> None:
    work = Labelling(folder)
    work.judge(item(work), 2)
    with (folder / "judgements.jsonl").open("a") as file:
        file.write('{"query": "a1", "pas')
    again = Labelling(folder)
    assert again.judged == 1
    again.judge(item(again), 1)
    assert Labelling(folder).judged == 2


def test_a_wrong_line_is_refused_with_its_number(folder: Path) -> None:
    (folder / "judgements.jsonl").write_text("?\n{}\n")
    with pytest.raises(InvalidInput, match="line 1"):
        Labelling(folder)


def test_a_folder_without_a_pool_says_what_makes_one(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="forebay eval sample"):
        Labelling(tmp_path)
