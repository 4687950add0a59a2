"""`forebay export` prints what a collection holds, for other programs."""

import json
import subprocess
import sys
from itertools import groupby
from pathlib import Path

import pytest

from tests.service import HANDBOOK, environment, forebay, running
from wiring.codec import from_json
from wiring.export import ExportedChunk, ExportedDocument


def exported(data: Path, *arguments: str) -> list[str]:
    done = forebay("export", *arguments, data=data)
    assert (done.returncode, done.stderr) == (0, "")
    return [line for line in done.stdout.split("\n") if line]


def chunks(data: Path) -> list[ExportedChunk]:
    return [from_json(ExportedChunk, line) for line in exported(data, "--chunks")]


def test_a_chunk_says_all_that_is_known_of_it(handbook_data: Path) -> None:
    assert list(json.loads(exported(handbook_data, "--chunks")[0])) == [
        "file", "text", "headings", "page", "start", "end", "title", "language", "links",
        "metadata", "document_id", "position",
    ]  # fmt: skip


def test_chunks_come_by_file_and_place(handbook_data: Path) -> None:
    places = [(one.file, one.position) for one in chunks(handbook_data)]
    assert places == sorted(places)
    assert {file for file, _ in places} == {
        path.relative_to(HANDBOOK).as_posix() for path in HANDBOOK.rglob("*") if path.is_file()
    }


def test_a_document_holds_its_chunks_where_they_say(handbook_data: Path) -> None:
    lines = exported(handbook_data, "--documents")
    documents = [from_json(ExportedDocument, line) for line in lines]
    texts = {document.file: document.text for document in documents}
    for file, some in groupby(chunks(handbook_data), key=lambda one: one.file):
        assert all(texts[file][one.start : one.end] == one.text for one in some)


def test_a_service_exports_the_same(data: Path) -> None:
    alone = exported(data, "--documents")
    with running(data):
        assert exported(data, "--documents") == alone


def test_a_service_says_it_too_when_there_is_no_such_collection(data: Path) -> None:
    with running(data):
        done = forebay("export", "--collection", "nowhere", "--chunks", data=data)
    assert done.returncode == 1
    assert "There is no collection 'nowhere'" in done.stderr


def test_an_output_file_holds_what_would_be_printed(handbook_data: Path, tmp_path: Path) -> None:
    file = tmp_path / "chunks.jsonl"
    assert exported(handbook_data, "--chunks", "--output", str(file)) == []
    printed = exported(handbook_data, "--chunks")
    assert file.read_text("utf-8").split("\n") == [*printed, ""]


def test_a_collection_that_is_not_there_leaves_the_output_file_as_it_was(
    handbook_data: Path, tmp_path: Path
) -> None:
    file = tmp_path / "chunks.jsonl"
    file.write_text("what was there")
    asked = ("export", "--collection", "nowhere", "--chunks", "--output", str(file))
    done = forebay(*asked, data=handbook_data)
    assert done.returncode == 1
    assert "nowhere" in done.stderr
    assert file.read_text() == "what was there"


@pytest.mark.parametrize("flags", [[], ["--chunks", "--documents"]], ids=["neither", "both"])
def test_it_must_be_said_what_to_export(flags: list[str], tmp_path: Path) -> None:
    done = forebay("export", *flags, data=tmp_path / "data")
    assert done.returncode == 2
    assert "either --chunks or --documents" in done.stderr


def test_a_tenant_without_documents_is_told_so(handbook_data: Path) -> None:
    done = forebay("export", "--chunks", "--tenant", "other", data=handbook_data)
    assert (done.returncode, done.stdout) == (0, "")
    assert "holds nothing of tenant 'other'" in done.stderr


def test_a_reader_that_has_had_enough_ends_it_quietly(handbook_data: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "forebay", "export", "--chunks"],
        env=environment(handbook_data),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    said = process.stderr.read()
    assert (process.wait(timeout=60), said) == (0, b"")
