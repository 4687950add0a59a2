"""How bytes go to a provider and come back: a connection of the event loop's own, for httpcore.

httpcore's own way works with any library for concurrency. For that it makes a scope of
cancellation for every read, and does TLS in Python: with answers that come word by word, the
scopes alone were a tenth of the service's time.
"""

import asyncio
import socket
import ssl
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain, zip_longest
from math import inf
from time import monotonic
from typing import Any, cast

import httpcore2

from gateway.policy.timer import Timer

_MOST = 2**18  # bytes that wait to be read, before the provider has to
_HEAD_START = 0.25  # seconds for an address, before the next is tried beside it


class Wires(httpcore2.AsyncNetworkBackend):
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        assert local_address is None
        assert not socket_options
        with _translated(httpcore2.ConnectTimeout, httpcore2.ConnectError):
            async with asyncio.timeout(timeout):
                return _Wire(await _connected(host, port))


class _Wire(httpcore2.AsyncNetworkStream):
    def __init__(self, ends: "_Ends") -> None:
        self._ends = ends
        self._timer = Timer()

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        ends = self._ends
        if not ends.received and not ends.over:
            try:
                await self._timer.wait(ends.news(), _until(timeout))
            except TimeoutError as error:
                raise httpcore2.ReadTimeout("nothing came in time") from error
        if not ends.received and ends.error:
            raise httpcore2.ReadError(str(ends.error)) from ends.error
        return ends.take(max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        if not buffer:
            return
        with _translated(httpcore2.WriteTimeout, httpcore2.WriteError):
            if self._ends.over:
                raise self._ends.error or ConnectionResetError("the connection was closed")
            self._ends.transport.write(buffer)
            await self._timer.wait(self._ends.writable.wait(), _until(timeout))

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore2.AsyncNetworkStream:
        try:
            with _translated(httpcore2.ConnectTimeout, httpcore2.ConnectError):
                async with asyncio.timeout(timeout):
                    await self._ends.start_tls(ssl_context, server_hostname)
        except BaseException:
            await self.aclose()
            raise
        return self

    async def aclose(self) -> None:
        """At once: with TLS, to take leave would let the provider finish an answer that nobody
        waits for.
        """
        self._timer.close()
        self._ends.transport.abort()

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":  # an idle connection with news is of no use any more
            return self._ends.over or bool(self._ends.received)
        return self._ends.transport.get_extra_info(info)


class _Ends(asyncio.Protocol):
    """What the loop tells of a connection."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport
        self.received = bytearray()
        self.over = False
        self.error: Exception | None = None
        self.writable = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._news: asyncio.Future[None] | None = None

    def news(self) -> "asyncio.Future[None]":
        self._news = self._loop.create_future()
        return self._news

    def take(self, most: int) -> bytes:
        """Nothing when the other side has ended."""
        had = len(self.received)
        data = bytes(memoryview(self.received)[:most])
        del self.received[:most]
        if had >= _MOST > len(self.received):
            self.transport.resume_reading()
        return data

    async def start_tls(self, context: ssl.SSLContext, host: str | None) -> None:
        made = await self._loop.start_tls(self.transport, self, context, server_hostname=host)
        if made is None:  # it was closed amid the handshake
            raise ConnectionResetError("the connection was closed")
        self.transport = made

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.writable.set()

    def data_received(self, data: bytes) -> None:
        self.received += data
        if len(self.received) >= _MOST:
            self.transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        self._end()

    def connection_lost(self, exc: Exception | None) -> None:
        self.error = exc
        self._end()

    def pause_writing(self) -> None:
        self.writable.clear()

    def resume_writing(self) -> None:
        self.writable.set()

    def _end(self) -> None:
        self.over = True
        self.writable.set()
        self._wake()

    def _wake(self) -> None:
        if self._news and not self._news.done():
            self._news.set_result(None)


async def _connected(host: str, port: int) -> _Ends:
    """To the first of its addresses that answers: one that does not holds up the others for a
    moment only.
    """
    waiting = list(_by_turns(await _addresses(host, port)))
    under_way: set[asyncio.Task[_Ends]] = set()
    try:
        while True:
            if waiting:
                under_way.add(asyncio.create_task(_to(waiting.pop(0), port)))
            head_start = _HEAD_START if waiting else None
            done, under_way = await asyncio.wait(
                under_way, timeout=head_start, return_when=asyncio.FIRST_COMPLETED
            )
            made = next((one for one in done if not one.exception()), None)
            if made or not (waiting or under_way):
                under_way |= done - {made}
                return (made or done.pop()).result()
    finally:
        for one in under_way:
            one.cancel()
            one.add_done_callback(_let_go)


async def _addresses(host: str, port: int) -> Sequence[str]:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(where[0]) for *_, where in found))


def _by_turns(addresses: Sequence[str]) -> Iterator[str]:
    """Of both families."""
    sixes = [one for one in addresses if ":" in one]
    fours = [one for one in addresses if ":" not in one]
    return (one for one in chain(*zip_longest(sixes, fours)) if one)


async def _to(address: str, port: int) -> _Ends:
    _, ends = await asyncio.get_running_loop().create_connection(_Ends, address, port)
    return ends


def _let_go(late: "asyncio.Task[_Ends]") -> None:
    with suppress(asyncio.CancelledError, OSError):
        late.result().transport.abort()


def _until(timeout: float | None) -> float:
    return inf if timeout is None else monotonic() + timeout


@contextmanager
def _translated(late: type[Exception], broken: type[Exception]) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise late(str(error)) from error
    except OSError as error:
        raise broken(str(error)) from error
