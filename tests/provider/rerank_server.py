"""Hosted reranking APIs on loopback, each under its own path: scripted, and with a memory."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.provider import rerank
from tests.provider.script import Received, Reply, Script

_LOOK = 0.01  # seconds between two looks at whether the client is still there


@dataclass(slots=True)
class RerankProvider(Script):
    """Running: script it, point a reranker at `url`, look at `received`."""

    origin: str = ""
    left: int = 0  # clients that did not wait for their answer

    def url(self, api: str) -> str:
        return f"{self.origin}/{api}{rerank.PATHS[api].removesuffix('/rerank')}"

    def forget(self) -> None:
        super(RerankProvider, self).forget()  # dataclass made a slotted class anew
        self.left = 0


@contextmanager
def rerank_provider() -> Iterator[RerankProvider]:
    running = RerankProvider()
    config = uvicorn.Config(_app(running), port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("the provider did not start")
        thread.join(0.01)
    running.origin = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield running
    finally:
        server.should_exit = True
        thread.join(10)


def _app(script: RerankProvider) -> Starlette:
    def speaker(api: str) -> Route:
        async def speak(request: Request) -> Response:
            raw = await request.body()
            body = json.loads(raw)
            port = request.client.port if request.client else 0
            script.received.append(
                Received(request.url.path, dict(request.headers), raw, body, port)
            )
            reply = script.next()
            if not await _stayed(request, reply.wait):
                script.left += 1
            return _scripted(api, reply) or _answer(api, body)

        return Route(f"/{api}{rerank.PATHS[api]}", speak, methods=["POST"])

    return Starlette(routes=[speaker(api) for api in rerank.PATHS])


async def _stayed(request: Request, seconds: float) -> bool:
    until = monotonic() + seconds
    while monotonic() < until:
        if await request.is_disconnected():
            return False
        await asyncio.sleep(_LOOK)
    return True


def _scripted(api: str, reply: Reply) -> Response | None:
    headers = dict(reply.headers)
    if reply.verbatim is not None:
        return Response(reply.verbatim, reply.status, headers, reply.media_type)
    if reply.status == 200:
        return None
    return JSONResponse(rerank.error(api, reply.error), reply.status, headers)


def _answer(api: str, body: rerank.Json) -> Response:
    if wrong := rerank.wrong(api, body):
        return JSONResponse(rerank.error(api, wrong), 400)
    return JSONResponse(rerank.whole(api, body))
