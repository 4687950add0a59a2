"""Bytes become text by marks, by what is declared, and by what the letters say."""

import codecs

import pytest

from domain.errors import ParseFailed
from ingest.decode import clean, decode, looks_binary

TEXT = "Ein naïves déjà-vu, 5 € – schön."
GERMAN = "Die Straße führt über die Brücke nach Köln, und die Bäcker öffnen um fünf."
POLISH = "Zażółć gęślą jaźń; w Łodzi mieszkają ludzie, którzy są mili i ciężko pracują."
RUSSIAN = "Столица стоит на реке, и в ней живёт много людей. Вчера мы ходили в театр."
UKRAINIAN = "Місто стоїть на річці, і в ньому живе багато людей, які його люблять."
GREEK = "Η πόλη είναι δίπλα στη θάλασσα και έχει πολλούς κατοίκους."
TURKISH = "Şehirde yaşayan insanlar çoğunlukla işe gitmek için bu köprüyü kullanıyor."
JAPANESE = "この町は川のそばにあります。毎日たくさんの人が橋を渡って仕事に行きます。"
CHINESE = "这个城市在河边，每天有很多人过桥去工作，他们都说这里的生活很好。"
TAIWANESE = "這個城市在河邊，每天有很多人過橋去工作，他們都說這裡的生活很好。"
KOREAN = "이 도시는 강가에 있습니다. 매일 많은 사람들이 다리를 건너 일하러 갑니다."
HEBREW = "העיר נמצאת ליד הנהר והרבה אנשים גרים בה."
ARABIC = "تقع المدينة على النهر ويعيش فيها عدد كبير من الناس."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_a_text_comes_back_from(encoding: str) -> None:
    assert decode(TEXT.encode(encoding)) == TEXT


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (GERMAN, "latin-1"),
        (GERMAN, "mac_roman"),
        (POLISH, "cp1250"),
        (POLISH, "iso8859_2"),
        (RUSSIAN, "koi8_r"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "cp866"),
        (RUSSIAN, "iso8859_5"),
        (UKRAINIAN, "cp1251"),
        (GREEK, "cp1253"),
        (TURKISH, "cp1254"),
        (HEBREW, "cp1255"),
        (ARABIC, "cp1256"),
        (JAPANESE, "cp932"),
        (JAPANESE, "euc_jp"),
        (JAPANESE, "iso2022_jp"),
        (CHINESE, "gb18030"),
        (TAIWANESE, "big5"),
        (KOREAN, "cp949"),
    ],
)
def test_an_old_encoding_is_told_by_its_letters(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_one_accent_in_an_english_text_is_western() -> None:
    text = "A long English text with one word, café, and nothing else of note."
    assert decode(text.encode("cp1252")) == text


def test_comments_in_another_script_do_not_hide_in_code() -> None:
    text = f"int main() {{ // {RUSSIAN}\n  return 0;\n}}"
    assert decode(text.encode("koi8_r")) == text


def test_what_no_encoding_makes_words_of_is_refused() -> None:
    with pytest.raises(ParseFailed, match="Save it as UTF-8") as failed:
        decode(b"abc " + bytes(range(0x80, 0xA0)) * 9)
    assert failed.value.kind == "encoding"


def test_a_mark_of_utf32_is_not_taken_for_utf16() -> None:
    assert decode(codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le")) == TEXT


def test_a_declared_charset_comes_before_what_the_letters_say() -> None:
    assert decode("Żółw".encode("iso-8859-2"), "iso-8859-2") == "Żółw"


@pytest.mark.parametrize(
    "declaration",
    [
        '<?xml version="1.0" encoding="{}"?>',
        '<meta charset="{}">',
        "# -*- coding: {} -*-",
        '@charset "{}";\n/* charset={} */',
    ],
    ids=["xml", "html", "source", "css"],
)
def test_a_file_may_declare_its_charset_itself(declaration: str) -> None:
    text = f"{declaration.replace('{}', 'iso-8859-2')}\nŻółw"
    assert decode(text.encode("iso-8859-2")) == text


def test_latin1_means_what_windows_writes() -> None:
    assert decode("“5 €”".encode("cp1252"), "iso-8859-1") == "“5 €”"


def test_a_charset_that_does_not_exist_is_passed_over() -> None:
    assert decode("naïve".encode("cp1252"), "klingon") == "naïve"


def test_a_charset_that_does_not_fit_is_passed_over() -> None:
    assert decode(GERMAN.encode("cp1252"), "euc_jp") == GERMAN


def test_one_broken_byte_does_not_spoil_a_text() -> None:
    assert decode("äöü äöü".encode() + b"\xff!") == "äöü äöü\ufffd!"


def test_zeros_and_control_characters_are_gone() -> None:
    text = "plain text, long enough to be one, " * 10
    assert decode(f"{text}a\x00b\x07c".encode()) == f"{text}abc"


def test_marks_of_our_own_cannot_come_from_outside() -> None:
    assert clean("a\ufdd0http://x\ufdd1b\ufdd2") == "ahttp://xb"


def test_line_ends_are_one_kind() -> None:
    assert decode(b"a\r\nb\rc\x0cd") == "a\nb\nc\nd"


def test_binary_is_refused() -> None:
    with pytest.raises(ParseFailed, match="binary") as failed:
        decode(bytes(range(256)) * 4)
    assert failed.value.kind == "binary"


def test_text_of_two_bytes_a_letter_is_not_binary() -> None:
    assert not looks_binary(("plain words " * 20).encode("utf-16-le"))
