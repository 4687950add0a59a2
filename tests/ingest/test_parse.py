"""Every kind has a reader, and what cannot be read says why."""

from importlib import import_module

import pytest

from domain.errors import ParseFailed
from ingest.parse import FORMATS, parse, reader_version, reader_versions
from ingest.source import Source
from tests.ingest.reading import read


@pytest.mark.parametrize("kind", FORMATS)
def test_the_reader_is_there(kind: str) -> None:
    module, function = FORMATS[kind].reader.split(":")
    assert callable(getattr(import_module(module), function))


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.md", b" \n", "empty"),
        ("a.md", b"<!-- nothing -->", "no_text"),
        ("a.txt", b"\x00" * 99, "binary"),
        ("a.json", b"{", "corrupt"),
        ("a.xml", b"<a>", "corrupt"),
        ("a.ipynb", b"[]", "corrupt"),
        ("a.json", b"[" * 10_000 + b"]" * 10_000, "too_deep"),
    ],
    ids=["blank", "comment", "zeros", "json", "xml", "notebook", "deep"],
)
def test_a_refusal_has_a_kind(name: str, data: bytes, kind: str) -> None:
    with pytest.raises(ParseFailed) as failed:
        read(name, data)
    assert failed.value.kind == kind


def test_a_version_names_the_reader_its_revision_and_its_library() -> None:
    name, _, library = reader_version("md").partition("+")
    assert name.startswith("md/")
    assert library.startswith("markdown-it-py/")


def test_what_has_no_reader_of_its_own_is_read_as_text() -> None:
    assert reader_version("unheard-of") == reader_version("txt")


def test_versions_differ() -> None:
    assert len(set(reader_versions())) == len(FORMATS)


def test_a_record_has_no_title_from_its_id() -> None:
    assert not parse(Source("d1", b'{"_id": "d1", "text": "words"}', is_record=True)).title


def test_a_file_without_a_title_has_its_name() -> None:
    assert read("folder/leave days.txt", "words").title == "leave days"
