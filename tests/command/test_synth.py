"""A collection becomes a data set; what costs money is asked before."""

import json
from pathlib import Path

import pytest

from eval.data import load
from tests.service import forebay

WRITE = ("eval", "synth", "--questions", "10")


def written(data: Path, out: Path, *options: str) -> bytes:
    done = forebay(*WRITE, "--offline", "--out", str(out), *options, data=data)
    assert done.returncode == 0, done.stderr
    return (out / "questions.jsonl").read_bytes()


def test_without_a_model_the_same_questions_come_again(data: Path, tmp_path: Path) -> None:
    assert written(data, tmp_path / "one") == written(data, tmp_path / "two")


def test_what_is_written_is_a_data_set_whose_spans_fit(data: Path, tmp_path: Path) -> None:
    written(data, tmp_path / "set")
    dataset = load(tmp_path / "set")
    rows = map(json.loads, (tmp_path / "set" / "corpus.jsonl").read_text().splitlines())
    texts = {row["_id"]: row["text"] for row in rows}
    spans = [span for own in dataset.spans.values() for span in own]
    assert len(spans) == 10
    assert all(texts[span.source][span.start : span.end] == span.text for span in spans)


def test_every_question_says_what_made_it(data: Path, tmp_path: Path) -> None:
    lines = written(data, tmp_path / "set").splitlines()
    assert {json.loads(line)["made_by"] for line in lines} == {"definition", "heading"}


@pytest.mark.parametrize(
    ("environ", "code", "said"),
    [
        ({}, 1, "--offline"),
        ({"OPENAI_API_KEY": "sk-test"}, 1, "costs about $"),
    ],
    ids=["no model", "a model"],
)
def test_a_model_is_not_asked_without_leave(
    data: Path, tmp_path: Path, environ: dict[str, str], code: int, said: str
) -> None:
    done = forebay(*WRITE, "--out", str(tmp_path / "set"), data=data, **environ)
    assert done.returncode == code
    assert said in done.stderr
    assert not (tmp_path / "set").exists()


def test_a_folder_that_holds_something_is_left_alone(data: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    done = forebay(*WRITE, "--offline", "--out", str(tmp_path), data=data)
    assert done.returncode == 2
    assert "not empty" in done.stderr
