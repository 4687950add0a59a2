"""Places gold spans in the texts that were ingested: a reader may have moved their characters.

Letters and digits decide; white space, quotes and marks of layout may differ.
Knows texts and spans, not where either comes from.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from eval.labels import Span, Spans

LOST = ""  # the source of a span that is in no text


def place(spans: Spans, texts: Mapping[str, str]) -> Spans:
    """The spans where they are now. One that is nowhere keeps its length, and has no source."""
    squeezed = {source: _squeeze(text) for source, text in texts.items()}

    def placed(span: Span) -> Span:
        text = texts.get(span.source, "")
        as_labelled = text[span.start : span.end] == span.text
        if as_labelled or (not span.text and span.end <= len(text)):
            return span
        found = _nearest(span, *squeezed[span.source]) if span.text and text else None
        return replace(span, source=LOST) if found is None else _moved(span, *found)

    return {query: tuple(map(placed, own)) for query, own in spans.items()}


def lost(spans: Spans) -> int:
    return sum(span.source == LOST for own in spans.values() for span in own)


def _moved(span: Span, start: int, end: int) -> Span:
    return replace(span, start=start, end=end)


def _squeeze(text: str) -> tuple[str, list[int]]:
    """Its letters and digits, and where each of them stands."""
    places = [place for place, character in enumerate(text) if character.isalnum()]
    return "".join(text[place] for place in places), places


def _nearest(span: Span, squeezed: str, places: list[int]) -> tuple[int, int] | None:
    wanted = "".join(filter(str.isalnum, span.text))
    found = [
        (places[at], places[at + len(wanted) - 1] + 1) for at in _occurrences(wanted, squeezed)
    ]
    return min(found, key=lambda one: abs(one[0] - span.start), default=None)


def _occurrences(wanted: str, text: str) -> Iterator[int]:
    at = text.find(wanted) if wanted else -1
    while at >= 0:
        yield at
        at = text.find(wanted, at + 1)
