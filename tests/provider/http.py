"""What every vendor's routes need: the request as it is remembered, errors, frames of a stream."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.provider.prompt_cache import Block
from tests.provider.script import Received, Reply, Script

Json = dict[str, Any]

_HOUR = 3_600.0


async def noted(request: Request, script: Script) -> Json:
    raw = await request.body()
    body = json.loads(raw) if raw else {}
    port = request.client.port if request.client else 0
    script.received.append(Received(request.url.path, dict(request.headers), raw, body, port))
    return dict(body)


async def received(request: Request, script: Script) -> tuple[Json, Reply]:
    """And what is to be said to it."""
    body = await noted(request, script)
    reply = script.next()
    request.scope["fault"] = reply.fault
    await asyncio.sleep(reply.wait)
    return body, reply


def cached(
    request: Request, script: Script, body: Json, reply: Reply, model: str, blocks: Iterable[Block]
) -> Reply:
    """With what the prompt cache did, unless the script says that itself."""
    if reply.cached or reply.written:
        return reply
    found = script.caches.asked(model, body, request.headers, blocks)
    if found is None:
        return reply
    long = sum(tokens for life, tokens in found.lives if life == _HOUR)
    return replace(reply, cached=found.cached, written=found.written, written_long=long)


def scripted(reply: Reply) -> Response | None:
    """What the script says instead of an answer."""
    headers = dict(reply.headers)
    if reply.verbatim is not None:
        return Response(reply.verbatim, reply.status, headers, reply.media_type)
    if reply.status == 200:
        return None
    return error(reply.status, reply.error, reply.code, headers)


def error(
    status: int,
    message: str,
    code: str | None = None,
    headers: dict[str, str] | None = None,
    param: str | None = None,
) -> Response:
    body = {"error": {"message": message, "type": "error", "param": param, "code": code}}
    return JSONResponse(body, status, headers)


async def frames(
    events: Iterator[Json], reply: Reply, *, named: bool, done: bool = True
) -> AsyncIterator[bytes]:
    """`done`: a stream without names ends with a frame that says so."""
    for number, event in enumerate(events):
        if reply.breaks_after is not None and number >= reply.breaks_after:
            return
        name = f"event: {event['type']}\n" if named else ""
        yield f"{name}data: {json.dumps(event)}\n\n".encode()
    if done and not named:
        yield b"data: [DONE]\n\n"
