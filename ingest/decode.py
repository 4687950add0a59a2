"""Bytes → text: byte order mark, UTF-8, the declared charset, cp1252; never a guess by statistics.

Detectors turn Latin-1 into Cyrillic without a word; these rules are few and can be foretold.
"""

import codecs
import re

from domain.errors import ParseFailed

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 8192
_UNWANTED = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff\ud800-\udfff]")
_LINE_ENDS = re.compile(r"\r\n?|[\x0c\x85\u2028\u2029]")
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_FEW = 8  # strange bytes or letters that decide nothing
_MOST_FOREIGN = 0.3  # share of letters beyond ASCII in a Western text
_MOST_BINARY = 0.02  # share of control bytes in what is still called text


def decode(data: bytes, declared: str | None = None) -> str:
    return clean(_decode(data, declared))


def clean(text: str) -> str:
    """One kind of line end; what no reader can see and no database will hold is gone."""
    return _UNWANTED.sub("", _LINE_ENDS.sub("\n", text))


def _decode(data: bytes, declared: str | None) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if wide := _wide(data[:_SAMPLE]):
        return data.decode(wide, "replace")
    strange = len(_BINARY.findall(data[:_SAMPLE]))
    if strange > max(_FEW, _MOST_BINARY * len(data[:_SAMPLE])):
        raise ParseFailed("It is binary: neither text nor a format that can be read.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _not_quite_utf8(data, declared)


def _wide(sample: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of Western text is zero."""
    half = len(sample) // 2
    if not half:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 * half and odd < 0.05 * half else None


def _not_quite_utf8(data: bytes, declared: str | None) -> str:
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if sum(not letter.isascii() for letter in text) > 2 * broken:
        return text  # UTF-8 with a few broken bytes, not another encoding
    if declared:
        try:
            return data.decode(declared, "replace")
        except (LookupError, UnicodeError):
            pass  # a charset that does not exist is as good as none
    return _western(data)


def _western(data: bytes) -> str:
    """cp1252, if that gives words as Western languages have them."""
    text = data.decode("cp1252", "replace")
    letters = [letter for letter in text if letter.isalpha() or not letter.isascii()]
    foreign = sum(not letter.isascii() for letter in letters)
    if foreign > _FEW + _MOST_FOREIGN * len(letters):
        raise ParseFailed("Its encoding is unknown: neither Unicode nor Western. Save it as UTF-8.")
    return text
