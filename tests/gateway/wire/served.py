"""A provider that says bytes, and a client of it."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx2

from gateway.http1 import Transport

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
LIMITS = httpx2.Timeout(5)


class Served:
    """A server of bytes, and how many have come to it."""

    def __init__(self, talk: Talk) -> None:
        self.port = 0
        self.came = 0
        self._talk = talk

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.came += 1
        try:
            await self._talk(reader, writer)
        except asyncio.IncompleteReadError:
            pass  # who asked has left
        finally:
            writer.close()


@asynccontextmanager
async def server(talk: Talk, context: ssl.SSLContext | None = None) -> AsyncIterator[Served]:
    served = Served(talk)
    async with await asyncio.start_server(served, "127.0.0.1", 0, ssl=context) as listening:
        served.port = listening.sockets[0].getsockname()[1]
        yield served


@asynccontextmanager
async def client(
    port: int, *, trusting: ssl.SSLContext | None = None, most: int = 10, kept: float = 30
) -> AsyncIterator[httpx2.AsyncClient]:
    context = trusting or ssl.create_default_context()
    scheme = "https" if trusting else "http"
    async with httpx2.AsyncClient(
        transport=Transport(context, most=most, kept=kept),
        base_url=f"{scheme}://127.0.0.1:{port}",
        timeout=LIMITS,
    ) as made:
        yield made


async def asked(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    if b"transfer-encoding: chunked" in head.lower():
        return head, await reader.readuntil(b"0\r\n\r\n")
    _, measured, rest = head.lower().partition(b"content-length: ")
    return head, await reader.readexactly(int(rest.split(b"\r\n")[0]) if measured else 0)


def answering(*answers: bytes, ends: bool = False) -> Talk:
    """Each question with the next one, and the last with the last."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        left = list(answers)
        while True:
            await asked(reader)
            writer.write(left.pop(0) if len(left) > 1 else left[0])
            await writer.drain()
            if ends:
                return

    return talk


def silent(after: bytes = b"") -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if after:
            await asked(reader)
            writer.write(after)
        await asyncio.sleep(30)

    return talk


OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
WORDS = CHUNKED + b"5\r\nhello\r\n6;x=1\r\n world\r\n0\r\nafter: all\r\n\r\n"
