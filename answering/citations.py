"""Resolves the `[n]` markers of an answer against what was shown: which words stand behind each.

The quote is what the answer says before the marker where that stands in the passage word for
word, else the sentence of the passage that shares most with it; with its place in the document.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from domain.answers import Citation
from domain.completion import Delta
from domain.prompt import Evidence
from gateway.sentences import sentences

_MARKER = re.compile(r"\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
_STATEMENT_END = re.compile(r"(?<=[.!?])\s+|\n")
_WORD = re.compile(r"\w+")


def cite(text: str, evidence: Sequence[Evidence]) -> tuple[Citation, ...]:
    """One citation for each marker and quote; a number that was not shown cites nothing."""
    shown = {item.label: item for item in evidence}
    found: dict[tuple[int, int], Citation] = {}
    for label, statement in _statements(text):
        if label in shown:
            citation = _citation(shown[label], statement)
            found.setdefault((label, citation.start), citation)
    return tuple(found.values())


class Citing:
    """Resolves the markers of an answer that is still being written, each once, when it is whole.

    What stands behind a marker depends on what stands before it alone.
    """

    def __init__(self, evidence: Sequence[Evidence]) -> None:
        self._evidence = evidence
        self._text = ""
        self._told = 0

    def hear(self, delta: Delta) -> tuple[Citation, ...]:
        if delta.kind != "text":
            return ()
        self._text += delta.text
        if "]" not in delta.text:
            return ()
        found = cite(self._text, self._evidence)
        new, self._told = found[self._told :], len(found)
        return new


def markers(text: str) -> Iterator[tuple[int, int, int]]:
    """Each cited number, with where the marker that holds it starts and ends."""
    for marker in _MARKER.finditer(text):
        for number in marker.group(1).split(","):
            yield int(number), *marker.span()


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Each cited number with the words that it stands behind."""
    spoken = ""
    after = 0
    for marker in _MARKER.finditer(text):
        between = text[after : marker.start()]
        if between.strip():  # else it continues a row of markers: [1][2]
            spoken = between.strip(" \n.,;:")
        for number in marker.group(1).split(","):
            yield int(number), spoken
        after = marker.end()


def _citation(item: Evidence, statement: str) -> Citation:
    chunk = item.chunk
    start, end = _place(statement, chunk.text)
    return Citation(
        label=item.label,
        document_id=chunk.document_id,
        source=chunk.source,
        title=chunk.title,
        headings=chunk.headings,
        page=chunk.page,
        quote=chunk.text[start:end],
        start=chunk.start + start,
        end=chunk.start + end,
        collection=item.collection,
    )


@lru_cache(maxsize=512)
def _place(statement: str, text: str) -> tuple[int, int]:
    """An answer that is still being written asks for its first ones again and again."""
    return _verbatim(statement, text) or _nearest(statement, text)


def _verbatim(statement: str, text: str) -> tuple[int, int] | None:
    words = statement.split()
    if not words or not all(word in text for word in words):
        return None
    found = re.search(r"\s+".join(map(re.escape, words)) + "[.!?]?", text)
    return found.span() if found else None


def _nearest(statement: str, text: str) -> tuple[int, int]:
    words = _words(_STATEMENT_END.split(statement)[-1])
    spans = _sentences(text)
    return max(spans, key=lambda span: _overlap(words, spans[span]), default=(0, len(text)))


@lru_cache(maxsize=512)
def _sentences(text: str) -> Mapping[tuple[int, int], frozenset[str]]:
    """Where each stands, and its words: an answer cites few passages, and many answers the same."""
    return {(start, end): _words(text[start:end]) for start, end in sentences(text)}


def _overlap(words: frozenset[str], other: frozenset[str]) -> float:
    """Dice's coefficient: a long sentence is not better for being long."""
    return 2 * len(words & other) / (len(words) + len(other) or 1)


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower()))
