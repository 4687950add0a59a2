"""Documents in rows of chunks, and a reader that remembers what it was asked for."""

from collections.abc import Sequence

from domain.documents import Chunk, Link
from domain.hits import Found, Hit
from domain.ids import chunk_id
from tests.ingest.tokens import Words
from tests.values import a_chunk


def row(
    texts: Sequence[str],
    *,
    document: str = "d",
    version: str = "v",
    headings: Sequence[tuple[str, ...]] = (),
    starts: Sequence[int] = (),
    links: Sequence[Sequence[Link]] = (),
) -> list[Chunk]:
    """The chunks of one document, a blank apart unless they are told where they start."""
    chunks: list[Chunk] = []
    end = -1
    for at, text in enumerate(texts):
        start = starts[at] if starts else end + 1
        chunks.append(
            a_chunk(
                id=chunk_id(document, version, at),
                document_id=document,
                version=version,
                position=at,
                source=f"{document}.md",
                title=document,
                text=text,
                start=start,
                end=start + len(text),
                headings=headings[at] if headings else (),
                tokens=Words().count(text),
                gap=" " if start == end + 1 and at else "",
                links=tuple(links[at]) if links else (),
            )
        )
        end = start + len(text)
    return chunks


def hit(chunk: Chunk, score: float = 1.0) -> Hit:
    return Hit(chunk, score, {"dense": Found(1, score)})


class Reader:
    """Chunks by their ids."""

    def __init__(self, chunks: Sequence[Chunk] = ()) -> None:
        self.calls: list[list[str]] = []
        self._chunks = {chunk.id: chunk for chunk in chunks}

    async def __call__(self, ids: Sequence[str]) -> Sequence[Chunk]:
        self.calls.append(list(ids))
        return [self._chunks[one] for one in ids if one in self._chunks]
