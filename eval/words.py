"""Texts as words that can be counted and compared, in any script. Knows no language.

Signs of scripts that put no space between words are words of their own. Words compare by their
first letters, which is what most languages leave alone when they bend a word.
"""

import re
import unicodedata
from collections.abc import Sequence

_WORD = re.compile(
    r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|"
    r"[^\W_\u0e00-\u0eff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+(?:[.,]\d+)*"
)
_STEM = 6  # letters
_SHORT = 3  # of so few letters are the words that only join others, and few that say anything


def words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def numbers(text: str) -> set[str]:
    """Those, and codes with digits in them."""
    return {word for word in words(text) if any(map(str.isdigit, word))}


def content(text: str) -> set[str]:
    """What its words are about: the longer ones, by their beginnings. All, where all are short."""
    every = words(text)
    long = [word for word in every if len(word) > _SHORT or not word.isascii()]
    return {word[:_STEM] for word in long or every}


def share(part: set[str], whole: set[str]) -> float:
    """How much of `part` is in `whole`; all of nothing."""
    return len(part & whole) / len(part) if part else 1.0


def dice(one: set[str], other: set[str]) -> float:
    together = len(one) + len(other)
    return 2 * len(one & other) / together if together else 0.0


def longest_run(one: Sequence[str], other: Sequence[str]) -> int:
    """Words in a row that both have."""
    best, row = 0, [0] * (len(other) + 1)
    for word in one:
        row = [0] + [row[i] + 1 if word == far else 0 for i, far in enumerate(other)]
        best = max(best, *row)
    return best


def near(one: str, other: str) -> float:
    """How alike two questions read: shared words, whatever their order."""
    return dice(set(words(one)), set(words(other)))
