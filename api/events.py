"""Answers over HTTP: one JSON value, or server-sent events."""

from collections.abc import AsyncIterator, Hashable

from fastapi.responses import Response, StreamingResponse

from wiring.codec import to_json


def answer_with(value: Hashable) -> Response:
    return Response(to_json(value), media_type="application/json")


def sse(name: str, data: bytes) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + data + b"\n\n"


def event_stream(events: AsyncIterator[bytes]) -> StreamingResponse:
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)
