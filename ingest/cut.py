"""Cuts a block that is too long for a chunk, at the best places that its kind has.

A table between rows, code between lines, a list between items, prose at the ends of sentences;
only what is still too long is cut at a space, and at last between two tokens.
"""

import re
from collections.abc import Iterator

from domain.documents import Block, BlockKind
from domain.ports import TokenCounter

Span = tuple[int, int, int]  # start, end, tokens

# Each begins behind a letter: so no piece is blank, and runs of white space cost no more than once.
_BLANK_LINE = re.compile(r"(?<=\S)[ \t]*\n\s*\n")
_LINE = re.compile(r"(?<=\S)\s*\n")
_ITEM = re.compile(r"(?<=\S)\s*\n(?=(?:[-*+•]|\d+[.)])\s)")
_INNER_ITEM = re.compile(r"(?<=\S)\s*\n(?=[ \t]*(?:[-*+•]|\d+[.)])\s)")
_CELL = re.compile(r"(?<=\|)\s+")
_SENTENCE = re.compile(
    r"(?:(?<=[.!?…])|(?<=[.!?…][\"'”’)\]]))(?<!\b[A-Za-z]\.)(?<!\b(?:e\.g|i\.e|etc|vol|Vol|fig|Fig|Inc|Ltd)\.)"
    r"(?<!\b(?:vs|cf|al|no|No|Dr|Mr|Ms|St|eq|pp)\.)\s+(?![a-z])|(?<=[。！？])\s*"
)
_SPACE = re.compile(r"(?<=\S)\s+")

_PLACES: dict[BlockKind, tuple[re.Pattern[str], ...]] = {
    "heading": (_SENTENCE, _SPACE),
    "paragraph": (_BLANK_LINE, _SENTENCE, _LINE, _SPACE),
    "list": (_ITEM, _INNER_ITEM, _SENTENCE, _LINE, _SPACE),
    "table": (_LINE, _CELL, _SENTENCE, _SPACE),
    "code": (_BLANK_LINE, _LINE, _SPACE),
}


def cut(block: Block, text: str, room: int, tokens: TokenCounter) -> Iterator[Span]:
    """Pieces of at most `room` tokens; a block that fits is one piece."""
    yield from _cut(text, block.start, block.end, _PLACES[block.kind], room, tokens)


def _cut(
    text: str,
    start: int,
    end: int,
    places: tuple[re.Pattern[str], ...],
    room: int,
    tokens: TokenCounter,
) -> Iterator[Span]:
    size = tokens.count(text[start:end])
    if size <= room:
        yield start, end, size
    elif not places:
        yield from _between_tokens(text, start, end, room, tokens)
    else:
        for a, b in _parts(text, start, end, places[0]):
            yield from _cut(text, a, b, places[1:], room, tokens)


def _parts(text: str, start: int, end: int, place: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    at = start
    for gap in place.finditer(text, start, end):
        if at < gap.start() and gap.end() < end:
            yield at, gap.start()
            at = gap.end()
    yield at, end


def _between_tokens(
    text: str, start: int, end: int, room: int, tokens: TokenCounter
) -> Iterator[Span]:
    """A stretch without a single space: encoded pieces of `room` tokens."""
    borders = sorted({start + offset for offset in tokens.offsets(text[start:end])} | {end})
    at, i = start, 0
    while at < end:
        i = min(i + room, len(borders) - 1)
        while (size := tokens.count(text[at : borders[i]])) > room and borders[i - 1] > at:
            i -= 1
        yield at, borders[i], size
        at = borders[i]
