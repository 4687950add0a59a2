"""What tests of readers ask of a draft: its blocks with their texts."""

from ingest.draft import Parsed
from ingest.parse import parse
from ingest.source import Source


def read(name: str, data: bytes | str) -> Parsed:
    return parse(Source(name, data.encode() if isinstance(data, str) else data))


def texts(parsed: Parsed, kind: str | None = None) -> list[str]:
    return [parsed.text[b.start : b.end] for b in parsed.blocks if kind in {None, b.kind}]


def path_of(parsed: Parsed, text: str) -> tuple[str, ...]:
    """The headings above the block that holds this text."""
    return next(b.headings for b in parsed.blocks if text in parsed.text[b.start : b.end])
