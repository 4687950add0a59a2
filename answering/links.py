"""Links of an answer: those stay that a passage shown for it has, letter for letter.

A document can talk a model into writing a link of its own with what it has read in it, and a page
that renders the answer would fetch it. So images become their words; of any other link the words
stay, and where it leads goes. A stream is cleaned as it comes: what may still become a link is held
back. Knows no page, and of Markdown and HTML only how they link.
"""

import re
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import replace

from domain.completion import Completion, Delta
from domain.prompt import Evidence

REMOVED = "(link removed)"

_LONGEST = 2_000  # characters that are held back
_URL = r"(?:(?:https?|ftp)://|www\.)[^\s<>\"'`\[\]()]+(?:\([^\s<>\"'`()]*\)[^\s<>\"'`\[\]()]*)*"
_TAGS = "a|img|iframe|form|link|meta|script|object|embed|svg|video|audio|source|base|style"
_TRAILING = ".,;:!?*_"
_LINK = re.compile(
    r"(?P<image>!?)\[(?P<words>[^\[\]]*)\]"
    r"\(\s*(?:<(?P<angled>[^<>]*)>|(?P<plain>(?:[^\s()]|\([^()]*\))*))(?:\s[^()]*)?\)"
    r"|\[(?P<name>[^\[\]\n]+)\]:\s*(?P<defined>(?:[a-z][a-z0-9+.-]*:|[/#])[^\s<>]*|<[^<>]*>)"
    rf"|</?(?P<tag>{_TAGS})\b[^>]*>?"
    r"|<(?P<auto>[a-z][a-z0-9+.-]+:[^\s<>]*)>"
    rf"|(?P<bare>{_URL})",
    re.IGNORECASE,
)
_ANY = re.compile(r"[\[<:.]")  # a text without one of these has no link
_FOUND = re.compile(_URL, re.IGNORECASE)
_OPEN = re.compile(r"<[a-z/!][^>]*\Z|\]\([^)]*\Z|\]:?\s*\Z", re.IGNORECASE)
# Of a word that is not whole yet: letters alone, and those that an address begins with.
_WORD = re.compile(r"(?:\A|\s)[^\W_]+\Z")
_BEGINS = re.compile(r"(?:h(?:t(?:tp?s?)?)?|f(?:tp?)?|w+|\]:\s*\w+)\Z", re.IGNORECASE)


def kept_to(evidence: Sequence[Evidence], completion: Completion) -> Completion:
    """A whole answer without the links that it has of its own."""
    links = Links(evidence)
    text = links.all_of(completion.text)
    return replace(completion, text=text, notes=(*completion.notes, *links.notes))


async def keeping_to(
    evidence: Sequence[Evidence], pieces: AsyncGenerator[Delta | Completion, None]
) -> AsyncGenerator[Delta | Completion, None]:
    """The same of one that streams."""
    links = Links(evidence)
    async with aclosing(pieces):
        async for piece in pieces:
            if isinstance(piece, Completion):
                if rest := links.end():
                    yield Delta(rest)
                yield kept_to(evidence, piece)
            elif piece.kind != "text":
                yield piece
            elif told := links.hear(piece.text):
                yield Delta(told)


class Links:
    def __init__(self, evidence: Sequence[Evidence]) -> None:
        """`evidence` may grow while the answer is written."""
        self._evidence = evidence
        self._read = 0
        self._known = set[str]()
        self._held = ""
        self._removed = 0

    def hear(self, text: str) -> str:
        """What may be said by now."""
        self._held += text
        end = len(self._held) if len(self._held) > _LONGEST else _whole(self._held)
        told, self._held = self._held[:end], self._held[end:]
        return self._clean(told)

    def end(self) -> str:
        """The rest."""
        told, self._held = self._held, ""
        return self._clean(told)

    def all_of(self, text: str) -> str:
        return self.hear(text) + self.end()

    @property
    def notes(self) -> tuple[str, ...]:
        if not self._removed:
            return ()
        some = "a link" if self._removed == 1 else f"{self._removed} links"
        return (f"The answer had {some} that no passage has; the words stayed.",)

    def _clean(self, text: str) -> str:
        if not _ANY.search(text):
            return text
        before = ""
        while text != before:  # an image may stand in a link
            before, text = text, _LINK.sub(self._cleaned, text)
        return text

    def _cleaned(self, link: re.Match[str]) -> str:
        if bare := link["bare"]:
            address = bare.rstrip(_TRAILING)
            return bare if self._knows(address) else self._less(REMOVED + bare[len(address) :])
        if link["tag"]:
            return self._less("")
        words = link["words"] or link["name"] or ""
        leads = link["angled"] or link["plain"] or link["defined"] or link["auto"] or ""
        leads = leads.strip("<>")
        if not link["image"] and self._knows(leads):
            return link[0]
        return self._less(words or REMOVED)

    def _knows(self, address: str) -> bool:
        new = self._evidence[self._read :]
        self._read += len(new)
        self._known.update(_addresses(new))
        return address in self._known

    def _less(self, left: str) -> str:
        self._removed += 1
        return left


def _addresses(evidence: Iterable[Evidence]) -> Iterable[str]:
    for item in evidence:
        for text in (item.chunk.text, item.chunk.table_header, item.chunk.source):
            for found in _FOUND.finditer(text):
                yield found[0].rstrip(_TRAILING)


def _whole(text: str) -> int:
    """Where the last word ends with which no link is open; a blank line ends every link."""
    word = _WORD.search(text)
    if word and not _BEGINS.search(text) and _closed(text):
        return len(text)  # it goes on, but cannot become a link
    since = text.rfind("\n\n") + 1
    for blank in reversed([m.end() for m in re.finditer(r"\s+", text[since:])]):
        if _closed(text[since : since + blank]):
            return since + blank
    return since


def _closed(text: str) -> bool:
    return text.count("[") <= text.count("]") and not _OPEN.search(text)
