"""From paths to the files under them."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from domain.errors import InvalidInput
from ingest.walk import Walked, find
from tests.contracts.state_documents import a_record


def put(path: Path, text: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def walked(*paths: Path | str) -> Walked:
    return find([str(path) for path in paths])


def names(*paths: Path | str) -> list[str]:
    return [found.name for found in walked(*paths).found]


def test_a_folder_is_walked_in_sorted_order_and_names_are_relative_to_it(tmp_path: Path) -> None:
    for name in ("b.md", "a/z.md", "a/b/c.md"):
        put(tmp_path / name)
    assert names(tmp_path) == ["b.md", "a/z.md", "a/b/c.md"]


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
        walked(tmp_path / "nowhere")
    assert raised.value.field == "paths"


def test_the_same_path_given_twice_is_one(tmp_path: Path) -> None:
    path = put(tmp_path / "leave.md")
    assert names(path, path) == ["leave.md"]


def test_a_name_that_is_not_unicode_can_be_written_down(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.md")).write_text("x", "utf-8")
    assert names(tmp_path) == ["caf\\xe9.md"]


def test_a_folder_that_cannot_be_opened_is_a_problem_of_its_own(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(30):  # a path longer than the system takes
        deep = deep / ("d" * 200)
        try:
            deep.mkdir()
        except OSError:
            break
    put(tmp_path / "one.md")
    assert names(tmp_path)[0] == "one.md"


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for a very deep folder")
def test_a_very_deep_folder_is_walked(tmp_path: Path) -> None:
    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        for _ in range(1500):
            Path("d").mkdir()
            os.chdir("d")
        Path("deep.md").write_text("x")
    finally:
        os.chdir(here)
    try:
        assert names(tmp_path) == ["d/" * 1500 + "deep.md"]
    finally:
        subprocess.run(["rm", "-rf", str(tmp_path / "d")], check=True)  # Python's own cannot


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.md", ["a.md"]),
        ("**/*.md", ["a.md", "x/b.md", "x/y/c.md"]),
        ("x/**", ["b.md", "d.txt", "y/c.md"]),
        ("x/?.txt", ["d.txt"]),
        ("[!b-z].md", ["a.md"]),
        ("*/y/*", ["x/y/c.md"]),
    ],
)
def test_a_glob_is_relative_to_its_fixed_part(
    tmp_path: Path, pattern: str, expected: list[str]
) -> None:
    for name in ("a.md", "x/b.md", "x/d.txt", "x/y/c.md"):
        put(tmp_path / name)
    assert sorted(names(f"{tmp_path}/{pattern}")) == expected


def test_a_file_whose_name_looks_like_a_glob_is_that_file(tmp_path: Path) -> None:
    assert names(put(tmp_path / "notes[1].md")) == ["notes[1].md"]


def test_a_glob_may_stand_in_a_folder_whose_name_looks_like_one(tmp_path: Path) -> None:
    put(tmp_path / "notes[1]" / "a.md")
    assert names(f"{tmp_path}/notes[1]/*.md") == ["a.md"]


A = a_record("a.md")


def test_a_folder_covers_what_came_from_it_and_nothing_else(tmp_path: Path) -> None:
    (root,) = walked(tmp_path).roots
    assert root.covers(replace(A, root=str(tmp_path)))
    assert root.covers(replace(A, source="1", root=f"{tmp_path}/x/corpus.jsonl"))
    assert not root.covers(replace(A, root=f"{tmp_path}/inner"))
    assert not root.covers(replace(A, root="upload"))


def test_a_glob_covers_what_it_would_find(tmp_path: Path) -> None:
    (root,) = walked(f"{tmp_path}/*.md").roots
    assert root.covers(replace(A, root=str(tmp_path)))
    assert not root.covers(replace(A, source="a.txt", root=str(tmp_path)))


def test_a_file_covers_itself_also_when_it_has_gone(tmp_path: Path) -> None:
    found = find([str(tmp_path / "a.md")], may_be_gone=True)
    assert found.found == ()
    assert found.roots[0].covers(replace(A, root=str(tmp_path)))
    assert not found.roots[0].covers(replace(A, source="b.md", root=str(tmp_path)))


def test_documents_remember_another_root_when_one_is_given(tmp_path: Path) -> None:
    put(tmp_path / "a.md")
    found = find([str(tmp_path)], root="upload")
    assert [file.root for file in found.found] == ["upload"]
    assert found.roots[0].covers(replace(A, root="upload"))
