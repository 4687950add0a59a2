"""What is exported is one version of each document, whole and in order."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from domain.documents import Chunk, DocumentRecord, EmbeddedChunk
from domain.ids import chunk_id, document_id
from domain.ports import ChunkStore
from domain.records import CollectionRecord
from domain.vectors import VectorSpace
from retrieval.edge import EdgeStore
from wiring.export import ExportKind, export, put_together
from wiring.state.database import State, open_state

SPACE = VectorSpace("m", 2, "1")
VECTOR = np.array([1, 0], np.float32)
AT = "2026-01-01T00:00:00+00:00"


@dataclass
class Place:
    store: ChunkStore
    state: State

    async def put(self, source: str, *texts: str, version: str = "v") -> None:
        """In the store; blank lines between the texts."""
        made = chunks(source, *texts, version=version)
        await self.store.upsert("t", "c", [EmbeddedChunk(one, VECTOR) for one in made])

    async def remember(self, *sources: str, version: str = "v") -> None:
        await self.state.documents.save([record(source, version) for source in sources])

    async def export(self, kind: ExportKind) -> list[dict[str, object]]:
        blocks = export(
            "t",
            "c",
            kind,
            store=self.store,
            documents=self.state.documents,
            collections=self.state.collections,
        )
        return [
            json.loads(line)
            for block in [b async for b in blocks]
            for line in block.split(b"\n")
            if line
        ]


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    store = EdgeStore(tmp_path / "collections")
    async with open_state(f"sqlite+aiosqlite:///{tmp_path}/state.sqlite") as state:
        await store.open_collection("c", SPACE)
        await state.collections.save(CollectionRecord("c", SPACE, 320, 0, AT))
        yield Place(store, state)
    await store.close()


def record(source: str, version: str) -> DocumentRecord:
    identity = document_id("t", "c", source)
    return DocumentRecord(identity, "t", "c", source, source, version, "h", "text/html", 1, 2, AT)


def chunks(source: str, *texts: str, version: str = "v") -> list[Chunk]:
    identity, made, at = document_id("t", "c", source), list[Chunk](), 0
    for position, text in enumerate(texts):
        gap = "\n\n" if position else ""
        start = at + len(gap)
        at = start + len(text)
        name = chunk_id(identity, version, position)
        made.append(
            Chunk(name, identity, version, position, source, source, text, start, at, gap=gap)
        )
    return made


async def test_documents_come_by_their_names(place: Place) -> None:
    for source in ("b", "a/c", "a"):
        await place.put(source, f"text of {source}")
        await place.remember(source)
    assert [line["file"] for line in await place.export("documents")] == ["a", "a/c", "b"]


async def test_a_document_is_put_together_from_its_chunks(place: Place) -> None:
    await place.put("a", "one", "two", "three")
    await place.remember("a")
    (line,) = await place.export("documents")
    assert line["text"] == "one\n\ntwo\n\nthree"
    assert line["media_type"] == "text/html"


async def test_the_version_that_is_remembered_is_the_one_that_counts(place: Place) -> None:
    await place.put("a", "old", version="w")
    await place.put("a", "new", version="v")
    await place.remember("a")
    assert [line["text"] for line in await place.export("chunks")] == ["new"]


async def test_a_document_that_changes_meanwhile_is_there_in_one_version(place: Place) -> None:
    await place.put("a", "new one", "new two", version="w")
    await place.remember("a")
    assert [line["text"] for line in await place.export("chunks")] == ["new one", "new two"]


async def test_many_documents_are_all_there(place: Place) -> None:
    sources = [f"{number:04}" for number in range(600)]
    for source in sources:
        await place.put(source, "text")
    await place.remember(*sources)
    assert [line["file"] for line in await place.export("chunks")] == sources


def test_what_chunks_repeat_is_in_their_document_once() -> None:
    first, second = chunks("a", "one two", "three")
    again = replace(second, text="two\n\nthree", start=4, gap="")
    assert put_together([first, again]) == "one two\n\nthree"
