"""Text that others wrote, between two marks that it cannot write itself.

A mark loses its force by a backslash behind its bracket, however it is written: in capitals, with
blanks or signs that nobody sees in it, with brackets that only look like ours. Hidden text, which
models read and people do not, goes. Knows no prompt.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
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
        text = _marks().sub(r"\1\\\2", text)
    return _bracketed().sub(r"[\\\1", text) if "[" in text else text


@cache  # 50 ms, which a command that composes no prompt does not spend
def _marks() -> re.Pattern[str]:
    read = _signs()
    names = _spelled([*read["fences"], *read["turns"]])
    ends = _spelled([*read["fences"], *read["turns"], *read["ends"]])
    return re.compile(
        rf"({_OPEN})("
        rf"{_BLANK}[/／∕]{_BLANK}(?:{ends})(?!\w)"  # one that ends needs nothing behind its name
        rf"|{_UNSEEN}*(?:{names})(?=\s*/?[>＞]|\s+\w+\s*=)"  # i < right is no mark
        rf"|{_BAR}\w[^<>\n]{{0,60}}{_BAR}"
        rf"|<{_BLANK}/?{_BLANK}SYS>)",
        re.IGNORECASE,
    )


@cache
def _bracketed() -> re.Pattern[str]:
    return re.compile(rf"\[(/?(?:{_spelled(_signs()['brackets'])})\])", re.IGNORECASE)


@cache
def _signs() -> Mapping[str, Sequence[str]]:
    return tomllib.loads(files("prompts").joinpath("fence.toml").read_text("utf-8"))


def _spelled(names: Iterable[str]) -> str:
    """Letter by letter, the longest first."""
    ordered = sorted(names, key=len, reverse=True)
    return "|".join(f"{_UNSEEN}*".join(map(re.escape, name)) for name in ordered)
