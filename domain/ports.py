"""One port per outside system; those of the state stand in `state_ports`. Each has a contract
suite in `tests/contracts/`.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from domain.completion import ChatRequest, Completion, Delta
from domain.documents import Chunk, EmbeddedChunk
from domain.filters import Filter
from domain.hits import Hit, HybridQuery, Reranking
from domain.vectors import VectorSpace

if TYPE_CHECKING:
    from domain.vectors import SparseVector, Vector


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

    @property
    def batch(self) -> int:
        """How many texts it likes to be given at once."""
        ...

    def cost_microdollars(self, tokens: int) -> int: ...

    async def embed_documents(self, texts: Sequence[str]) -> "Sequence[Vector]":
        """Unit vectors, in order. The same text gives the same bytes whatever it is sent with."""
        ...

    async def embed_query(self, text: str) -> "Vector": ...

    async def embed_queries(self, texts: Sequence[str]) -> "Sequence[Vector]":
        """Many questions in one run; each vector is the one that `embed_query` gives."""
        ...


class SparseEncoder(Protocol):
    """Weighs the words of a text, and others that would say the same, as a model has learned."""

    @property
    def name(self) -> str:
        """Of model and vocabulary: weights of two names never meet."""
        ...

    async def encode_documents(self, texts: Sequence[str]) -> "Sequence[SparseVector]":
        """In order."""
        ...

    async def encode_query(self, text: str) -> "SparseVector": ...


class Reranker(Protocol):
    """Reads question and passage together, which no index can."""

    @property
    def name(self) -> str: ...

    @property
    def batch(self) -> int:
        """How many passages it likes to be given at once."""
        ...

    async def rerank(self, question: str, passages: Sequence[str]) -> Reranking: ...


class VectorCache(Protocol):
    """Vectors that were paid for once, by the text they are of. It outlives the process."""

    async def find(self, space: VectorSpace, texts: Sequence[str]) -> "Mapping[str, Vector]":
        """Those that are there."""
        ...

    async def save(self, space: VectorSpace, vectors: "Mapping[str, Vector]") -> None: ...


class TokenCounter(Protocol):
    def count(self, text: str) -> int: ...

    def offsets(self, text: str) -> Sequence[int]:
        """Where each token starts in `text`, in characters."""
        ...


class ChunkStore(Protocol):
    """Chunks of all tenants. Every call takes the tenant: it cannot be forgotten."""

    async def open_collection(
        self, collection: str, space: VectorSpace, sample: Sequence[Chunk] = ()
    ) -> None:
        """Make it if it is not there. Another vector space is a VectorSpaceMismatch.

        BM25 needs the language and the mean length of its texts when it writes: a new
        collection measures them on `sample`, once, and keeps them.
        """
        ...

    async def upsert(
        self, tenant: str, collection: str, chunks: Sequence[EmbeddedChunk]
    ) -> None: ...

    async def replace(
        self, tenant: str, collection: str, documents: Mapping[str, Sequence[EmbeddedChunk]]
    ) -> None:
        """After it each document (by its id) has these chunks and no others.

        A query sees the whole old version or the whole new one; so it is after a crash.
        """
        ...

    async def delete(self, tenant: str, collection: str, where: Filter) -> None:
        """What matches goes. An empty filter is an InvalidInput: see delete_tenant."""
        ...

    async def delete_tenant(self, tenant: str, collection: str) -> None: ...

    async def query(self, tenant: str, collection: str, query: HybridQuery) -> Sequence[Hit]: ...

    async def query_with_vectors(
        self, tenant: str, collection: str, query: HybridQuery
    ) -> "tuple[Sequence[Hit], Sequence[Vector]]":
        """The same hits, and beside them their dense vectors."""
        ...

    async def chunks(self, tenant: str, collection: str, ids: Sequence[str]) -> Sequence[Chunk]:
        """Those of these that are there, in the order of `ids`."""
        ...

    def scroll(self, tenant: str, collection: str, where: Filter = ()) -> AsyncIterator[Chunk]: ...

    async def count(self, tenant: str, collection: str, where: Filter = ()) -> int: ...

    async def collections(self) -> Sequence[str]: ...

    async def drop_collection(self, collection: str) -> None: ...

    async def swap(self, collection: str, other: str) -> None:
        """In one step, `collection` holds what `other` did, and `other` is no more."""
        ...

    async def close(self) -> None: ...
