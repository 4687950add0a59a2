"""A connection to a provider, with TLS or without: to the first of its addresses that answers."""

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import chain, zip_longest
from typing import TypeVar

_HEAD_START = 0.25  # seconds for an address, before the next is tried beside it

_Ends = TypeVar("_Ends", bound=asyncio.Protocol)
_Made = tuple[asyncio.Transport, _Ends]


async def connected(
    host: str, port: int, context: ssl.SSLContext | None, ends: Callable[[], _Ends]
) -> _Made[_Ends]:
    """An address that does not answer holds up the others for a moment only."""
    waiting = list(_by_turns(await _addresses(host, port)))
    under_way: set[asyncio.Task[_Made[_Ends]]] = set()
    try:
        while True:
            if waiting:
                trying = _to(waiting.pop(0), port, context, host, ends)
                under_way.add(asyncio.create_task(trying))
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


async def _to(
    address: str, port: int, context: ssl.SSLContext | None, host: str, ends: Callable[[], _Ends]
) -> _Made[_Ends]:
    return await asyncio.get_running_loop().create_connection(
        ends, address, port, ssl=context, server_hostname=host if context else None
    )


def _let_go(late: "asyncio.Task[_Made[_Ends]]") -> None:
    with suppress(asyncio.CancelledError, OSError):
        late.result()[0].abort()
