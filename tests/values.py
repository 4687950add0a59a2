"""Values for tests: a plain one of each kind, any part of which a test may choose."""

from dataclasses import replace
from typing import Any

from domain.documents import Chunk
from domain.hits import Found, Hit
from domain.ids import chunk_id, document_id

_CHUNK = Chunk(
    id=chunk_id("d", "v", 0),
    document_id=document_id("default", "default", "a.md"),
    version="v",
    position=0,
    source="a.md",
    title="A",
    text="Some text.",
    start=0,
    end=10,
    tokens=3,
)


def a_chunk(**parts: Any) -> Chunk:
    if "text" in parts:
        parts = {"end": len(parts["text"]), **parts}
    return replace(_CHUNK, **parts)


def a_hit(score: float = 1.0, **parts: Any) -> Hit:
    return Hit(a_chunk(**parts), score, {"dense": Found(1, score)})
