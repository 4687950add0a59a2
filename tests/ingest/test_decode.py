"""Bytes become text by rules, not by guesses."""

import codecs

import pytest

from domain.errors import ParseFailed
from ingest.decode import decode

TEXT = "Ein naïves déjà-vu, 5 € – schön."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_a_text_comes_back_from(encoding: str) -> None:
    assert decode(TEXT.encode(encoding)) == TEXT


def test_a_mark_of_utf32_is_not_taken_for_utf16() -> None:
    assert decode(codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le")) == TEXT


def test_a_declared_charset_comes_before_cp1252() -> None:
    assert decode("Żółw".encode("iso-8859-2"), "iso-8859-2") == "Żółw"


def test_a_charset_that_does_not_exist_is_passed_over() -> None:
    assert decode("naïve".encode("cp1252"), "klingon") == "naïve"


def test_one_broken_byte_does_not_spoil_a_text() -> None:
    assert decode("äöü äöü".encode() + b"\xff!") == "äöü äöü\ufffd!"


def test_zeros_and_control_characters_are_gone() -> None:
    text = "plain text, long enough to be one, " * 10
    assert decode(f"{text}a\x00b\x07c".encode()) == f"{text}abc"


def test_line_ends_are_one_kind() -> None:
    assert decode(b"a\r\nb\rc\x0cd") == "a\nb\nc\nd"


@pytest.mark.parametrize("encoding", ["koi8-r", "gb18030"])
def test_another_script_is_refused_rather_than_misread(encoding: str) -> None:
    with pytest.raises(ParseFailed, match="Save it as UTF-8"):
        decode(("Столица Китая 北京是中国的首都 " * 3).encode(encoding, "ignore"))


def test_binary_is_refused() -> None:
    with pytest.raises(ParseFailed, match="binary"):
        decode(bytes(range(256)) * 4)
