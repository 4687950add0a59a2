"""One port per outside system. Each has a contract suite in `tests/contracts/`."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import TYPE_CHECKING, Protocol

from domain.completion import ChatRequest, Completion, Delta
from domain.documents import Chunk, DocumentRecord, EmbeddedChunk
from domain.filters import Filter
from domain.hits import Hit, HybridQuery
from domain.records import CollectionRecord, DocumentPage, LedgerRow, Turn
from domain.vectors import VectorSpace

if TYPE_CHECKING:
    from domain.vectors import Vector


class ChatModel(Protocol):
    @property
    def name(self) -> str: ...

    async def complete(self, request: ChatRequest) -> Completion: ...

    def stream(self, request: ChatRequest) -> AsyncGenerator[Delta | Completion, None]:
        """Deltas, then exactly one Completion whose text is their concatenation."""
        ...

    async def check(self) -> None:
        """Reach the model without paying for an answer; raises what is wrong."""
        ...


class Embedder(Protocol):
    @property
    def space(self) -> VectorSpace: ...

    async def embed_documents(self, texts: Sequence[str]) -> "Sequence[Vector]":
        """Unit vectors, in order. The same text gives the same bytes whatever it is sent with."""
        ...

    async def embed_query(self, text: str) -> "Vector": ...


class TokenCounter(Protocol):
    def count(self, text: str) -> int: ...

    def offsets(self, text: str) -> Sequence[int]:
        """Where each token starts in `text`, in characters."""
        ...


class ChunkStore(Protocol):
    """Chunks of all tenants. Every call takes the tenant: it cannot be forgotten."""

    async def open_collection(
        self, collection: str, space: VectorSpace, sample: Sequence[str] = ()
    ) -> None:
        """Make it if it is not there. Another vector space is a VectorSpaceMismatch.

        BM25 needs the mean length of its texts when it writes: a new collection measures
        it on `sample`, once, and keeps it.
        """
        ...

    async def upsert(
        self, tenant: str, collection: str, chunks: Sequence[EmbeddedChunk]
    ) -> None: ...

    async def replace(
        self, tenant: str, collection: str, document_id: str, chunks: Sequence[EmbeddedChunk]
    ) -> None:
        """After it the document has these chunks and no others."""
        ...

    async def delete(self, tenant: str, collection: str, where: Filter) -> None:
        """What matches goes. An empty filter is an InvalidInput: see delete_tenant."""
        ...

    async def delete_tenant(self, tenant: str, collection: str) -> None: ...

    async def query(self, tenant: str, collection: str, query: HybridQuery) -> Sequence[Hit]: ...

    def scroll(self, tenant: str, collection: str, where: Filter = ()) -> AsyncIterator[Chunk]: ...

    async def count(self, tenant: str, collection: str, where: Filter = ()) -> int: ...

    async def collections(self) -> Sequence[str]: ...

    async def drop_collection(self, collection: str) -> None: ...

    async def close(self) -> None: ...


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

    async def save(self, record: DocumentRecord) -> None:
        """Remember this version as the current one; the earlier ones stay as history."""
        ...

    async def forget(self, tenant: str, collection: str, document_id: str) -> None: ...


class CollectionRegistry(Protocol):
    async def find(self, name: str) -> CollectionRecord | None: ...

    async def all(self) -> Sequence[CollectionRecord]: ...

    async def save(self, record: CollectionRecord) -> None: ...


class KeyRegistry(Protocol):
    """API keys, known by their hash alone."""

    async def add(self, tenant: str, name: str, secret_hash: str) -> None: ...

    async def tenant_of(self, secret_hash: str) -> str | None: ...

    async def any(self) -> bool: ...


class SessionLog(Protocol):
    """Conversations: append-only turns."""

    async def append(self, tenant: str, session: str, turn: Turn) -> None: ...

    async def turns(self, tenant: str, session: str) -> Sequence[Turn]: ...


class Ledger(Protocol):
    """One row a model call."""

    async def book(self, row: LedgerRow) -> None: ...

    async def spent_microdollars(self, tenant: str, since: str) -> int: ...
