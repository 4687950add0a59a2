"""Bytes → text: byte order mark, UTF-8, what the file declares, then what its bytes look like.

The last is no blind guess: an encoding must give the commonest letters of a script that it is
for (`ingest/charset.py`), or the document is refused.
"""

import codecs
import re

from domain.errors import ParseFailed
from ingest.charset import charset_of

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 8192
_UNWANTED = re.compile(
    r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufeff\ufffe\uffff\ud800-\udfff]"
)
_LINE_ENDS = re.compile(r"\r\n?|[\x0c\x85\u2028\u2029]")
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_FEW = 8  # strange bytes that decide nothing
_MOST_BINARY = 0.02  # share of control bytes in what is still called text
_SHIFTS = (b"\x1b$B", b"\x1b$@")  # ISO-2022-JP, which is ASCII to the eye of UTF-8
_DECLARED = re.compile(rb"(?:charset|coding|encoding)\s*[=:]\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_HEAD = 2048
# What is declared, and what is meant by it: as browsers have it.
_MEANT = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}


def decode(data: bytes, declared: str | None = None) -> str:
    return clean(_decode(data, declared))


def clean(text: str) -> str:
    """One kind of line end; what no reader can see and no database will hold is gone."""
    if text.isascii() and text.isprintable():
        return text
    return _UNWANTED.sub("", _LINE_ENDS.sub("\n", text))


def looks_binary(data: bytes) -> bool:
    """Told from its beginning; text in any encoding does not."""
    sample = data[:_SAMPLE]
    if any(sample.startswith(mark) for mark, _ in _MARKS) or _wide(sample):
        return False
    return len(_BINARY.findall(sample)) > max(_FEW, _MOST_BINARY * len(sample))


def _decode(data: bytes, declared: str | None) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if wide := _wide(data[:_SAMPLE]):
        return data.decode(wide, "replace")
    if looks_binary(data):
        raise ParseFailed(
            "It is binary: neither text nor a format that can be read.", kind="binary"
        )
    if any(shift in data[:_SAMPLE] for shift in _SHIFTS):
        return data.decode("iso2022_jp", "replace")
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
    if known := _declared(data, declared):
        try:
            return data.decode(known)
        except UnicodeError:
            pass  # it declares what it is not
    found = charset_of(data) or known
    if not found:
        raise ParseFailed(
            "Its encoding cannot be told: it is neither Unicode nor clearly another one. "
            "Save it as UTF-8.",
            kind="encoding",
        )
    return data.decode(found, "replace")


def _declared(data: bytes, declared: str | None) -> str:
    """The codec that the reader knows of or the first lines name; empty: none that exists."""
    inside = _DECLARED.search(data[:_HEAD])
    for name in (declared, inside and inside[1].decode()):
        try:
            codec = codecs.lookup(name).name if name else ""
        except LookupError:
            continue
        if codec and not codec.startswith("utf"):
            return _MEANT.get(codec, codec)
    return ""
