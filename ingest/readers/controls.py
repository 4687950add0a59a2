"""The marks that RTF is written in, one after the other, and the code pages that they name.

Knows nothing of what the marks do to a document.
"""

import codecs
import re
from collections.abc import Iterator

_TOKEN = re.compile(
    rb"\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})?[ ]?"
    rb"|\\'(?P<byte>[0-9a-fA-F]{2})"
    rb"|\\(?P<symbol>[^a-zA-Z])"
    rb"|(?P<brace>[{}])"
    rb"|[\r\n\0]+"
    rb"|(?P<text>[^\\{}\r\n\0]+)",
    re.DOTALL,
)
_SYMBOLS = {b"~": "\xa0", b"_": "\u2011", b"\\": "\\", b"{": "{", b"}": "}", b"\t": "\t"}
SYMBOL = "symbol"  # a font of signs: no encoding names them
_LETTERS = {
    "tab": "\t",
    "line": "\n",
    "lbr": "\n",
    "emdash": "—",
    "endash": "–",
    "bullet": "•",
    "lquote": "‘",
    "rquote": "’",
    "ldblquote": "“",
    "rdblquote": "”",
    "nestcell": "\t",
    "emspace": " ",
    "enspace": " ",
    "qmspace": " ",
    "nestrow": "\n",
}
_CHARSETS = {
    2: SYMBOL,
    77: "mac_roman",
    128: "cp932",
    129: "cp949",
    130: "johab",
    134: "gb18030",
    136: "cp950",
    161: "cp1253",
    162: "cp1254",
    163: "cp1258",
    177: "cp1255",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    222: "cp874",
    238: "cp1250",
    254: "cp437",
    255: "cp850",
}
_PAGES = {1361: "johab", 10000: "mac_roman", 28591: "cp1252", 65001: "utf-8"}
_BULLETS = b"\xb7\xa7\xa8\xd8\xfc\x9f"
_LETTER = "="

Token = tuple[str, int | None, bytes | None]


def tokens(data: bytes) -> Iterator[Token]:
    """A word with its number, a brace, `=` with a letter, or bytes of text."""
    at = 0
    while match := _TOKEN.match(data, at):
        at = match.end()
        if match["word"]:
            word = match["word"].decode()
            number = int(match["number"]) if match["number"] else None
            if word == "bin":
                at += max(number or 0, 0)
            elif word in _LETTERS:
                yield _LETTER, ord(_LETTERS[word]), None
            else:
                yield word, number, None
        elif match["text"]:
            yield "", None, match["text"]
        elif match["byte"]:
            yield "", None, bytes.fromhex(match["byte"].decode())
        elif match["brace"]:
            yield match["brace"].decode(), None, None
        elif match["symbol"]:
            yield from _symbol(match["symbol"])


def _symbol(symbol: bytes) -> Iterator[Token]:
    if symbol in _SYMBOLS:
        yield _LETTER, ord(_SYMBOLS[symbol]), None
    elif symbol in b"\r\n":
        yield "par", None, None
    elif symbol == b"*":
        yield "*", None, None


def page_codec(number: int | None) -> str:
    name = _PAGES.get(number or 1252, f"cp{number}")
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "cp1252"


def charset_codec(number: int | None) -> str | None:
    """None: as the document says."""
    return _CHARSETS.get(number or 0)


def letters(data: bytes, codec: str) -> str:
    if codec == SYMBOL:  # most of its signs are Greek or arrows: only the bullets are sure
        return "".join("•" if byte in _BULLETS else chr(byte) for byte in data)
    return data.decode(codec, "replace")


def whole(text: str) -> str:
    """Without the white space around it; letters that came as two halves are one."""
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return joined.strip()
