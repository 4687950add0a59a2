"""What the state remembers beside documents: collections, turns of a session, the ledger."""

from dataclasses import dataclass

from domain.completion import Usage
from domain.documents import DocumentRecord
from domain.vectors import VectorSpace


@dataclass(frozen=True, slots=True)
class CollectionRecord:
    name: str
    space: VectorSpace
    max_tokens: int  # of a chunk
    overlap: int
    created_at: str  # ISO 8601, UTC


@dataclass(frozen=True, slots=True)
class Turn:
    question: str
    answer: str
    at: str  # ISO 8601, UTC


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One model call. Never its text."""

    at: str  # ISO 8601, UTC
    tenant: str
    endpoint: str
    model: str
    prompt_version: str
    prefix_fingerprint: str
    usage: Usage
    cost_microdollars: int
    seconds: float
    finish: str
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentPage:
    documents: tuple[DocumentRecord, ...]
    total: int
