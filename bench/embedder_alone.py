"""How long the embedder alone needs for the chunks of a collection; prints it as JSON.

Reads the data directory that FOREBAY_DATA names, before the clock starts. Every text is embedded
once, as an ingestion does.
"""

import asyncio
import json
import sys
from time import perf_counter

from wiring.services import open_services
from wiring.settings import read_settings


async def measure(collection: str) -> dict[str, float]:
    settings = read_settings()
    async with open_services(settings) as services:
        chunks = [c async for c in services.store.scroll(settings.tenant, collection)]
        chunks.sort(key=lambda chunk: (chunk.source, chunk.position))
        texts = list(dict.fromkeys(chunk.embedded_text for chunk in chunks))
        await services.embedder.embed_documents(texts[:1])
        start = perf_counter()
        await services.embedder.embed_documents(texts)  # one call: never a thread without a text
        return {"seconds": perf_counter() - start, "texts": len(texts)}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(sys.argv[1]))))
