"""Plain text: paragraphs between blank lines; headings that are underlined, or numbered for sure.

Lines stay as they are written: what is cited is what stands in the file.
"""

import re
from itertools import pairwise

from ingest.decode import decode
from ingest.draft import Draft

_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")
_UNDERLINED = re.compile(
    r"^(?P<over>([^\w\s])\2{2,}[ \t]*\n)?[ \t]?(?P<title>\S[^\n]{0,120})\n"
    r"(?P<under>([=\-~^#*+\"'`:.])\5{2,})[ \t]*$",
    re.MULTILINE,
)
_NUMBERED = re.compile(
    r"(?P<indent>[^\S\n]*)(?P<word>(?:chapter|section|part|appendix|article|kapitel|abschnitt|teil"
    r"|chapitre|capítulo|capitolo)[^\S\n]+)?"
    r"(?P<number>\d{1,3}(?:\.\d{1,3}){0,5}|[A-Z]\.\d{1,3}(?:\.\d{1,3}){0,4})[.:)]?[^\S\n]+(?P<title>\S.*)",
    re.IGNORECASE,
)
_ENDS = (".", ",", ";", ":", "?", "!")
_LONGEST = 90
_FEWEST = 2  # headings that make a numbering


def read_text(data: bytes) -> Draft:
    text = decode(data)
    underlined = [match for match in _UNDERLINED.finditer(text) if _is_underlined(match, text)]
    return _sections(text, underlined) if underlined else _numbered(text)


def _sections(text: str, headings: list[re.Match[str]]) -> Draft:
    """As in reStructuredText: the marks say a level by the order in which they first come."""
    draft, at = Draft(), 0
    levels: dict[str, int] = {}
    for match in headings:
        draft.paragraphs(text[at : match.start()])
        mark = match["under"][0] + ("over" if match["over"] else "")
        draft.heading(match["title"], levels.setdefault(mark, len(levels) + 1))
        at = match.end()
    draft.paragraphs(text[at:])
    return draft


def _is_underlined(match: re.Match[str], text: str) -> bool:
    """A line alone over marks of its length; not a row over the rule of a table."""
    before = text[max(match.start() - 200, 0) : match.start()].rstrip(" \t")
    alone = not before or before.endswith("\n\n") or match["over"] is not None
    return alone and abs(len(match["title"].rstrip()) - len(match["under"])) <= 2  # noqa: PLR2004


def _numbered(text: str) -> Draft:
    draft, paragraphs = Draft(), _BLANK_LINES.split(text)
    levels = _levels(paragraphs)
    for i, paragraph in enumerate(paragraphs):
        if i in levels:
            draft.heading(paragraph, levels[i])
        else:
            draft.add("paragraph", paragraph)
    return draft


def _levels(paragraphs: list[str]) -> dict[int, int]:
    """Which paragraphs are headings, and of what level: a line alone with the next number.

    A table of contents has the same numbers earlier; items of a list have no text between them.
    """
    found = {i: match for i, text in enumerate(paragraphs) if (match := _candidate(text))}
    last = {match["number"]: i for i, match in found.items()}
    kept = [i for i, match in found.items() if last[match["number"]] == i]
    sure = [
        i
        for i, following in pairwise([*kept, len(paragraphs)])
        if following > i + 1 or (following in found and _depth(found[following]) > _depth(found[i]))
    ]
    top = [int(m["number"]) for i in sure if (m := found[i])["number"].isdecimal()]
    rising = len(sure) >= _FEWEST and all(a < b for a, b in pairwise(top))
    return {i: _depth(found[i]) for i in sure} if rising else {}


def _candidate(text: str) -> re.Match[str] | None:
    line = text.strip("\n")
    if len(line) > _LONGEST or "\n" in line or line.rstrip().endswith(_ENDS):
        return None
    match = _NUMBERED.fullmatch(line)
    if match is None or not match["title"][0].isupper():
        return None
    # one number alone begins the items of lists, too: these are indented
    plain = match["word"] or "." in match["number"] or not match["indent"]
    return match if plain else None


def _depth(match: re.Match[str]) -> int:
    return match["number"].count(".") + 1
