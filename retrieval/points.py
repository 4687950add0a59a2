"""A chunk as a point of the store, and back. Both directions stand here and nowhere else.

Knows no engine: a point's payload is plain JSON, equal in the embedded store and on a server.
"""

import uuid
from typing import TypedDict

from domain.documents import Chunk, Link, Metadata, Scalar
from domain.errors import InvalidInput
from domain.filters import RESERVED_FIELDS

INDEXED_FIELDS = ("source", "document_id", "flags")  # keywords, beside the tenant

_NAMESPACE = uuid.UUID("0d2c6a5e-9f57-5a0e-8a56-0e1b1f0f7a11")


class ChunkPayload(TypedDict):
    """What is stored beside a point's vectors. The caller's metadata cannot collide with ours."""

    tenant: str
    id: str
    document_id: str
    version: str
    position: int
    source: str
    title: str
    text: str
    start: int
    end: int
    headings: list[str]
    page: int | None
    tokens: int
    gap: str
    table_header: str
    language: str
    links: list[tuple[int, int, str]]
    meta: dict[str, Scalar | list[str]]
    flags: list[str]  # the metadata's booleans again, as words: see `flag`


def point_id(tenant: str, chunk_id: str) -> str:
    """No tenant can name, and so overwrite, a point of another, whatever its chunk ids are."""
    return str(uuid.uuid5(_NAMESPACE, f"{tenant}\x00{chunk_id}"))


def to_payload(tenant: str, chunk: Chunk) -> ChunkPayload:
    meta: dict[str, Scalar | list[str]] = {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in chunk.metadata.items()
    }
    return ChunkPayload(
        tenant=tenant,
        id=chunk.id,
        document_id=chunk.document_id,
        version=chunk.version,
        position=chunk.position,
        source=chunk.source,
        title=chunk.title,
        text=chunk.text,
        start=chunk.start,
        end=chunk.end,
        headings=list(chunk.headings),
        page=chunk.page,
        tokens=chunk.tokens,
        gap=chunk.gap,
        table_header=chunk.table_header,
        language=chunk.language,
        links=[(link.start, link.end, link.target) for link in chunk.links],
        meta=meta,
        flags=[flag(key, value) for key, value in meta.items() if isinstance(value, bool)],
    )


def from_payload(payload: ChunkPayload) -> Chunk:
    metadata: Metadata = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in payload["meta"].items()
    }
    return Chunk(
        id=payload["id"],
        document_id=payload["document_id"],
        version=payload["version"],
        position=payload["position"],
        source=payload["source"],
        title=payload["title"],
        text=payload["text"],
        start=payload["start"],
        end=payload["end"],
        headings=tuple(payload["headings"]),
        page=payload["page"],
        tokens=payload["tokens"],
        gap=payload["gap"],
        table_header=payload["table_header"],
        language=payload["language"],
        links=tuple(Link(*link) for link in payload["links"]),
        metadata=metadata,
    )


def field_path(field: str) -> str:
    """Where a filter's field lies in the payload. Quoted, so that dots and blanks are just text."""
    if field in RESERVED_FIELDS:
        return field
    if not field or '"' in field or "\\" in field:
        raise InvalidInput(
            f"'{field}' cannot be filtered by: a field name is not empty and holds neither "
            "quotation marks nor backslashes.",
            field="filter",
        )
    return f'meta."{field}"'


def flag(field: str, value: bool) -> str:  # noqa: FBT001 - the value is the data here
    """A boolean as a keyword: the embedded engine's binding takes True for 1 and finds nothing."""
    return f"{field}={'true' if value else 'false'}"
