"""An answer's statements, each a sentence with the numbers that stand behind it.

Numbers stand behind all sentences of their paragraph since the numbers before, also behind a full
stop ("… 35 days. [1]"). Whether what they name says so is not known here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.sentences import sentences

_MARKERS = re.compile(r"(?:\s*\[\d{1,3}(?:\s*,\s*\d{1,3})*\])+")
_NUMBER = re.compile(r"\d{1,3}")
_WORD = re.compile(r"\w")
_PARAGRAPH = "\n\n"


@dataclass(frozen=True, slots=True)
class Claim:
    text: str
    labels: tuple[int, ...]


def claims(text: str) -> tuple[Claim, ...]:
    """In their order. What has no word in it (a rule, a bullet) states nothing."""
    return tuple(claim for claim in _claims(text) if _WORD.search(claim.text))


def spans(text: str) -> list[tuple[int, int]]:
    """Where its sentences are."""
    return sentences(text)


def plain(text: str) -> str:
    """Without its numbers."""
    return _MARKERS.sub("", text)


def _claims(text: str) -> Iterator[Claim]:
    after = 0
    for markers in _MARKERS.finditer(text):
        before, _, own = text[after : markers.start()].rpartition(_PARAGRAPH)
        labels = tuple(dict.fromkeys(map(int, _NUMBER.findall(markers[0]))))
        yield from (Claim(said, ()) for said in _sentences(before))
        yield from (Claim(said, labels) for said in _sentences(own))
        after = markers.end()
    yield from (Claim(said, ()) for said in _sentences(text[after:]))


def _sentences(text: str) -> Iterator[str]:
    return (text[start:end].lstrip(".,;: ") for start, end in sentences(text))
