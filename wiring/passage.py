"""A stretch of a document's text around a place in it, as it was parsed: what a citation opens."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.documents import Chunk, DocumentRecord
from domain.errors import InvalidInput, NotFound
from domain.filters import Equals
from wiring.export import put_together
from wiring.services import Services


@dataclass(frozen=True, slots=True)
class Mark:
    """From this place on, in the document's characters, the text stands here."""

    at: int
    page: int | None
    headings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """`text` begins at character `start` of the document, which has `length`."""

    document: DocumentRecord
    text: str
    start: int
    length: int
    marks: tuple[Mark, ...]


async def stretch(
    services: Services, record: DocumentRecord, start: int, end: int, around: int
) -> Stretch:
    """Whole passages: those that lie between `start - around` and `end + around`."""
    where = (Equals("document_id", record.id),)
    found = [
        chunk
        async for chunk in services.store.scroll(record.tenant, record.collection, where)
        if chunk.version == record.version
    ]
    chunks = sorted(found, key=lambda chunk: chunk.position)
    if not chunks:
        raise NotFound(f"The text of '{record.source}' is not there. Ingest it again.")
    length = max(chunk.end for chunk in chunks)
    if start > length:
        raise InvalidInput(f"'{record.source}' has {length:,} characters.", field="start")
    near = [c for c in chunks if c.end >= start - around and c.start <= end + around]
    return Stretch(record, _text(near), near[0].start, length, _marks(near))


def _text(chunks: Sequence[Chunk]) -> str:
    return put_together(chunks)[len(chunks[0].gap) :]


def _marks(chunks: Sequence[Chunk]) -> tuple[Mark, ...]:
    """Where page or headings change."""
    marks: list[Mark] = []
    for chunk in chunks:
        if not marks or (marks[-1].page, marks[-1].headings) != (chunk.page, chunk.headings):
            marks.append(Mark(chunk.start, chunk.page, chunk.headings))
    return tuple(marks)
