"""HTTP/1.1 to providers, for httpx: the event loop's own connections, read by httptools.

httpx's own way reads in Python, for any library of concurrency: a word of an answer costs the
service a fifth more so. No proxies, no HTTP/2.
"""

import asyncio
import re
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import contextmanager
from math import inf
from time import monotonic
from typing import cast

import httpx2
from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from gateway.policy.timer import Timer
from gateway.wire import connected

_Origin = tuple[str, str, int]  # scheme, host, port
_Headers = list[tuple[bytes, bytes]]

_MOST = 2**18  # bytes that wait to be read, before the provider has to
_HEAD = 2**17  # bytes of a head
_NO_HTTP = (HttpParserError, HttpParserUpgrade)
_PORTS = {"http": 80, "https": 443}
_OVER = 200  # statuses below it are said before the answer
_BREAKS = re.compile(rb"[\r\n\0]")


class Transport(httpx2.AsyncBaseTransport):
    """`most`: connections in use, and those kept without use, for so many seconds."""

    def __init__(self, context: ssl.SSLContext, *, most: int, kept: float) -> None:
        self._context = context
        self._kept = kept
        self._free = asyncio.Semaphore(most)
        self._idle: dict[_Origin, list[_Connection]] = {}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        limits = request.extensions.get("timeout", {})
        sent = _head(request)  # refused before a connection is taken
        with _translated(httpx2.PoolTimeout, httpx2.PoolTimeout):
            async with asyncio.timeout(limits.get("pool")):
                await self._free.acquire()
        try:
            connection = await self._connection(request.url, limits.get("connect"))
        except BaseException:
            self._free.release()
            raise
        answer = _Answer(self, connection, limits.get("read"))
        try:
            await connection.ask(sent, request, limits.get("write"))
            status, reason, headers = await connection.head(limits.get("read"))
        except BaseException:
            await answer.aclose()
            raise
        said = {"http_version": b"HTTP/1.1", "reason_phrase": reason}
        return httpx2.Response(status, headers=headers, stream=answer, extensions=said)

    async def aclose(self) -> None:
        for kept in self._idle.values():
            for connection in kept:
                connection.close()
        self._idle.clear()

    def take_back(self, connection: "_Connection") -> None:
        self._free.release()
        if connection.reusable:
            connection.since = monotonic()
            self._idle.setdefault(connection.origin, []).append(connection)
        else:
            connection.close()

    async def _connection(self, url: httpx2.URL, seconds: float | None) -> "_Connection":
        """The one used last, so that the others can grow old."""
        if url.scheme not in _PORTS:
            raise httpx2.UnsupportedProtocol(f"{url} does not begin with http:// or https://")
        host = url.raw_host.decode()
        origin = url.scheme, host, url.port or _PORTS[url.scheme]
        idle = self._idle.get(origin, [])
        while idle and monotonic() - idle[0].since > self._kept:
            idle.pop(0).close()
        while idle:
            if (connection := idle.pop()).reusable:
                return connection
            connection.close()
        context = self._context if url.scheme == "https" else None
        with _translated(httpx2.ConnectTimeout, httpx2.ConnectError):
            async with asyncio.timeout(seconds):
                _, made = await connected(host, origin[2], context, lambda: _Connection(origin))
        return made


class _Answer(httpx2.AsyncByteStream):
    """The body of an answer. Read to its end, its connection is used again."""

    def __init__(
        self, transport: Transport, connection: "_Connection", seconds: float | None
    ) -> None:
        self._transport = transport
        self._connection: _Connection | None = connection
        self._seconds = seconds

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self._connection and (data := await self._connection.read(self._seconds)):
            yield data
        await self.aclose()

    async def aclose(self) -> None:
        connection, self._connection = self._connection, None
        if connection:
            self._transport.take_back(connection)


class _Connection(asyncio.Protocol):
    """One answer after the other. The parser calls what begins with `on_`, the loop the rest that
    its base has.
    """

    def __init__(self, origin: _Origin) -> None:
        self.origin = origin
        self.since = 0.0  # it is not used
        self._transport: asyncio.Transport
        self._loop = asyncio.get_running_loop()
        self._timer = Timer()
        self._news: asyncio.Future[None] | None = None
        self._writable = asyncio.Event()
        self._error: Exception | None = None
        self._lost = False
        self._asked = self._bodiless = False
        self._begin()

    def _begin(self) -> None:
        self._parser = HttpResponseParser(self)
        self._parser.set_dangerous_leniencies(lenient_optional_cr_before_lf=True)  # small servers
        self._reason, self._headers, self._body = b"", _Headers(), bytearray()
        self._length = 0  # of what came
        self._headed = self._measured = self._keeps = self._complete = False

    @property
    def reusable(self) -> bool:
        kept = self._keeps and self._complete and not self._body
        return kept and not self._lost and not self._error

    def close(self) -> None:
        """At once: with TLS, to take leave would let the provider finish an answer that nobody
        waits for.
        """
        self._timer.close()
        self._transport.abort()

    async def ask(self, head: bytes, request: httpx2.Request, seconds: float | None) -> None:
        self._begin()
        self._asked = True
        self._bodiless = request.method == "HEAD"
        with _translated(httpx2.WriteTimeout, httpx2.WriteError):
            async for piece in _pieces(head, request):
                if self._lost:
                    raise self._error or ConnectionResetError("the connection was closed")
                self._transport.write(piece)
                await self._timer.wait(self._writable.wait(), _until(seconds))

    async def head(self, seconds: float | None) -> tuple[int, bytes, _Headers]:
        while not self._headed:
            await self._heard(seconds)
        return self._parser.get_status_code(), self._reason, self._headers

    async def read(self, seconds: float | None) -> bytes:
        """Nothing at the end of the answer."""
        while not self._body:
            if self._complete:
                return b""
            await self._heard(seconds)
        data = bytes(self._body)
        self._body.clear()
        if len(data) >= _MOST and not self._lost:
            self._transport.resume_reading()
        return data

    async def _heard(self, seconds: float | None) -> None:
        if not self._lost and not self._error:
            self._news = self._loop.create_future()
            try:
                await self._timer.wait(self._news, _until(seconds))
            except TimeoutError as error:
                raise httpx2.ReadTimeout("nothing came in time") from error
            return
        if isinstance(self._error, _NO_HTTP):
            raise httpx2.RemoteProtocolError(f"no HTTP: {self._error}") from self._error
        if self._error:
            raise httpx2.ReadError(str(self._error)) from self._error
        where = "in the middle of its answer" if self._headed else "without an answer"
        raise httpx2.RemoteProtocolError(f"the server closed the connection {where}")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        self._error = self._error or self._read_in(data)
        if len(self._body) >= _MOST:
            self._transport.pause_reading()
        self._wake()

    def _read_in(self, data: bytes) -> Exception | None:
        if not self._asked or self._complete:
            return ConnectionError("it says what it was not asked for")
        try:
            self._parser.feed_data(data)
        except _NO_HTTP as error:
            return error
        self._length += len(data)
        too_long = not self._headed and self._length > _HEAD
        return HttpParserError("its head has no end") if too_long else None

    def connection_lost(self, exc: Exception | None) -> None:
        self._error = self._error or exc
        self._lost = True
        if self._headed and not self._measured and not exc:
            self._complete = True  # its end is the end of the answer
        self._writable.set()
        self._wake()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def on_status(self, status: bytes) -> None:
        self._reason += status

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._headed:  # what follows the body says nothing to us
            self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        if self._headed:
            raise HttpParserError("a second answer")
        if self._parser.get_status_code() < _OVER:
            self._reason, self._headers = b"", _Headers()
            return
        self._headed, self._keeps = True, self._parser.should_keep_alive()
        names = {name.lower() for name, _ in self._headers}
        self._measured = bool(names & {b"content-length", b"transfer-encoding"})
        if self._bodiless:
            self._complete = True

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        self._complete = self._headed

    def _wake(self) -> None:
        if self._news and not self._news.done():
            self._news.set_result(None)


def _head(request: httpx2.Request) -> bytes:
    lines = [b"%s %s HTTP/1.1" % (request.method.encode(), request.url.raw_path)]
    lines += [b"%s: %s" % header for header in request.headers.raw]
    if any(_BREAKS.search(line) for line in lines):
        raise httpx2.LocalProtocolError("a header has a line end")
    return b"\r\n".join((*lines, b"", b""))


async def _pieces(head: bytes, request: httpx2.Request) -> AsyncGenerator[bytes, None]:
    """As one where it has a length: a body of its own costs a further packet."""
    assert isinstance(request.stream, httpx2.AsyncByteStream)
    chunked = request.headers.get("transfer-encoding") == "chunked"
    async for piece in request.stream:
        if piece:
            yield head + (b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
            head = b""
    if chunked:
        head += b"0\r\n\r\n"
    if head:
        yield head


def _until(seconds: float | None) -> float:
    return inf if seconds is None else monotonic() + seconds


@contextmanager
def _translated(
    late: type[httpx2.TransportError], broken: type[httpx2.TransportError]
) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise late(str(error)) from error
    except OSError as error:
        raise broken(str(error)) from error
