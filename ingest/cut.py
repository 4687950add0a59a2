"""Cuts a block that is too long for a chunk, at the best places that its kind has.

A table between rows, code between lines, a list between items, prose at the ends of sentences;
only what is still too long is cut at a space, and at last between two tokens.
"""

import re
from collections.abc import Callable, Iterator
from itertools import count

from domain.documents import Block, BlockKind
from domain.ports import TokenCounter

Span = tuple[int, int, int]  # start, end, tokens
Part = tuple[int, int]  # start, end
Gap = tuple[int, int]  # white space, or nothing, where a text may be cut
Place = Callable[[str, int, int], Iterator[Gap]]

_LONGEST_TOKEN = 128  # characters
_COUNTABLE = 500_000  # characters: tiktoken gives up on a million blanks in a row
_MOST_TOKENS = 4  # of one character
_TRIES = 6  # to find a length that fits

# Each gap begins behind a letter: so no piece is blank, and each run of white space is read once.
_BLANK_LINE = re.compile(r"(?<=\S)[ \t]*+\n\s*\n")
_LINE = re.compile(r"(?<=\S)\s*\n")
_ITEM = re.compile(r"(?<=\S)\s*\n(?=(?:[-*+•]|\d+[.)])\s)")
_INNER_ITEM = re.compile(r"(?<=\S)\s*\n(?=[ \t]*(?:[-*+•]|\d+[.)])\s)")
_CELL = re.compile(r"(?<=\|)\s++")
_FULL_STOP = re.compile(
    r"(?<![.!?…؟])(?P<mark>[.!?…؟]++)(?:\[\d+\]|[\"'”’»)\]])*+(?P<gap>\s++)(?=\S)"
    r"|[。！？।][」』”’）]*+(?P<bare>\s*+)"
)
_ABBREVIATION = re.compile(
    r"\W*(?:[^\W\d]|\w*[^\W\d]\.[^\W\d][\w.]*|al|ca|cf|dr|eds?|eqs?|etc|figs?|inc|jr|ltd|mrs?"
    r"|ms|nos?|nr|pp|prof|sec|sr|st|vol|vs)",
    re.IGNORECASE,
)
_NUMBERING = re.compile(r"(?:\A|\n)[ \t]*\d+\Z")
_BEFORE = 24  # characters that tell an abbreviation


def cut(block: Block, text: str, room: int, tokens: TokenCounter) -> Iterator[Span]:
    """Pieces of at most `room` tokens; a block that fits is one piece."""
    yield from _cut(text, block.start, block.end, _PLACES[block.kind], room, tokens)


def borders(block: Block, text: str, start: int, end: int) -> list[int]:
    """Where in start:end a sentence, a line or a row begins, in order."""
    gaps = (gap for place in _BORDERS[block.kind] for gap in place(text, start, end))
    return sorted({behind for _, behind in gaps if start < behind < end})


def size_within(text: str, start: int, end: int, room: int, tokens: TokenCounter) -> int | None:
    """How many tokens; None where they are more than `room`, which a glance often tells."""
    if end - start > min(room * _LONGEST_TOKEN, _COUNTABLE):
        return None
    size = tokens.count(text[start:end])
    return size if size <= room else None


def _cut(
    text: str, start: int, end: int, places: tuple[Place, ...], room: int, tokens: TokenCounter
) -> Iterator[Span]:
    size = size_within(text, start, end, room, tokens)
    if size is not None:
        yield start, end, size
    elif not places:
        yield from _by_tokens(text, start, end, room, tokens)
    else:
        shortest = room // _MOST_TOKENS // 2  # two of these fit, whatever they are
        for a, b in _joined(_parts(text, start, end, places[0]), shortest):
            yield from _cut(text, a, b, places[1:], room, tokens)


def _parts(text: str, start: int, end: int, place: Place) -> Iterator[Part]:
    at = start
    for gap, behind in place(text, start, end):
        if at < gap and behind < end:
            yield at, gap
            at = behind
    yield at, end


def _joined(parts: Iterator[Part], shortest: int) -> Iterator[Part]:
    """Neighbours of a few letters go together: a book of short lines is not a million parts."""
    start, end = next(parts)
    for a, b in parts:
        if b - a < shortest and b - start < 2 * shortest:
            end = b
            continue
        yield start, end
        start, end = a, b
    yield start, end


def _by_tokens(text: str, start: int, end: int, room: int, tokens: TokenCounter) -> Iterator[Span]:
    """As much at a time as about fits, to the last space if there is one."""
    at, length = _behind_blanks(text, start, end), room
    while at < end:
        full, size = _reach(text, at, min(at + length, end), end, room, tokens)
        stop = _back_to_a_space(text, at, full, end)
        yield at, stop, size if stop == full else tokens.count(text[at:stop])
        at, length = _behind_blanks(text, stop, end), full - at


def _reach(
    text: str, at: int, stop: int, end: int, room: int, tokens: TokenCounter
) -> tuple[int, int]:
    """Close to the longest that fits, from a guess on: where it ends, and its tokens."""
    best = at, 0
    for tries in count(1):
        size = tokens.count(text[at:stop])
        if size <= room or stop == at + 1:  # a single character may need more than there is
            best = max(best, (stop, size))
        found = best[0] > at
        if found and (best[0] == end or best[1] >= room - room // 8 or tries >= _TRIES):
            break
        length = (stop - at) * room // max(size, room // _MOST_TOKENS)
        stop = min(at + max(1, length - length // 16), at + _COUNTABLE, end)
    return best


def _behind_blanks(text: str, at: int, end: int) -> int:
    return next((i for i in range(at, end) if not text[i].isspace()), end)


def _back_to_a_space(text: str, at: int, stop: int, end: int) -> int:
    head = text[at:stop]
    if stop < end and not text[stop].isspace() and not head[-1:].isspace():
        *before, _ = head.rsplit(None, 1)
        head = before[0] if before else head
    return at + len(head.rstrip())


def _matches(pattern: re.Pattern[str]) -> Place:
    def place(text: str, start: int, end: int) -> Iterator[Gap]:
        return (found.span() for found in pattern.finditer(text, start, end))

    return place


def _sentences(text: str, start: int, end: int) -> Iterator[Gap]:
    for found in _FULL_STOP.finditer(text, start, end):
        if found["mark"] is None:
            yield found.span("bare")
        elif _ends_a_sentence(text, start, found):
            yield found.span("gap")


def _full_stops(text: str, start: int, end: int) -> Iterator[Gap]:
    """Also where it looks like an abbreviation, or the next word is small."""
    return (found.span(found.lastgroup or 0) for found in _FULL_STOP.finditer(text, start, end))


def _ends_a_sentence(text: str, start: int, found: re.Match[str]) -> bool:
    if text[found.end()].islower():
        return False
    if found["mark"] != ".":
        return True
    before = text[max(start, found.start() - _BEFORE) : found.start()]
    word = before.rsplit(None, 1)[-1] if before.strip() else ""
    if word.isdigit():
        return not _NUMBERING.search(before)
    return not _ABBREVIATION.fullmatch(word)


_blank_lines, _lines, _cells = _matches(_BLANK_LINE), _matches(_LINE), _matches(_CELL)
_items, _inner_items = _matches(_ITEM), _matches(_INNER_ITEM)

_PLACES: dict[BlockKind, tuple[Place, ...]] = {
    "heading": (_sentences, _full_stops),
    "paragraph": (_blank_lines, _sentences, _full_stops, _lines),
    "list": (_items, _inner_items, _sentences, _full_stops, _lines),
    "table": (_lines, _cells, _sentences, _full_stops),
    "code": (_blank_lines, _lines),
}
_BORDERS: dict[BlockKind, tuple[Place, ...]] = {
    "heading": (),
    "paragraph": (_blank_lines, _sentences),
    "list": (_inner_items, _sentences),
    "table": (_lines,),
    "code": (_lines,),
}
