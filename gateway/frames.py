"""What an OpenAI client is asked over HTTP: a request's body goes out as it is, the events of a
stream come back as parsed JSON.

The SDK tries every event against each type of event that there is, and copies every request: to
read a stream takes twice as long so.
"""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterator, Mapping
from contextlib import aclosing, suppress
from typing import Any, TypeVar, cast

import httpx2
import openai
from pydantic_core import from_json

Frame = Mapping[str, Any]

_Answer = TypeVar("_Answer", bound=openai.BaseModel)

_BLANK_LINE = re.compile(rb"(?:\r\n|\n|\r(?!\n)){2}")
_FIELD = b"data:"
_OVER = b"[DONE]"
_LAST_BYTES = 0.1  # seconds for what follows it, so that the connection can be kept


class Frames(openai.AsyncStream[Frame]):
    def __init__(self, **made: Any) -> None:
        super().__init__(**made)
        del self._iterator  # the SDK's: it holds this, and with it request and answer

    async def __aiter__(self) -> AsyncIterator[Frame]:
        try:
            events = Events()
            async with aclosing(self._chunks()) as chunks:
                async for chunk in chunks:
                    for data in events.of(chunk):
                        if data.startswith(_OVER):
                            await _to_the_end(chunks)
                            return
                        yield self._read(data)
        except httpx2.RequestError as error:
            raise openai.APIConnectionError(request=self.response.request) from error

    def _chunks(self) -> AsyncGenerator[bytes, None]:
        """As they come, where nothing is to be unpacked: httpx hands each on three times."""
        if "content-encoding" in self.response.headers:
            return self.response.aiter_bytes()
        return cast(
            "AsyncGenerator[bytes, None]", aiter(cast("AsyncIterable[bytes]", self.response.stream))
        )

    def _read(self, data: bytes) -> Frame:
        frame = _parsed(data)
        if error := frame.get("error"):
            said = error.get("message") if isinstance(error, dict) else error
            raise openai.APIError(str(said), self.response.request, body=error)
        return frame


def _parsed(data: bytes) -> Frame:
    frame: Frame
    try:
        frame = from_json(data)  # three times as fast
    except ValueError:
        frame = json.loads(data.decode())  # takes half of a surrogate pair, too
    return frame


async def post(
    client: openai.AsyncOpenAI, path: str, body: Mapping[str, object], answer: type[_Answer]
) -> _Answer:
    return await client.post(
        path, body=body, cast_to=answer, options={"security": {"bearer_auth": True}}
    )


async def post_for_frames(
    client: openai.AsyncOpenAI, path: str, body: Mapping[str, object]
) -> Frames:
    return await client.post(
        path,
        body={**body, "stream": True},
        cast_to=dict[str, object],
        options={"security": {"bearer_auth": True}},
        stream=True,
        stream_cls=Frames,
    )


class Events:
    """The data of each whole event, however the bytes are cut. What has no end is left out."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def of(self, chunk: bytes) -> Iterator[bytes]:
        buffer = self._buffer
        looked_at = max(0, len(buffer) - 3)  # a blank line has at most four bytes
        buffer += chunk
        while end := _blank_line(buffer, looked_at):
            event, looked_at = bytes(buffer[: end[0]]), 0
            del buffer[: end[1]]
            if data := b"\n".join(_data(event)):
                yield data


def _blank_line(buffer: bytearray, since: int) -> tuple[int, int] | None:
    """The expression alone takes as long as all else that is done with an event."""
    if buffer.find(b"\r", since) < 0:
        at = buffer.find(b"\n\n", since)
        return (at, at + 2) if at >= 0 else None
    found = _BLANK_LINE.search(buffer, since)
    return found.span() if found else None


def _data(event: bytes) -> Iterator[bytes]:
    for line in event.splitlines():
        if line.startswith(_FIELD):
            yield line[len(_FIELD) :].removeprefix(b" ")


async def _to_the_end(chunks: AsyncIterable[bytes]) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(_LAST_BYTES):
            async for _ in chunks:
                pass
