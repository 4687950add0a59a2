"""What was asked over HTTP and is done after the answer: documents come, or go."""

from dataclasses import dataclass
from typing import Literal

from domain.ingestion import IngestReport, Progress

JobKind = Literal["ingest", "delete"]
JobState = Literal["queued", "running", "done", "failed"]


@dataclass(frozen=True, slots=True)
class Job:
    """`failed`: nothing came of it, and `error` says why. A bad file among good ones is no
    reason to fail: the report names it."""

    id: str
    tenant: str
    collection: str
    kind: JobKind
    sources: tuple[str, ...]  # of the documents that it is about
    created_at: str  # ISO 8601, UTC
    state: JobState = "queued"
    attempts: int = 0  # times that it was begun and not stopped on purpose
    started_at: str | None = None  # the last time
    ended_at: str | None = None
    error: str = ""
    adopt: bool = False  # as in IngestRequest
    accept_cost: bool = False
    progress: Progress | None = None
    report: IngestReport | None = None

    @property
    def over(self) -> bool:
        return self.state in {"done", "failed"}


@dataclass(frozen=True, slots=True)
class JobPage:
    jobs: tuple[Job, ...]  # without their reports
    total: int
