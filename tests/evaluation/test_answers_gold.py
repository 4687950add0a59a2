"""Right answers, and questions that have none, are read from lines of JSON."""

import json
from pathlib import Path

import pytest

from domain.errors import InvalidInput
from eval.answers_gold import Gold, load

QUERIES = [{"_id": "q1", "text": "How long?"}, {"_id": "q2", "text": "Who is the pope?"}]


def a_set(folder: Path, *answers: object, qrels: str = "") -> Path:
    path = folder / "set"
    path.mkdir()
    (path / "corpus.jsonl").write_text('{"_id": "a", "title": "A", "text": "35 days."}\n')
    (path / "queries.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in QUERIES))
    (path / "answers.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in answers))
    if qrels:
        (path / "qrels").mkdir()
        (path / "qrels" / "test.tsv").write_text(f"query-id\tcorpus-id\tscore\n{qrels}")
    return path


@pytest.mark.parametrize(
    ("line", "gold"),
    [
        ({"answers": ["35 days", "five weeks"]}, Gold(("35 days", "five weeks"))),
        ({"answer": "yes", "long_answer": "Yes, it is."}, Gold(("yes", "Yes, it is."))),
        ({"answerable": False}, Gold(answerable=False)),
    ],
    ids=["several", "one and its reason", "none"],
)
def test_an_answer_may_be_said_in_three_ways(
    tmp_path: Path, line: dict[str, object], gold: Gold
) -> None:
    assert load(a_set(tmp_path, {"_id": "q1", **line})).gold == {"q1": gold}


def test_questions_without_judgements_are_asked_when_they_have_an_answer(tmp_path: Path) -> None:
    unanswerable = {"_id": "q2", "answerable": False}
    found = load(a_set(tmp_path, unanswerable, qrels="q1\ta\t1\n"))
    assert set(found.dataset.queries) == {"q1", "q2"}
    assert found.dataset.qrels == {"q1": {"a": 1}}


def test_a_set_needs_no_judgements(tmp_path: Path) -> None:
    found = load(a_set(tmp_path, {"_id": "q1", "answers": ["35 days"]}))
    assert (found.name, dict(found.dataset.qrels)) == ("set-answers", {})


def test_a_set_without_answers_and_judgements_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="neither answers nor judgements"):
        load(a_set(tmp_path))


def test_an_answer_to_what_has_none_is_refused_with_its_line(tmp_path: Path) -> None:
    wrong = {"_id": "q2", "answerable": False, "answers": ["Leo"]}
    with pytest.raises(InvalidInput, match=r"answers\.jsonl, line 1: it is not answerable"):
        load(a_set(tmp_path, wrong))


def test_other_answers_are_other_judgements(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    one = load(a_set(tmp_path, {"_id": "q1", "answers": ["35 days"]}))
    other = load(a_set(tmp_path / "x", {"_id": "q1", "answers": ["36 days"]}))
    assert one.fingerprint != other.fingerprint
