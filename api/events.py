"""Answers over HTTP: one JSON value, or server-sent events."""

from collections.abc import AsyncIterator, Hashable

from fastapi.responses import Response, StreamingResponse

from wiring.codec import to_json

STREAM = "text/event-stream"
EVENTS = {  # of the OpenAPI document: each event is such an object
    STREAM: {
        "schema": {
            "type": "object",
            "required": ["data"],
            "properties": {name: {"type": "string"} for name in ("event", "id", "data")},
        }
    }
}


def answer_with(value: Hashable) -> Response:
    return Response(to_json(value), media_type="application/json")


def sse(name: str, data: bytes, number: str = "") -> bytes:
    """`number`: its id, with which a client that lost the line comes back."""
    head = f"id: {number}\n".encode() if number else b""
    return head + b"event: " + name.encode() + b"\ndata: " + data + b"\n\n"


def event_stream(events: AsyncIterator[bytes]) -> StreamingResponse:
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(events, media_type=STREAM, headers=headers)
