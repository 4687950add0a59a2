"""What travels from a file to the store: Source → Document → Chunk → EmbeddedChunk."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from domain.vectors import Vector

Scalar = str | int | float | bool
Metadata = Mapping[str, Scalar | tuple[str, ...]]
BlockKind = Literal["heading", "paragraph", "list", "table", "code"]


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of a document's text with one role: text[start:end]."""

    kind: BlockKind
    start: int
    end: int
    headings: tuple[str, ...] = ()  # the path above it, outermost first; a heading ends its own
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One parsed source. Blocks lie in order, do not overlap, and leave out only white space."""

    id: str
    source: str  # what the user would call it: a path relative to the ingested root
    version: str  # hash of the content and of the pipeline that read it
    title: str
    text: str
    blocks: tuple[Block, ...]
    media_type: str = "text/plain"
    metadata: Metadata = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A citable passage: text == document.text[start:end]."""

    id: str
    document_id: str
    version: str
    position: int
    source: str
    title: str
    text: str
    start: int
    end: int
    headings: tuple[str, ...] = ()
    page: int | None = None
    tokens: int = 0
    metadata: Metadata = field(default_factory=dict)

    @property
    def where(self) -> str:
        """Title and heading path in one line, said once each."""
        path = [self.title, *self.headings]
        return " › ".join(part for i, part in enumerate(path) if part and part not in path[:i])

    @property
    def indexed_text(self) -> str:
        """What is embedded and searched: the passage under its heading path."""
        return f"{self.where}\n{self.text}" if self.where else self.text


@dataclass(frozen=True, slots=True)
class EmbeddedChunk:
    chunk: Chunk
    vector: "Vector"


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """What the state remembers of an ingested document."""

    id: str
    tenant: str
    collection: str
    source: str
    title: str
    version: str
    content_hash: str
    media_type: str
    size: int
    chunks: int
    ingested_at: str  # ISO 8601, UTC
