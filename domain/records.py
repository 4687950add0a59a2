"""What the state remembers beside documents: collections, turns of a session, the ledger."""

from dataclasses import dataclass

from domain.completion import CacheOutcome, Usage
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
class SessionRecord:
    id: str
    turns: int
    started_at: str  # ISO 8601, UTC
    last_at: str


@dataclass(frozen=True, slots=True)
class Session:
    """A conversation, whole."""

    id: str
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One model call. Never its text: `input_mark` tells whether two were asked the same."""

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
    request_id: str | None = None  # the provider's
    request: str = ""  # ours, as in the log
    key: str = ""
    feature: str = ""
    provider: str = ""
    tier: str = ""
    cache_key: str = ""
    tools: tuple[str, ...] = ()  # that it called
    retries: int = 0  # calls before this one that failed
    first_seconds: float | None = None  # to the first word, where it streamed
    input_mark: str = ""  # HMAC of what was asked, by a key that the installation keeps
    counted_input: int | None = None  # tokens, as we counted them before
    cache: CacheOutcome | None = None  # None of a call that was cut off
    arm: str = ""  # of a trial: control or canary
    trial: str = ""  # which one; empty where it has no arm, or was booked before trials had names
    found: bool | None = None  # False: it said that it is not there; None of what was cut off


@dataclass(frozen=True, slots=True)
class DocumentPage:
    documents: tuple[DocumentRecord, ...]
    total: int
