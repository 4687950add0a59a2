"""Files and corpora become sources, or a word why not."""

import gzip
from pathlib import Path

import pytest

from ingest.read import read
from ingest.source import Source, Unreadable
from ingest.walk import Found

CORPUS = '{"_id": "d1", "title": "T", "text": "One."}\n\n{"_id": "d2", "text": "Two."}\n'


def sources(path: Path) -> list[Source | Unreadable]:
    return list(read(Found(path, path.name, "/")))


def test_a_file_that_has_gone_since_says_so(tmp_path: Path) -> None:
    (source,) = sources(tmp_path / "a.md")
    assert source == Unreadable("a.md", "It cannot be read: No such file or directory.")


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_a_line_of_a_corpus_is_a_source(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / ("corpus.jsonl.gz" if packed else "corpus.jsonl")
    path.write_bytes(gzip.compress(CORPUS.encode()) if packed else CORPUS.encode())
    assert [source.name for source in sources(path)] == ["d1", "d2"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("no json", "It is not JSON"),
        ('{"text": "x"}', "It has no '_id'"),
        ('{"_id": "a", "text": "y"}', "'a' is there twice"),
        ("[" * 100_000, "It is not JSON"),
    ],
    ids=["broken", "without-id", "twice", "nested"],
)
def test_a_bad_line_of_a_corpus_is_named_and_the_rest_is_read(
    tmp_path: Path, line: str, problem: str
) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text('{"_id": "a", "text": "x"}\n' + line + '\n{"_id": "b", "text": "x"}\n')
    first, bad, last = sources(path)
    assert (first.name, bad.name, last.name) == ("a", "corpus.jsonl, line 2", "b")
    assert isinstance(bad, Unreadable)
    assert problem in bad.reason


def test_a_packed_corpus_that_was_cut_off_says_so(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl.gz"
    path.write_bytes(gzip.compress(CORPUS.encode() * 1000)[:-20])
    last = sources(path)[-1]
    assert isinstance(last, Unreadable)
    assert "cannot be read to its end" in last.reason
