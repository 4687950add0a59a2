"""What kind of thing a file is: by its bytes first, by its name second."""

import io
import zipfile

import pytest

from domain.errors import ParseFailed
from ingest.kinds import refuse
from ingest.source import RECORD, Source

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)


def zipped(**parts: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return data.getvalue()


def kind(name: str, data: bytes) -> str:
    return Source(name, data).kind


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.md", "md"),
        ("a.Markdown", "md"),
        ("A.TXT", "txt"),
        ("a.tsv", "csv"),
        ("a.ndjson", "jsonl"),
        ("a.pyi", "python"),
        ("a.tsx", "tsx"),
        ("Makefile", "code"),
        ("README", "txt"),
        ("a.unheard-of", "txt"),
        (".hidden.md", "md"),
        ("dots..in...name.v1.2.md", "md"),
    ],
)
def test_a_text_is_what_its_name_says(name: str, expected: str) -> None:
    assert kind(name, b"some words") == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"%PDF-1.7\n", "pdf"),
        (b"{\\rtf1 x}", "rtf"),
        (zipped(word__document_xml=b""), "docx"),
        (zipped(xl__workbook_xml=b""), "xlsx"),
        (zipped(ppt__presentation_xml=b""), "pptx"),
        (zipped(mimetype=b"application/epub+zip"), "epub"),
        (zipped(mimetype=b"application/vnd.oasis.opendocument.text"), "odt"),
        (b"<!DOCTYPE html><html></html>", "html"),
        (b'<?xml version="1.0"?>\n<!-- x -->\n<html xmlns="x"></html>', "html"),
        (b'<?xml version="1.0"?><book/>', "xml"),
        (OLE + "__properties_version1.0".encode("utf-16-le"), "msg"),
    ],
)
def test_the_content_says_more_than_the_name(data: bytes, expected: str) -> None:
    assert kind("a.txt", data) == expected
    assert kind("a.pdf", data) == expected


def test_a_template_in_source_code_is_no_page() -> None:
    assert kind("page.php", b"<html><?php echo 1; ?></html>") == "php"


def test_text_that_bears_the_name_of_a_package_is_text() -> None:
    assert kind("a.pdf", b"just words") == "txt"


def test_a_pdf_may_begin_a_little_late() -> None:
    assert kind("a.pdf", b"\x00\x01junk\n%PDF-1.4") == "pdf"


def test_an_archive_that_is_cut_goes_to_the_reader_of_its_name() -> None:
    assert kind("a.docx", b"PK\x03\x04 cut off") == "docx"


def test_a_record_needs_no_look() -> None:
    assert Source("d1", b"%PDF-", is_record=True).kind == RECORD


@pytest.mark.parametrize(
    ("data", "reason", "said"),
    [
        (OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted", "without a password"),
        (OLE + "WordDocument".encode("utf-16-le"), "unsupported", "old binary Office"),
        (zipped(a=b"x"), "unsupported", "Unpack it"),
        (b"PK\x03\x04 cut off", "corrupt", "damaged"),
        (b"\x89PNG\r\n\x1a\nIHDR", "binary", "a PNG image"),
        (b"\x7fELF\x02\x01", "binary", "a program"),
        (b"\x1f\x8b\x08\x00", "binary", "a gzip archive"),
    ],
    ids=["encrypted", "old-office", "archive", "cut", "picture", "program", "compressed"],
)
def test_what_nobody_reads_is_refused_with_a_word(data: bytes, reason: str, said: str) -> None:
    with pytest.raises(ParseFailed, match=said) as failed:
        refuse(kind("a.txt", data), data)
    assert failed.value.kind == reason
