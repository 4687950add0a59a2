"""A corpus in BEIR's layout: one document a line, `{"_id", "title", "text", "metadata"}`.

A line is a source of its own, so a changed line is one changed document.
"""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path

from domain.documents import Scalar
from domain.errors import ParseFailed
from ingest.decode import clean
from ingest.draft import Draft
from ingest.source import Source, Unreadable

_NAMES = frozenset({"corpus.jsonl", "corpus.jsonl.gz"})


def is_corpus(path: Path) -> bool:
    return path.name in _NAMES


def records(path: Path) -> Iterator[Source | Unreadable]:
    seen: set[str] = set()
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _record(line.strip(), f"{path.name}, line {number}", seen)
    except (OSError, EOFError, zlib.error) as error:
        yield Unreadable(path.name, f"It cannot be read to its end: {error}.")


def read_record(data: bytes) -> Draft:
    record = json.loads(data)
    draft = Draft(title=clean(str(record.get("title") or "")))
    draft.paragraphs(clean(str(record.get("text") or "")) or draft.title)
    metadata = record.get("metadata")
    for key, value in metadata.items() if isinstance(metadata, dict) else ():
        if isinstance(value, Scalar):
            draft.metadata[str(key)] = value
    return draft


def _record(line: bytes, where: str, seen: set[str]) -> Source | Unreadable:
    try:
        name = _id(line)
    except ParseFailed as error:
        return Unreadable(where, str(error))
    if name in seen:
        return Unreadable(where, f"'{name}' is there twice; this one is left out.")
    seen.add(name)
    return Source(name, line, is_record=True)


def _id(line: bytes) -> str:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ParseFailed(f"It is not JSON: {error}.") from error
    name = record.get("_id", record.get("id", "")) if isinstance(record, dict) else ""
    if not str(name).strip():
        raise ParseFailed("It has no '_id'.")
    return clean(str(name))
