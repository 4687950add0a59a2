"""From paths to sources."""

import gzip
import os
from pathlib import Path

import pytest

from domain.errors import InvalidInput, ParseFailed
from ingest.walk import find, read


def put(path: Path, text: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def names(*paths: Path) -> list[str]:
    return [found.name for found in find(paths)]


def test_a_folder_is_walked_in_sorted_order_and_names_are_relative_to_it(tmp_path: Path) -> None:
    for name in ("b.md", "a/z.md", "a/b/c.md"):
        put(tmp_path / name)
    assert names(tmp_path) == ["a/b/c.md", "a/z.md", "b.md"]


def test_a_file_has_its_own_name(tmp_path: Path) -> None:
    assert names(put(tmp_path / "policies" / "leave.md")) == ["leave.md"]


def test_hidden_files_and_folders_are_left_out(tmp_path: Path) -> None:
    put(tmp_path / ".git" / "config")
    put(tmp_path / ".secret")
    put(tmp_path / "open.md")
    assert names(tmp_path) == ["open.md"]


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    put(tmp_path / "a" / "one.md")
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    (tmp_path / "self").symlink_to(tmp_path / "self")
    assert names(tmp_path) == ["a/one.md"]


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    secret = put(tmp_path / "secret.md")
    put(tmp_path / "open" / "one.md")
    (tmp_path / "open" / "two.md").symlink_to(secret)
    assert names(tmp_path / "open") == ["one.md"]


def test_a_link_within_the_folder_is_read(tmp_path: Path) -> None:
    put(tmp_path / "one.md")
    (tmp_path / "two.md").symlink_to("one.md")
    assert names(tmp_path) == ["one.md", "two.md"]


def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert names(tmp_path) == []


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"no file or folder .*nowhere") as raised:
        find([tmp_path / "nowhere"])
    assert raised.value.field == "paths"


def test_two_documents_of_one_name_are_refused_with_both_paths(tmp_path: Path) -> None:
    for name in ("one/leave.md", "two/leave.md"):
        put(tmp_path / name)
    with pytest.raises(InvalidInput, match=r"one/leave\.md and one of .*two/leave\.md"):
        find([tmp_path / "one", tmp_path / "two"])


def test_the_same_path_given_twice_is_one(tmp_path: Path) -> None:
    path = put(tmp_path / "leave.md")
    assert names(path, path) == ["leave.md"]


def test_a_name_that_is_not_unicode_can_be_written_down(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.md")).write_text("x", "utf-8")
    assert names(tmp_path) == ["caf\ufffd.md"]


def test_a_file_that_has_gone_since_is_a_failure_of_its_own(tmp_path: Path) -> None:
    found = find([put(tmp_path / "a.md")])
    (tmp_path / "a.md").unlink()
    with pytest.raises(ParseFailed, match="No such file"):
        list(read(found[0]))


CORPUS = '{"_id": "d1", "title": "T", "text": "One."}\n\n{"_id": "d2", "text": "Two."}\n'


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_a_line_of_a_corpus_is_a_source(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / ("corpus.jsonl.gz" if packed else "corpus.jsonl")
    path.write_bytes(gzip.compress(CORPUS.encode()) if packed else CORPUS.encode())
    found = find([path])
    assert found[0].documents == 2
    assert [source.name for source in read(found[0])] == ["d1", "d2"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [("no json", "line 2 is not JSON"), ('{"text": "x"}', "line 2 has no '_id'")],
    ids=["broken", "without-id"],
)
def test_a_bad_line_of_a_corpus_is_named(tmp_path: Path, line: str, problem: str) -> None:
    path = put(tmp_path / "corpus.jsonl", '{"_id": "a", "text": "x"}\n' + line)
    with pytest.raises(InvalidInput, match=problem):
        find([path])


def test_two_lines_of_one_id_are_refused(tmp_path: Path) -> None:
    path = put(tmp_path / "corpus.jsonl", '{"_id": "a", "text": "x"}\n{"_id": "a", "text": "y"}\n')
    with pytest.raises(InvalidInput, match="'a' would stand for two documents"):
        find([path])
