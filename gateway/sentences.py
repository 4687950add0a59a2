"""Where the sentences of a passage begin and end.

A list item, a table row, a heading and a fenced piece of code are units of their own;
hard-wrapped prose is read across its line ends. Spans are exact: text[start:end] is the sentence.
"""

import re

_ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Za-z]|e\.g|i\.e|etc|vs|cf|al|approx|fig|eq|sec|vol|pp|ed|eds|dr|mr|mrs|ms|"
    r"prof|st|inc|ltd|co|corp|dept|jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec)\.)$",
    re.IGNORECASE,
)
_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s|$)|[。！？]+")
_FENCED = re.compile(r"^[ \t]*(```|~~~).*?^[ \t]*\1[ \t]*$", re.DOTALL | re.MULTILINE)
_OWN_LINE = re.compile(r"\s*(?:[-*+•|>#]|\d+[.)]\s|[a-z]\)\s)")


def sentences(text: str) -> list[tuple[int, int]]:
    """Spans in order, without the white space around them."""
    return [
        trimmed
        for start, end in _units(text)
        for span in _split(text, start, end)
        if (trimmed := _trim(text, *span)) is not None
    ]


def _units(text: str) -> list[tuple[int, int]]:
    """Fenced code, and what stands between."""
    found: list[tuple[int, int]] = []
    at = 0
    for fenced in _FENCED.finditer(text):
        found += [*_paragraphs(text, at, fenced.start()), fenced.span()]
        at = fenced.end()
    return [*found, *_paragraphs(text, at, len(text))]


def _paragraphs(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Paragraphs, and lines that stand for themselves."""
    found: list[tuple[int, int]] = []
    begin = at = start
    for line in text[start:end].splitlines(keepends=True):
        if (_OWN_LINE.match(line) or not line.strip()) and begin < at:
            found.append((begin, at))
            begin = at
        at += len(line)
        if line.lstrip().startswith(("|", "#")) or not line.strip():
            found.append((begin, at))
            begin = at
    if begin < at:
        found.append((begin, at))
    return found


def _split(text: str, start: int, end: int) -> list[tuple[int, int]]:
    if text[start:end].lstrip().startswith(("|", "```", "~~~")):
        return [(start, end)]
    spans: list[tuple[int, int]] = []
    begin = start
    for mark in _END.finditer(text, start, end):
        rest = text[mark.end() : end].lstrip()
        if _ABBREVIATION.search(text, begin, mark.start() + 1) or rest[:1].islower():
            continue
        spans.append((begin, mark.end()))
        begin = mark.end()
    return [*spans, (begin, end)]


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    size = len(piece.strip())
    return (start + left, start + left + size) if size else None
