"""One collection of the corpus: where it lies, and how it is written through the store's port.

    python -m bench.search_store CACHE PASSAGES TENANTS

Prints JSON: seconds in the store, and what the process and its files took.
"""

import argparse
import asyncio
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from time import perf_counter
from typing import Self

import numpy as np

from bench.corpus import Passage
from bench.corpus_vectors import Prepared, prepare
from domain.documents import Chunk, EmbeddedChunk
from domain.ids import chunk_id, document_id
from wiring.services import open_services
from wiring.settings import Settings

COLLECTION = "bench"
PACKAGE = "python3.11-doc"  # whose passages a filter lets through
_SAMPLE = 1000  # passages on which the mean length is measured
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Place:
    cache: Path
    passages: int
    tenants: int

    @classmethod
    def from_arguments(cls) -> Self:
        parser = argparse.ArgumentParser()
        parser.add_argument("cache", type=Path)
        parser.add_argument("passages", type=int)
        parser.add_argument("tenants", type=int)
        return cls(**vars(parser.parse_args()))

    @property
    def arguments(self) -> list[str]:
        return [str(self.cache), str(self.passages), str(self.tenants)]

    @property
    def folder(self) -> Path:
        return self.cache / "stores" / f"{self.passages}-{self.tenants}"

    @property
    def settings(self) -> Settings:
        return Settings(data=self.folder)

    def tenant(self, number: int) -> str:
        """In turns."""
        return f"tenant-{number % self.tenants}"

    def prepared(self) -> Prepared:
        return prepare(self.passages, self.cache)


async def write(place: Place, prepared: Prepared) -> dict[str, object]:
    """Batch by batch, as an ingestion does."""
    shutil.rmtree(place.folder, ignore_errors=True)
    seconds = 0.0
    sample = [_chunk(one) for one in islice(prepared.passages(), _SAMPLE)]
    async with open_services(place.settings) as services:
        await services.store.open_collection(COLLECTION, prepared.space, sample)
        for tenant, chunks in _batches(place, prepared):
            start = perf_counter()
            await services.store.upsert(tenant, COLLECTION, chunks)
            seconds += perf_counter() - start
    return _made(place, seconds)


def _batches(place: Place, prepared: Prepared) -> Iterator[tuple[str, list[EmbeddedChunk]]]:
    """A tenant's at a time. Memory is that of a batch."""
    pairs = enumerate(zip(prepared.passages(), prepared.vectors, strict=True))
    while some := list(islice(pairs, _AT_ONCE)):
        tenant = place.tenant(some[0][0] // _AT_ONCE)
        yield tenant, [EmbeddedChunk(_chunk(one), np.array(vector)) for _, (one, vector) in some]


def _chunk(passage: Passage) -> Chunk:
    document = document_id("bench", COLLECTION, passage.source)
    return Chunk(
        id=chunk_id(document, "1", passage.position),
        document_id=document,
        version="1",
        position=passage.position,
        source=passage.source,
        title=passage.title,
        text=passage.text,
        start=0,
        end=len(passage.text),
        language="en",
        metadata=_metadata(passage.package),
    )


def _metadata(package: str) -> dict[str, str | int | bool]:
    """Says in each kind of field which passages are of the one package."""
    chosen = package == PACKAGE
    only: dict[str, str] = {"manual": "yes"} if chosen else {}
    return {"package": package, "python": chosen, "chosen": int(chosen), **only}


def _made(place: Place, seconds: float) -> dict[str, object]:
    return {
        "seconds": round(seconds, 2),
        "peak": getrusage(RUSAGE_SELF).ru_maxrss,  # kilobytes, of the whole process
        "disk": disk(place.folder),
    }


def disk(folder: Path) -> int:
    """Bytes, as the file system counts them."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return sum(512 * path.stat().st_blocks for path in files)


if __name__ == "__main__":
    place = Place.from_arguments()
    prepared = place.prepared()  # embeds what is new to it, in an event loop of its own
    print(json.dumps(asyncio.run(write(place, prepared))))
