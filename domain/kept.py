"""Answers that outlive the request that asked for them: in the background, or under a key."""

from dataclasses import dataclass

from domain.jobs import JobState


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """`held_until`: until then whoever took it works on it; after that anybody may take it."""

    id: str
    tenant: str
    mark: str  # of what was asked: under one key it must be the same
    created_at: str  # ISO 8601, UTC
    held_until: str
    state: JobState = "running"
    background: bool = False
    key: str | None = None  # the caller's, under which it is given once
    session: str | None = None
    asked: str = ""  # JSON; kept while it may have to be asked again
    callback: str = ""  # an address that is yet to be told
    attempts: int = 0  # to answer, then to tell
    ended_at: str | None = None
    result: str = ""  # JSON: the answer, or of one that failed the problem

    @property
    def over(self) -> bool:
        return self.state in {"done", "failed"}
