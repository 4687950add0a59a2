"""A SPLADE model as Text Embeddings Inference serves it, on loopback: scripted, with a memory.

Its vocabulary: each word, and for some of them others that mean the same.
"""

import asyncio
import json
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.provider.script import Received, Script

ALIKE = {"car": ("vehicle",), "vehicle": ("car",), "backups": ("copies",), "copies": ("backups",)}
_MOST = 32  # texts a request


class SparseProvider(Script):
    """Running: script it, point an encoder at `url`, look at `received`."""

    url: str = ""


def token(word: str) -> int:
    return zlib.crc32(word.encode()) % 30_522


def weights(text: str) -> dict[int, float]:
    """1 for a word, half of it for what means the same."""
    words = text.lower().replace(".", " ").replace("?", " ").split()
    found = {token(other): 0.5 for word in words for other in ALIKE.get(word, ())}
    return found | {token(word): 1.0 for word in words}


@contextmanager
def sparse_provider() -> Iterator[SparseProvider]:
    running = SparseProvider()
    config = uvicorn.Config(_app(running), port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("the provider did not start")
        thread.join(0.01)
    running.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield running
    finally:
        server.should_exit = True
        thread.join(10)


def _app(script: SparseProvider) -> Starlette:
    async def speak(request: Request) -> Response:
        raw = await request.body()
        body = json.loads(raw)
        script.received.append(Received(request.url.path, dict(request.headers), raw, body))
        reply = script.next()
        if reply.verbatim is not None:
            return Response(reply.verbatim, reply.status, media_type=reply.media_type)
        if reply.status != 200:
            return JSONResponse({"error": reply.error, "error_type": "Backend"}, reply.status)
        texts = [body["inputs"]] if isinstance(body["inputs"], str) else body["inputs"]
        if not 0 < len(texts) <= _MOST or not all(text.strip() for text in texts):
            return JSONResponse({"error": "inputs", "error_type": "Validation"}, 413)
        return JSONResponse([_said(text) for text in texts])

    return Starlette(routes=[Route("/embed_sparse", speak, methods=["POST"])])


def _said(text: str) -> list[dict[str, float]]:
    return [{"index": index, "value": value} for index, value in weights(text).items()]
