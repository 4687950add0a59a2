"""What the service remembers beside its chunks: documents, collections, conversations, calls, jobs.

One port a table or two of the state; each has a contract suite in `tests/contracts/`.
"""

from collections.abc import Sequence
from typing import Protocol

from domain.documents import DocumentRecord
from domain.jobs import Job, JobPage, JobState
from domain.records import CollectionRecord, DocumentPage, LedgerRow, Turn
from domain.traces import Trace


class DocumentRegistry(Protocol):
    """Which version of which document the store holds."""

    async def find(
        self, tenant: str, collection: str, document_id: str
    ) -> DocumentRecord | None: ...

    async def all(self, tenant: str, collection: str | None = None) -> Sequence[DocumentRecord]: ...

    async def page(
        self, tenant: str, collection: str | None, *, offset: int, limit: int
    ) -> DocumentPage:
        """In the order of `all`, some of them, and how many there are."""
        ...

    async def tenants(self, collection: str) -> Sequence[str]:
        """Who has documents in it."""
        ...

    async def announce(self, records: Sequence[DocumentRecord]) -> None:
        """These are about to be written or removed: until `save` or `forget`, which version of
        them the store holds is not known (`version` is "", and `page` leaves them out).
        """
        ...

    async def save(self, records: Sequence[DocumentRecord]) -> None:
        """Remember these versions as the current ones; the earlier ones stay as history."""
        ...

    async def forget(self, tenant: str, collection: str, ids: Sequence[str]) -> None: ...

    async def swap(self, collection: str, other: str) -> None:
        """In one step, the documents of `collection` are those of `other`."""
        ...


class CollectionRegistry(Protocol):
    async def find(self, name: str) -> CollectionRecord | None: ...

    async def all(self) -> Sequence[CollectionRecord]: ...

    async def save(self, record: CollectionRecord) -> None: ...

    async def forget(self, name: str) -> None: ...


class SessionLog(Protocol):
    """Conversations: append-only turns."""

    async def append(self, tenant: str, session: str, turn: Turn) -> None: ...

    async def turns(self, tenant: str, session: str) -> Sequence[Turn]: ...


class EpisodeLog(Protocol):
    """Conversations, in short: what stands for a number of their turns."""

    async def episodes(self, tenant: str, session: str) -> Sequence[str]:
        """In their order."""
        ...

    async def close_episode(self, tenant: str, session: str, number: int, summary: str) -> None:
        """`number` from 0. One that is there stays: who comes second changes nothing."""
        ...


class Ledger(Protocol):
    """One row a model call."""

    async def book(self, *rows: LedgerRow) -> None:
        """All of them or none."""
        ...

    async def spent_microdollars(self, tenant: str, since: str) -> int: ...


class JobRegistry(Protocol):
    """What was asked for over HTTP and is done later.

    A job's files lie in one data directory, the `owner`; whoever runs there does the job.
    """

    async def add(self, job: Job, owner: str) -> None: ...

    async def find(self, tenant: str, job_id: str) -> Job | None: ...

    async def page(
        self,
        tenant: str,
        *,
        state: JobState | None = None,
        collection: str | None = None,
        offset: int,
        limit: int,
    ) -> JobPage:
        """The newest first, without their reports."""
        ...

    async def oldest(self, owner: str, state: JobState) -> Job | None:
        """Of all tenants, in the order in which they were added."""
        ...

    async def waiting(self, owner: str) -> Sequence[str]:
        """The ids of those that are not over."""
        ...

    async def awaits(self, tenant: str, collection: str, source: str) -> bool:
        """Whether a job that is not over is about this document."""
        ...

    async def save(self, job: Job) -> None:
        """A job that was added has come this far. One that was forgotten stays forgotten."""
        ...

    async def forget(self, before: str) -> None:
        """Those that ended before that moment."""
        ...


class TraceLog(Protocol):
    """Questions that are kept for evaluation: what people wrote."""

    async def keep(self, trace: Trace) -> None: ...

    async def of(self, tenant: str, collection: str) -> Sequence[Trace]:
        """In the order of time."""
        ...

    async def forget(self, before: str) -> None:
        """Those of all tenants that were asked before that moment."""
        ...

    async def forget_tenant(self, tenant: str) -> int:
        """How many there were."""
        ...
