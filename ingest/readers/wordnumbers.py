"""What Word shows before a numbered paragraph, which its file does not hold: it is counted anew.

So that a clause is found by its number. Knows nothing of text.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree

from ingest.readers.archive import value
from ingest.readers.wordstyles import number, said

BULLET = "-"
_PLACE = re.compile(r"%([1-9])")
_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc")),
    *((50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
_MOST_ROMAN = 4000


@dataclass(frozen=True, slots=True)
class _Level:
    form: str = "bullet"
    shape: str = ""  # with a place for each number: "%1.%2"
    start: int = 1
    legal: bool = False  # all of its numbers are shown as 1, 2, 3


class Numbering:
    """The paragraphs of a list are met in order."""

    def __init__(self, root: etree._Element | None) -> None:
        shapes, lists = _children(root, "abstractNum"), _children(root, "num")
        levels = {value(shape, "abstractNumId"): _levels(shape) for shape in shapes}
        self._levels: dict[str, dict[int, _Level]] = {}
        self._counts: dict[str, Counter[int]] = {}
        shared: dict[str, Counter[int]] = {}
        for each in lists:
            name, shape = value(each, "numId"), said(each, "abstractNumId")
            self._levels[name] = levels.get(shape, {})
            anew = each.find("{*}lvlOverride") is not None  # others go on where the last ended
            self._counts[name] = Counter() if anew else shared.setdefault(shape, Counter())

    def mark(self, name: str, depth: int) -> str:
        levels = self._levels.get(name, {})
        counts = self._counts.setdefault(name, Counter())
        counts[depth] += 1
        for deeper in [other for other in counts if other > depth]:
            del counts[deeper]
        level = levels.get(depth, _Level())
        if level.form in {"bullet", "none"}:
            return BULLET

        def shown(place: re.Match[str]) -> str:
            at = int(place[1]) - 1
            other = levels.get(at, _Level())
            count = other.start - 1 + max(counts[at], 1)
            return str(count) if level.legal else _FORMS.get(other.form, str)(count)

        return _PLACE.sub(shown, level.shape).strip() or BULLET


def _children(root: etree._Element | None, name: str) -> list[etree._Element]:
    return [] if root is None else list(root.iterchildren(f"{{*}}{name}"))


def _levels(shape: etree._Element) -> dict[int, _Level]:
    return {
        number(value(level, "ilvl")): _Level(
            said(level, "numFmt"),
            said(level, "lvlText"),
            number(said(level, "start") or "1"),
            level.find("{*}isLgl") is not None,
        )
        for level in _children(shape, "lvl")
    }


def _roman(count: int) -> str:
    if not 0 < count < _MOST_ROMAN:
        return str(count)
    text = ""
    for worth, letters in _ROMAN:
        text += letters * (count // worth)
        count %= worth
    return text


def _letter(count: int) -> str:
    """a to z, then aa to zz."""
    times, letter = divmod(count - 1, 26)
    return chr(ord("a") + letter) * (times + 1) if count > 0 else str(count)


_FORMS: dict[str, Callable[[int], str]] = {
    "lowerRoman": _roman,
    "upperRoman": lambda count: _roman(count).upper(),
    "lowerLetter": _letter,
    "upperLetter": lambda count: _letter(count).upper(),
    "decimalZero": "{:02}".format,
}
