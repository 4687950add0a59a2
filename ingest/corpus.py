"""A corpus in BEIR's layout: one document a line, `{"_id", "title", "text", "metadata"}`.

A line is a source of its own, so a changed line is one changed document.
"""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path

from domain.documents import Scalar
from domain.errors import InvalidInput
from ingest.decode import clean
from ingest.draft import Draft
from ingest.source import Source

_NAMES = frozenset({"corpus.jsonl", "corpus.jsonl.gz"})


def is_corpus(path: Path) -> bool:
    return path.name in _NAMES


def records(path: Path) -> Iterator[Source]:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield Source(_id(line, path, number), line.strip(), is_record=True)
    except (OSError, EOFError, zlib.error) as error:
        raise InvalidInput(f"{path} cannot be read: {error}.", field="paths") from error


def read_record(data: bytes) -> Draft:
    record = json.loads(data)
    draft = Draft(title=clean(str(record.get("title") or "")))
    draft.paragraphs(clean(str(record.get("text") or "")) or draft.title)
    metadata = record.get("metadata")
    for key, value in metadata.items() if isinstance(metadata, dict) else ():
        if isinstance(value, Scalar):
            draft.metadata[str(key)] = value
    return draft


def _id(line: bytes, path: Path, number: int) -> str:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise InvalidInput(f"{path}, line {number} is not JSON: {error}.", field="paths") from error
    if not isinstance(record, dict) or not str(record.get("_id", "")).strip():
        raise InvalidInput(f"{path}, line {number} has no '_id'.", field="paths")
    return clean(str(record["_id"]))
