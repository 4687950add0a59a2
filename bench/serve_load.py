"""Many who ask at once over HTTP: each has a connection, and asks the next question when it has the
answer to the last one. Every stream is read to its end and noted with its times.

Plain sockets, so that it takes little time from who is measured: a frame costs a search for its
end. Knows no service: what is sent, and what the first word's event is called, it is told.
"""

import asyncio
import json
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Literal
from urllib.parse import urlsplit

How = Literal["done", "error", "refused", "broken", "not let in", "asked"]
_PIECE = 2**16  # bytes that are read at once
_CARRIED = 200  # of those read before: an event may come in two pieces
_LAST = re.compile(rb"event: (done|error|response\.completed)\n")
_OVER = b"\r\n0\r\n\r\n"

Body = Callable[[int, int], bytes]  # of an asker's question


@dataclass(frozen=True)
class Questions:
    """No two askers have the same, and nobody asks one twice."""

    texts: Sequence[str]
    sessions: str = ""  # how the names of their conversations begin; empty: they have none

    def text(self, asker: int, question: int) -> str:
        text = self.texts[(asker + question) % len(self.texts)]
        return f"{text} (For file {asker}/{question}.)"

    def session(self, asker: int) -> str:
        return f"{self.sessions}{asker}"

    def body(self, asker: int, question: int) -> bytes:
        asked = {"question": self.text(asker, question), "stream": True}
        named = {"session": self.session(asker)} if self.sessions else {}
        return json.dumps({**asked, **named}).encode()


@dataclass(slots=True)
class Stream:
    """Times by this process' clock. `how` it ended; `asked`: it has not."""

    request: str
    asker: int
    question: int
    begun: float
    first: float | None = None
    provider: float = 0.0  # seconds to the first word, as the provider says
    ended: float = 0.0
    how: How = "asked"
    why: str = ""  # it ended with an error

    @property
    def overhead(self) -> float:
        assert self.first is not None
        return self.first - self.begun - self.provider


@dataclass
class Load:
    """`first`: the event that has the first word, and in it what the provider took."""

    url: str
    path: str
    body: Body
    first: str = "delta"
    streams: list[Stream] = field(default_factory=list)
    most: int = 10**9  # questions of an asker
    over: bool = False  # nothing more is asked

    async def run(self, askers: int, seconds: float, spread: float) -> None:
        """They begin one after the other within `spread` seconds."""
        tasks = [asyncio.create_task(self._ask_on(n, n * spread / askers)) for n in range(askers)]
        await asyncio.wait(tasks, timeout=seconds)
        self.over = True
        await asyncio.gather(*tasks)

    async def _ask_on(self, asker: int, wait: float) -> None:
        await asyncio.sleep(wait)
        connection: _Connection | None = None
        for question in range(self.most):
            if self.over:
                break
            stream = Stream(uuid.uuid4().hex, asker, question, perf_counter())
            self.streams.append(stream)
            try:
                if connection is None:
                    connection = await _connect(self.url)
                await self._ask(connection, stream)
            except (ConnectionError, asyncio.IncompleteReadError):
                stream.how = "broken" if connection and connection.begun else "not let in"
            stream.ended = perf_counter()
            if stream.how != "done":
                _close(connection)
                connection = None
                await asyncio.sleep(0.1)
        _close(connection)

    async def _ask(self, connection: "_Connection", stream: Stream) -> None:
        connection.begun = False
        body = self.body(stream.asker, stream.question)
        connection.writer.write(
            f"POST {self.path} HTTP/1.1\r\nhost: {urlsplit(self.url).netloc}\r\n"
            f"x-request-id: {stream.request}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\n\r\n".encode()
            + body
        )
        head = await connection.reader.readuntil(b"\r\n\r\n")
        connection.begun = True
        if b" 200 " not in head.split(b"\r\n", 1)[0]:
            stream.how, stream.why = "refused", head.decode()
            return
        await self._read(connection.reader, stream)

    async def _read(self, reader: asyncio.StreamReader, stream: Stream) -> None:
        first = re.compile(b'event: %s\ndata: [^\n]*?"(\\d{7})' % re.escape(self.first.encode()))
        seen = b""
        while not seen.endswith(_OVER):
            read = await reader.read(_PIECE)
            if not read:
                raise asyncio.IncompleteReadError(seen, None)
            seen = seen[-_CARRIED:] + read
            if stream.first is None and (found := first.search(seen)):
                stream.first, stream.provider = perf_counter(), int(found[1]) / 1e6
            elif last := _LAST.search(seen):
                stream.how = "error" if last[1] == b"error" else "done"
                stream.why = seen[last.start() :].decode() if stream.how == "error" else ""
        if stream.how == "asked":
            stream.how = "broken"


@dataclass
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    begun: bool = False  # an answer


async def _connect(url: str) -> _Connection:
    place = urlsplit(url)
    return _Connection(*await asyncio.open_connection(place.hostname, place.port))


def _close(connection: _Connection | None) -> None:
    if connection:
        connection.writer.close()
