"""What an ingestion says while it runs and when it is done."""

from dataclasses import dataclass
from typing import Literal

from domain.answers import StageTime

Stage = Literal["read", "parse", "chunk", "embed", "store"]


@dataclass(frozen=True, slots=True)
class Progress:
    done: int  # documents, with those that are unchanged or failed
    total: int
    chunks: int  # embedded so far
    source: str  # the document at hand
    stage: Stage


@dataclass(frozen=True, slots=True)
class Failure:
    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class IngestReport:
    added: int
    changed: int
    unchanged: int
    failed: tuple[Failure, ...]
    chunks: int  # written
    seconds: float
    times: tuple[StageTime, ...]  # stages overlap: together they may be longer than the run
