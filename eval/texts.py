"""Titles and beginnings of texts, so that a person sees what was right and what was found."""

import gzip
import json
from collections.abc import Collection, Iterator
from pathlib import Path

from domain.hits import Hit
from eval.labels import Span
from eval.result import Text

_LONGEST = 280  # characters


def of_documents(corpus: Path, wanted: Collection[str]) -> dict[str, Text]:
    """From the data set itself: gold that was not found is in no hit."""
    return {name: text for name, text in _corpus(corpus, wanted) if name in wanted}


def of_hit(hit: Hit) -> Text:
    return Text(hit.chunk.where or hit.chunk.source, beginning(hit.chunk.text))


def of_span(span: Span) -> Text:
    return Text(span.source, beginning(span.text))


def beginning(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST].rsplit(' ', 1)[0]} …"


def _corpus(corpus: Path, wanted: Collection[str]) -> Iterator[tuple[str, Text]]:
    if corpus.is_dir():
        for name in wanted:
            if (corpus / name).is_file():
                text = (corpus / name).read_text(encoding="utf-8", errors="replace")
                yield name, Text(name, beginning(text))
        return
    with gzip.open(corpus) if corpus.suffix == ".gz" else corpus.open("rb") as lines:
        for row in (json.loads(line) for line in lines if line.strip()):
            text = beginning(str(row.get("text") or ""))
            yield str(row.get("_id", row.get("id"))), Text(str(row.get("title") or ""), text)
