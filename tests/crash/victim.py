"""One ingestion in a process of its own, made to be killed: real stores, a slow small embedder.

    python -m tests.crash.victim DATA REQUEST

REQUEST is JSON. "ready" on standard output says that it begins; every text that is embedded is
noted in DATA/embedded.log.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from domain.ids import content_hash
from domain.ingestion import IngestRequest
from gateway.embed.cache import DiskVectorCache
from ingest.pipeline import IngestConfig, IngestServices, ingest
from ingest.pool import Parser
from retrieval.edge import EdgeStore
from tests.ingest.doubles import HashingEmbedder, InlineParser
from tests.ingest.tokens import Words
from wiring.state.database import open_state

if TYPE_CHECKING:
    from domain.vectors import Vector

PAUSE = 0.008  # seconds a call of the embedder
BATCH = 4


class Noting(HashingEmbedder):
    def __init__(self, log: Path) -> None:
        super().__init__()
        self.batch = BATCH
        self._log = log

    async def embed_documents(self, texts: Sequence[str]) -> "Sequence[Vector]":
        await asyncio.sleep(PAUSE)
        with self._log.open("a") as log:
            log.writelines(f"{content_hash(text.encode())}\n" for text in texts)
        return await super().embed_documents(texts)


@asynccontextmanager
async def services_in(data: Path) -> AsyncIterator[IngestServices]:
    @asynccontextmanager
    async def open_parser() -> AsyncIterator[Parser]:
        yield InlineParser()

    async with open_state(f"sqlite:///{data}/state.db") as state:
        store = EdgeStore(data / "collections")
        cache = DiskVectorCache.open(data / "vectors.db", 2**30)
        try:
            yield IngestServices(
                store=store,
                embedder=Noting(data / "embedded.log"),
                cache=cache,
                documents=state.documents,
                collections=state.collections,
                tokens=Words(),
                open_parser=open_parser,
            )
        finally:
            await store.close()
            cache.close()


async def run(data: Path, request: IngestRequest) -> None:
    async with services_in(data) as services:
        print("ready", flush=True)
        await ingest(request, services=services, config=IngestConfig())


if __name__ == "__main__":
    asked = json.loads(sys.argv[2])
    asyncio.run(run(Path(sys.argv[1]), IngestRequest(**{**asked, "paths": tuple(asked["paths"])})))
