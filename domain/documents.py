"""What travels from a file to the store: Source → Document → Chunk → EmbeddedChunk."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from domain.vectors import SparseVector, Vector

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
    headed: bool = False  # a table whose first line names its columns


@dataclass(frozen=True, slots=True)
class Link:
    """A stretch of a document's text that leads somewhere: text[start:end] → target."""

    start: int
    end: int
    target: str


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
    language: str = ""  # ISO 639-1; empty when it cannot be told
    links: tuple[Link, ...] = ()
    metadata: Metadata = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A citable passage: text == document.text[start:end].

    Chunks lie in order and may overlap. `gap` is the text between the end of the previous one
    and the start of this, which is white space: so a document's chunks hold all of its text.
    """

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
    gap: str = ""
    table_header: str = ""  # of the table that it begins in the midst of
    language: str = ""
    links: tuple[Link, ...] = ()  # that begin in it; offsets into the document
    metadata: Metadata = field(default_factory=dict)

    @property
    def where(self) -> str:
        """Title and heading path in one line, said once each."""
        return _path(self.title, *self.headings)

    @property
    def indexed_text(self) -> str:
        """What is searched by words: the passage under its heading path."""
        return _lines(self.where, self.table_header, self.text)

    @property
    def embedded_text(self) -> str:
        """The same without a title that is but the file's name: equal content, equal vectors."""
        where = _path(content_title(self.title, self.source), *self.headings)
        return _lines(where, self.table_header, self.text)


@dataclass(frozen=True, slots=True)
class EmbeddedChunk:
    chunk: Chunk
    vector: "Vector"
    sparse: "SparseVector | None" = None  # where the collection has a learned sparse leg


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
    root: str = ""  # where it was found: a folder, a file of records, "-", or "upload"


def content_title(title: str, source: str) -> str:
    """A document without a title of its own bears its file's name, which is not content."""
    # A path is costly to take apart, and most titles say more than it.
    return "" if title in source and title == PurePosixPath(source).stem else title


def _path(*parts: str) -> str:
    return " › ".join(part for part in dict.fromkeys(parts) if part)


def _lines(*parts: str) -> str:
    return "\n".join(part for part in parts if part)
