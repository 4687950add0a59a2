"""Which passages of a collection questions are made of: those of many documents, drawn by a seed.

Reads what `forebay export` prints. Keeps a bounded number of passages in memory.
"""

import heapq
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import BinaryIO, TypeVar

from eval.words import words
from wiring.codec import from_json
from wiring.export import ExportedChunk, ExportedDocument

T = TypeVar("T")
_LEAST = 30  # words: a shorter passage rarely says something that can be asked
_KEPT = 20  # passages for each that is wanted: some documents have many


@dataclass(frozen=True, slots=True)
class Passage:
    source: str
    title: str
    headings: tuple[str, ...]
    language: str
    text: str
    start: int  # in its document

    @property
    def where(self) -> str:
        """Title and headings in one line, said once each."""
        return " › ".join(dict.fromkeys(part for part in (self.title, *self.headings) if part))


def order(seed: int, *parts: object) -> bytes:
    """Random, and the same for the same seed on every machine."""
    return sha256("\x00".join(map(str, (seed, *parts))).encode()).digest()


async def passages(lines: AsyncIterator[bytes]) -> AsyncIterator[Passage]:
    """Of blocks of whole lines, those long enough to be asked about."""
    async for block in whole_lines(lines):
        chunk = from_json(ExportedChunk, block)
        if len(words(chunk.text)) >= _LEAST:
            yield Passage(
                chunk.file, chunk.title, chunk.headings, chunk.language, chunk.text, chunk.start
            )


async def drawn(found: AsyncIterator[Passage], number: int, seed: int) -> list[Passage]:
    heap: list[tuple[bytes, str, int, Passage]] = []
    async for one in found:
        key = order(seed, one.source, one.start)
        heap.append((key, one.source, one.start, one))
        if len(heap) > 2 * _KEPT * number:
            heap = heapq.nsmallest(_KEPT * number, heap)
    return spread((one[-1].source, one[-1]) for one in sorted(heap))


def spread(found: Iterable[tuple[str, T]]) -> list[T]:
    """First one of each source, then a second one, in their order."""
    seen: Counter[str] = Counter()
    ranked: list[tuple[int, T]] = []
    for source, one in found:
        ranked.append((seen[source], one))
        seen[source] += 1
    return [one for _, one in sorted(ranked, key=lambda pair: pair[0])]


async def write_corpus(lines: AsyncIterator[bytes], file: BinaryIO) -> int:
    """Documents in the layout that `forebay eval run` ingests; how many."""
    number = 0
    async for line in whole_lines(lines):
        document = from_json(ExportedDocument, line)
        row = {
            "_id": document.file,
            "title": document.title,
            "text": document.text,
            "metadata": dict(document.metadata),
        }
        file.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
        number += 1
    return number


async def whole_lines(blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Over HTTP a block may end anywhere."""
    rest = b""
    async for block in blocks:
        *whole, rest = (rest + block).split(b"\n")
        for line in whole:
            yield line
    if rest.strip():
        yield rest
