"""The server itself: routes, scripted errors, event streams. Runs in a thread, on a free port."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.provider import chat, embeddings, responses
from tests.provider.script import Received, Reply, Script


class Provider(Script):
    """A running provider: script it, point a client at `url`, look at `received`."""

    url: str = ""


@contextmanager
def provider() -> Iterator[Provider]:
    running = Provider()
    config = uvicorn.Config(_app(running), port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("the provider did not start")
        thread.join(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    running.url = f"http://127.0.0.1:{port}/v1"
    try:
        yield running
    finally:
        server.should_exit = True
        thread.join(10)


def _app(script: Script) -> Starlette:
    async def received(request: Request) -> tuple[dict[str, Any], Reply]:
        raw = await request.body()
        body = json.loads(raw) if raw else {}
        port = request.client.port if request.client else 0
        script.received.append(Received(request.url.path, dict(request.headers), raw, body, port))
        reply = script.next()
        await asyncio.sleep(reply.wait)
        return body, reply

    async def speak(request: Request) -> Response:
        body, reply = await received(request)
        spoken = responses if request.url.path.endswith("/responses") else chat
        if instead := _scripted(reply) or _unknown(body, spoken.TAKEN):
            return instead
        if not body.get("stream"):
            return JSONResponse(spoken.whole(body, reply))
        named = spoken is responses
        frames = _frames(spoken.events(body, reply), reply, named=named)
        return StreamingResponse(frames, media_type="text/event-stream")

    async def embed(request: Request) -> Response:
        limits = script.limits
        with limits.request():
            body, reply = await received(request)
            if instead := _scripted(reply) or _unknown(body, embeddings.TAKEN):
                return instead
            if wrong := embeddings.wrong(body):
                return _error(400, *wrong)
            if not limits.allow(embeddings.tokens(body)):
                return _error(429, "Rate limit reached", headers=limits.headers())
            return JSONResponse(embeddings.whole(body), headers=limits.headers())

    async def models(request: Request) -> Response:
        _, reply = await received(request)
        model = {
            "id": request.path_params.get("name", "any"),
            "object": "model", "created": 1_780_000_000, "owned_by": "tests",
        }  # fmt: skip
        listed = {"object": "list", "data": [model]}
        return _scripted(reply) or JSONResponse(model if request.path_params else listed)

    return Starlette(
        routes=[
            Route("/v1/responses", speak, methods=["POST"]),
            Route("/v1/chat/completions", speak, methods=["POST"]),
            Route("/v1/embeddings", embed, methods=["POST"]),
            Route("/v1/models", models),
            Route("/v1/models/{name}", models),
        ]
    )


def _scripted(reply: Reply) -> Response | None:
    """What the script says instead of an answer."""
    headers = dict(reply.headers)
    if reply.verbatim is not None:
        return Response(reply.verbatim, reply.status, headers, reply.media_type)
    if reply.status == 200:
        return None
    return _error(reply.status, reply.error, reply.code, headers)


def _unknown(body: dict[str, Any], taken: frozenset[str]) -> Response | None:
    """OpenAI refuses a field that it does not know."""
    unknown = sorted(set(body) - taken)
    if not unknown:
        return None
    return _error(400, f"Unknown parameter: '{unknown[0]}'.", "unknown_parameter")


def _error(
    status: int, message: str, code: str | None = None, headers: dict[str, str] | None = None
) -> Response:
    body = {"error": {"message": message, "type": "error", "param": None, "code": code}}
    return JSONResponse(body, status, headers)


async def _frames(
    events: Iterator[dict[str, Any]], reply: Reply, *, named: bool
) -> AsyncIterator[bytes]:
    for number, event in enumerate(events):
        if reply.breaks_after is not None and number >= reply.breaks_after:
            return
        name = f"event: {event['type']}\n" if named else ""
        yield f"{name}data: {json.dumps(event)}\n\n".encode()
    if not named:
        yield b"data: [DONE]\n\n"
