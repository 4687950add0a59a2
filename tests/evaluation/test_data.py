"""BEIR folders are read whole, or refused with the file and the reason."""

import json
from pathlib import Path

import pytest

from domain.errors import InvalidInput
from eval.data import load
from eval.measures import measure


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "corpus.jsonl").write_text(json.dumps({"_id": "d1", "title": "", "text": "a"}))
    queries = [{"_id": "q1", "text": "one?"}, {"_id": "q2", "text": "unjudged?"}]
    (tmp_path / "queries.jsonl").write_text("\n".join(json.dumps(q) for q in queries))
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels/test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t2\n")
    return tmp_path


def test_only_judged_queries_are_asked(folder: Path) -> None:
    dataset = load(folder)
    assert dataset.queries == {"q1": "one?"}
    assert dataset.qrels == {"q1": {"d1": 2}}


@pytest.mark.parametrize("name", ["corpus.jsonl", "queries.jsonl", "qrels/test.tsv"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(InvalidInput, match=name):
        load(folder)


def test_a_broken_judgement_names_its_line(folder: Path) -> None:
    (folder / "qrels/test.tsv").write_text("query-id\tcorpus-id\tscore\nq1 d1 2\n")
    with pytest.raises(InvalidInput, match="line 2"):
        load(folder)


def test_a_judged_query_without_text_is_named(folder: Path) -> None:
    (folder / "qrels/test.tsv").write_text("query-id\tcorpus-id\tscore\nq9\td1\t1\n")
    with pytest.raises(InvalidInput, match="q9"):
        load(folder)


def test_a_query_that_found_nothing_scores_zero() -> None:
    qrels = {"found": {"a": 1}, "empty": {"b": 1}}
    assert measure(qrels, {"found": {"a": 1.0}})["nDCG@10"] == 0.5


def test_grades_and_ranks_count_as_in_the_literature() -> None:
    scores = measure({"q": {"a": 1, "b": 1}}, {"q": {"x": 3.0, "a": 2.0}})
    assert scores["RR@10"] == 0.5
    assert scores["R@10"] == 0.5
    assert scores["nDCG@10"] == pytest.approx(0.6309 / 1.6309, abs=1e-3)
