"""What a shard is about to replace, so that who opens it after a crash can end it.

The engine's operations are atomic one by one; a replacement is several.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from retrieval.durable import write_durably

_NAME = "replacing.json"


@dataclass(frozen=True, slots=True)
class Entry:
    tenant: str
    document: str
    points: Sequence[str]  # of its new version


def write(folder: Path, entries: Sequence[Entry]) -> None:
    write_durably(folder / _NAME, json.dumps([asdict(entry) for entry in entries]))


def read(folder: Path) -> list[Entry]:
    path = folder / _NAME
    return (
        [Entry(**entry) for entry in json.loads(path.read_text("utf-8"))] if path.exists() else []
    )


def clear(folder: Path) -> None:
    (folder / _NAME).unlink(missing_ok=True)
