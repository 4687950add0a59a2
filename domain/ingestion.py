"""What is asked of an ingestion, what it says while it runs, and when it is done."""

from dataclasses import dataclass
from typing import Literal

from domain.answers import StageTime

Stage = Literal["read", "parse", "chunk", "embed", "store"]
State = Literal["added", "changed", "unchanged", "removed", "failed"]

STDIN = "-"  # as a path: documents as JSONL on standard input
UPLOAD = "upload"  # as a root: came over HTTP


@dataclass(frozen=True, slots=True)
class IngestRequest:
    paths: tuple[str, ...]  # files, folders, globs, corpora
    tenant: str
    collection: str
    prune: bool = False  # what is gone from the paths goes from the collection
    dry_run: bool = False
    rebuild: bool = False  # all anew, beside the old, then swapped
    adopt: bool = False  # documents that were ingested from another folder under the same name
    max_tokens: int | None = None  # of a chunk; None: as the collection was chunked before
    overlap: int | None = None
    accept_cost: bool = False  # without it, a run that costs more than the settings allow stops


@dataclass(frozen=True, slots=True)
class Queue:
    stage: Stage
    length: int  # documents that wait for it, or are in it


@dataclass(frozen=True, slots=True)
class Progress:
    done: int  # documents, with those that are unchanged or failed
    total: int
    chunks: int  # whose vectors are there
    size: int  # bytes of the documents that are done
    queues: tuple[Queue, ...]
    slowest: str  # the document that has been worked on the longest; empty: none
    slowest_seconds: float
    waiting: str = ""  # for what, when an outside system holds everything up


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one document."""

    source: str
    state: State
    reason: str = ""  # of a failure
    chunks: int = 0
    size: int = 0  # bytes
    seconds: float = 0.0  # reading and parsing


@dataclass(frozen=True, slots=True)
class IngestReport:
    """Of a dry run: what would come of it."""

    outcomes: tuple[Outcome, ...]  # one a document, in the order in which they were done
    chunks: int  # written
    embedded: int  # chunks whose vectors had to be made
    tokens: int  # that were sent to the embedding model
    cost_microdollars: int  # of embedding
    seconds: float
    times: tuple[StageTime, ...]  # stages overlap: together they may be longer than the run
    dry_run: bool = False

    def count(self, state: State) -> int:
        return sum(outcome.state == state for outcome in self.outcomes)

    @property
    def failed(self) -> tuple[Outcome, ...]:
        return tuple(outcome for outcome in self.outcomes if outcome.state == "failed")
