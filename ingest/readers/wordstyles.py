"""What the styles of a Word document say of a paragraph: its level, its list, whether it is code.

Built-in styles keep their English names inside the file, whatever the language of the program;
their ids do not. Styles that stand on others have what those say. Never guesses from fonts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from ingest.readers.archive import value

_HEADING = re.compile(r"heading ([1-9])")
_TITLE = "title"
_CODE = re.compile(r"\b(?:code|preformatted|verbatim|plain text)\b")
_BODY_TEXT = 9  # the outline level of what is no heading
_MOST_BASES = 20
_DEEPEST_ITEM = 8


@dataclass(frozen=True, slots=True)
class Style:
    name: str = ""
    base: str = ""
    outline: int | None = None
    numbers: str | None = None
    depth: int | None = None


class Styles:
    def __init__(self, root: etree._Element | None) -> None:
        found = [] if root is None else list(root.iterchildren("{*}style"))
        self._styles = {value(element, "styleId"): _style(element) for element in found}

    def level(self, paragraph: etree._Element) -> int | None:
        """Of a heading, 1 is the outermost; None for what is none."""
        own = _own(paragraph)
        if own.outline is not None:
            return own.outline + 1 if own.outline < _BODY_TEXT else None
        for style in self._chain(own.base):
            if style.outline is not None:
                return style.outline + 1 if style.outline < _BODY_TEXT else None
            if match := _HEADING.fullmatch(style.name):
                return int(match[1])
            if style.name == _TITLE:
                return 1
        return None

    def numbering(self, paragraph: etree._Element) -> tuple[str, int] | None:
        """The list that it belongs to, and how deep in it."""
        chain = [_own(paragraph), *self._chain(_own(paragraph).base)]
        numbers = next((s.numbers for s in chain if s.numbers is not None), None)
        depth = next((s.depth for s in chain if s.depth is not None), 0)
        return (numbers, min(depth, _DEEPEST_ITEM)) if numbers not in {None, "0"} else None

    def lists_contents(self, paragraph: etree._Element) -> bool:
        """A line of the generated table of contents."""
        return any(
            style.name.startswith(("toc ", "table of figures"))
            for style in self._chain(_own(paragraph).base)
        )

    def is_code(self, paragraph: etree._Element) -> bool:
        return any(_CODE.search(style.name) for style in self._chain(_own(paragraph).base))

    def _chain(self, name: str) -> Iterator[Style]:
        for _ in range(_MOST_BASES):
            style = self._styles.get(name)
            if style is None:
                return
            yield style
            name = style.base


def said(element: etree._Element, name: str) -> str:
    """The `val` of a child."""
    child = element.find(f"{{*}}{name}")
    return "" if child is None else value(child, "val")


def on(parent: etree._Element | None, name: str) -> bool:
    """A switch that is there and not turned off."""
    child = None if parent is None else parent.find(f"{{*}}{name}")
    return child is not None and value(child, "val", "1") not in {"0", "false", "off"}


def number(text: str) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else 0


def _own(paragraph: etree._Element) -> Style:
    """What it says itself; its style is what it stands on."""
    properties = paragraph.find("{*}pPr")
    return Style() if properties is None else _from(properties, "", said(properties, "pStyle"))


def _style(element: etree._Element) -> Style:
    name, base = said(element, "name").lower(), said(element, "basedOn")
    properties = element.find("{*}pPr")
    return Style(name, base) if properties is None else _from(properties, name, base)


def _from(properties: etree._Element, name: str, base: str) -> Style:
    outline, numbers = said(properties, "outlineLvl"), properties.find("{*}numPr")
    listed = None if numbers is None else said(numbers, "numId") or None
    depth = "" if numbers is None else said(numbers, "ilvl")
    return Style(
        name, base, number(outline) if outline else None, listed, number(depth) if depth else None
    )
