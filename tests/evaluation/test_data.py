"""Data sets are read whole in any of their layouts, or refused with the file and the reason."""

import json
from pathlib import Path

import pytest

from domain.errors import InvalidInput
from eval.data import load
from eval.labels import Span


def lines(*rows: object) -> str:
    return "\n".join(json.dumps(row) for row in rows) + "\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """In BEIR's layout."""
    (tmp_path / "corpus.jsonl").write_text(lines({"_id": "d1", "title": "", "text": "a"}))
    queries = lines({"_id": "q1", "text": "one?"}, {"_id": "q2", "text": "unjudged?"})
    (tmp_path / "queries.jsonl").write_text(queries)
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels/test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t2\n")
    return tmp_path


@pytest.fixture
def spans(tmp_path: Path) -> Path:
    """Files in corpora/, and questions about them."""
    (tmp_path / "corpora").mkdir()
    (tmp_path / "corpora/leave.md").write_text("Everyone has 28 days.")
    span = {"source": "leave", "start": 13, "end": 20, "text": "28 days"}
    (tmp_path / "questions.jsonl").write_text(
        lines({"id": "q1", "question": "how many?", "spans": [span]})
    )
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


@pytest.mark.parametrize("name", ["qrels.txt", "dev.qrels"])
def test_trec_judgements_lie_beside_the_corpus(folder: Path, name: str) -> None:
    (folder / "qrels/test.tsv").unlink()
    (folder / name).write_text("q1 0 d1 2\n")
    assert load(folder).qrels == {"q1": {"d1": 2}}


def test_queries_may_be_parted_by_tabs(folder: Path) -> None:
    (folder / "queries.jsonl").unlink()
    (folder / "queries.tsv").write_text("q1\tone?\n")
    assert load(folder).queries == {"q1": "one?"}


def test_a_source_may_leave_out_its_suffix(spans: Path) -> None:
    assert load(spans).spans == {"q1": (Span("leave.md", 13, 20, "28 days"),)}


def test_a_document_with_a_gold_span_is_relevant(spans: Path) -> None:
    assert load(spans).qrels == {"q1": {"leave.md": 1}}


def test_references_into_one_corpus_are_spans_too(spans: Path) -> None:
    reference = {"content": "28 days", "start_index": 13, "end_index": 20}
    row = {"_id": "q1", "text": "how many?", "corpus": "leave", "references": [reference]}
    (spans / "questions.jsonl").write_text(lines(row))
    assert load(spans).spans == {"q1": (Span("leave.md", 13, 20, "28 days"),)}


def test_an_unknown_source_is_named(spans: Path) -> None:
    (spans / "corpora/leave.md").rename(spans / "corpora/other.md")
    with pytest.raises(InvalidInput, match="'leave'"):
        load(spans)


def test_an_empty_span_names_its_line(spans: Path) -> None:
    span = {"source": "leave", "start": 5, "end": 5}
    (spans / "questions.jsonl").write_text(lines({"id": "q1", "question": "?", "spans": [span]}))
    with pytest.raises(InvalidInput, match="line 1: the span from 5 to 5 is empty"):
        load(spans)


def test_a_path_to_questions_means_their_spans(folder: Path, spans: Path) -> None:
    assert load(folder).corpus == folder / "corpus.jsonl"
    assert load(spans / "questions.jsonl").corpus == spans / "corpora"


def test_spans_of_the_same_corpus_come_with_judgements(folder: Path) -> None:
    span = {"source": "d1", "start": 0, "end": 1}
    (folder / "questions.jsonl").write_text(lines({"id": "q1", "question": "?", "spans": [span]}))
    dataset = load(folder)
    assert dataset.qrels == {"q1": {"d1": 2}}
    assert dataset.spans == {"q1": (Span("d1", 0, 1),)}


def test_a_sample_is_part_of_every_larger_one(folder: Path) -> None:
    names = [f"q{number}" for number in range(50)]
    (folder / "queries.jsonl").write_text(lines(*({"_id": n, "text": n} for n in names)))
    rows = "".join(f"{name}\td1\t1\n" for name in names)
    (folder / "qrels/test.tsv").write_text(f"query-id\tcorpus-id\tscore\n{rows}")
    few, more = load(folder, 5), load(folder, 20)
    assert len(few.queries) == 5
    assert few.queries.keys() < more.queries.keys()


def test_other_judgements_have_another_fingerprint(folder: Path) -> None:
    before = load(folder).fingerprint
    (folder / "qrels/test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\n")
    assert load(folder).fingerprint != before
