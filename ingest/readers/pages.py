"""Lines with their places → paragraphs, without the running heads and feet of the pages.

Pure geometry and text; knows nothing of the PDF library.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

_EDGE = 2  # lines at the top and at the bottom of a page that may be furniture
_REPEATS = 3
_SLOT = 6.0  # points: lines whose heights differ by less are at the same place
_SENTENCE_WORDS = 5
_LEADING = 1.35  # of the page's usual line distance: more than this parts paragraphs
_SIZES_DIFFER = 1.12
_CONTEXT = 12  # letters before a link, by which it is known from the same words elsewhere
_SHORT = 0.15  # of the paragraph's width: a line that ends this much earlier ends on purpose
_BROKEN = re.compile("\ufffe|[-\u2010\u00ad]$")  # a word goes on in the next line
_PAGE = re.compile(r"(?:page|seite)\s+\d+(?:\s*(?:of|von|/)\s*\d+)?", re.IGNORECASE)
_NUMBER = re.compile(r"\d+|\b[ivxlc]+\b")
_ITEM = re.compile(r"(?:[•●○◦▪■‣–*·]|\(?\d{1,2}[.)]|\(?[a-z]\))\s")
_SOFT = re.compile(r"(?<![^\s(\[])(\S*?\w)(?:\ufffe|[-\u2010\u00ad]\n)(?=[a-z])(\w+)")


@dataclass(frozen=True, slots=True)
class Linked:
    """Words of a line that lead somewhere."""

    before: str  # what the line says before them
    words: str
    target: str


@dataclass(frozen=True, slots=True)
class Line:
    text: str
    left: float
    right: float
    top: float
    bottom: float
    size: float  # height of its letters
    links: Sequence[Linked] = ()


Page = Sequence[Line]


def without_furniture(pages: Sequence[Page]) -> list[list[Line]]:
    """Without lines at the edges that come again and again, whatever the numbers in them say."""
    edges = [_edges(page) for page in pages]
    seen = Counter(key for edge in edges for key in set(edge.values()))
    slots = Counter(k[0] for edge in edges for k in set(edge.values()) if seen[k] >= _REPEATS)
    running = {slot for slot, count in slots.items() if 2 * count > len(pages)}

    def repeats(key: tuple[int, str]) -> bool:
        return seen[key] >= _REPEATS or (seen[key] > 1 and key[0] in running)

    def belongs(line: Line, key: tuple[int, str] | None) -> bool:
        return key is None or not (repeats(key) or _PAGE.fullmatch(line.text.strip()))

    return [
        [line for i, line in enumerate(page) if belongs(line, edge.get(i))]
        for page, edge in zip(pages, edges, strict=True)
    ]


def paragraphs(page: Page) -> Iterator[list[Line]]:
    """Lines that belong together, in reading order."""
    gaps = [a.top - b.top for a, b in pairwise(page) if a.top > b.top]
    usual = median(gaps) if gaps else 0.0
    group: list[Line] = []
    for line in page:
        if group and _parts(group, line, usual):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def flow(lines: Page) -> str:
    """Full lines run on; a line that ends early keeps its end: a table's row, a line of code."""
    right = max(line.right for line in lines)
    width = right - min(line.left for line in lines)
    text = ""
    for line in lines[:-1]:
        full = line.right > right - _SHORT * width
        text += line.text.rstrip() + (" " if full and not line.text.endswith("-") else "\n")
    return text + lines[-1].text


def links_in(lines: Page, text: str) -> Iterator[tuple[int, int, str]]:
    """Where they lie in the text that has become of these lines: start, end and target."""
    at = 0
    for link in (link for line in lines for link in line.links):
        before = link.before[-_CONTEXT:]
        for words in filter(None, _BROKEN.split(link.words)):
            start = text.find(before + words, at)
            start = start + len(before) if start >= 0 else text.find(words, at)
            if start >= 0:
                at = start + len(words)
                yield start, at, link.target
            before = ""


def dehyphenated(text: str, words: Counter[str]) -> str:
    """Words broken at a line end are whole again; how, is told by how the document writes them."""

    def join(match: re.Match[str]) -> str:
        head, tail = match.groups()
        hyphened, joined = f"{head}-{tail}", f"{head}{tail}"
        address = "/" in head or "@" in head
        return hyphened if address or words[hyphened.lower()] > words[joined.lower()] else joined

    return _SOFT.sub(join, text).replace("\ufffe", "-")


def vocabulary(pages: Sequence[Page]) -> Counter[str]:
    text = (line.text.lower() for page in pages for line in page)
    return Counter(word for line in text for word in re.findall(r"\w+(?:-\w+)*", line))


def _edges(page: Page) -> dict[int, tuple[int, str]]:
    """Line number → place and text of the lines at top and bottom."""
    order = sorted(range(len(page)), key=lambda i: page[i].bottom)
    chosen = order if len(order) <= 2 * _EDGE else [*order[:_EDGE], *order[-_EDGE:]]
    return {
        i: (round(page[i].bottom / _SLOT), _without_number(" ".join(page[i].text.lower().split())))
        for i in chosen
    }


def _without_number(text: str) -> str:
    """Page numbers differ; but what is a sentence says something with its numbers."""
    sentence = text.endswith(".") and text.count(" ") >= _SENTENCE_WORDS
    return text if sentence else _NUMBER.sub("#", text)


def _parts(group: list[Line], line: Line, usual: float) -> bool:
    """Does a new paragraph begin with this line?"""
    last = group[-1]
    if _ITEM.match(line.text):
        return True
    sizes = sorted((last.size, line.size))
    if sizes[1] > _SIZES_DIFFER * max(sizes[0], 0.1):
        return True
    if line.top >= last.top:  # further up: the next column
        return last.text.rstrip().endswith((".", ":", "!", "?"))
    if last.bottom - line.top > (_LEADING - 1) * usual + 0.35 * last.size:
        return True
    width = max(x.right for x in group) - min(x.left for x in group)
    ended = last.right < max(x.right for x in group) - _SHORT * width
    return ended and last.text.rstrip().endswith((".", ":", "!", "?"))
