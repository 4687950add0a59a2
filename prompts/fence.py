"""Text that others wrote, between two marks that it cannot write itself.

A mark loses its force by a backslash behind its bracket, however it is written: in capitals, with
blanks or signs that nobody sees in it, with brackets that only look like ours. Hidden text, which
models read and people do not, goes. Knows no prompt.
"""

import re
import tomllib
from collections.abc import Iterable
from importlib.resources import files

_UNSEEN = "[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
_TAGS = re.compile("[\U000e0000-\U000e007f]+")  # letters without a shape
_BAR = "[|｜¦❘]"
_BEGINS = "<＜﹤〈⟨‹"
_OPEN = f"[{_BEGINS}]"
_BLANK = rf"(?:\s|{_UNSEEN})*"


def fenced(name: str, text: str, **attributes: int) -> str:
    said = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f"<{name}{said}>\n{inside(text)}\n</{name}>"


def inside(text: str) -> str:
    """The same text, as it may stand between any of our marks."""
    # Most texts have none of these signs: looking for signs takes a twentieth of a search.
    if not text.isascii():
        text = _TAGS.sub("", text)
    if any(sign in text for sign in _BEGINS):
        text = _MARKS.sub(r"\1\\\2", text)
    return _BRACKETED.sub(r"[\\\1", text) if "[" in text else text


def _spelled(names: Iterable[str]) -> str:
    """Letter by letter, the longest first."""
    ordered = sorted(names, key=len, reverse=True)
    return "|".join(f"{_UNSEEN}*".join(map(re.escape, name)) for name in ordered)


_read = tomllib.loads(files("prompts").joinpath("fence.toml").read_text("utf-8"))
_NAMES = _spelled([*_read["fences"], *_read["turns"]])
_ENDS = _spelled([*_read["fences"], *_read["turns"], *_read["ends"]])
_MARKS = re.compile(
    rf"({_OPEN})("
    rf"{_BLANK}[/／∕]{_BLANK}(?:{_ENDS})(?!\w)"  # one that ends needs nothing behind its name
    rf"|{_UNSEEN}*(?:{_NAMES})(?=\s*/?[>＞]|\s+\w+\s*=)"  # i < right is no mark
    rf"|{_BAR}\w[^<>\n]{{0,60}}{_BAR}"
    rf"|<{_BLANK}/?{_BLANK}SYS>)",
    re.IGNORECASE,
)
_BRACKETED = re.compile(rf"\[(/?(?:{_spelled(_read['brackets'])})\])", re.IGNORECASE)
